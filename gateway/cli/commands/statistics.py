"""`statistics`: the figures that authorities report."""

from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_table, say


@command(
    "statistics",
    example="mla-gateway statistics --since 2026-01-01 --until 2027-01-01 "
    "--by instrument,country --csv --out 2026.csv",
)
@click.option("--since", required=True, metavar="DAY", help="First day, UTC.")
@click.option("--until", required=True, metavar="DAY", help="The day after the last.")
@click.option(
    "--by",
    default="direction,instrument",
    show_default=True,
    metavar="NAMES",
    help="Split by any of direction, partner, country, instrument, type, assist, "
    "offence, data_type, urgency.",
)
@click.option(
    "--published",
    is_flag=True,
    help="Leave out numbers that rest on fewer than five requests.",
)
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of a table.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write CSV to this new file."
)
@pass_invocation
def statistics(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    *,
    since: str,
    until: str,
    by: str,
    published: bool,
    as_csv: bool,
    out: Path | None,
) -> None:
    """Figures of the requests of a period, as authorities report them.

    Requests are counted by the day they were written. They hold no personal data, and
    are kept when a case is erased. Times are in days.
    """
    from gateway.admin.statistics_shapes import StatisticsQuery
    from gateway.client import calls

    query = StatisticsQuery(since=since, until=until, by=by, published=published)
    if out is not None:
        with new_file(out) as file:
            file.write(invocation.send(calls.statistics_csv(query)))
        say(str(out))
    elif as_csv:
        click.echo(invocation.send(calls.statistics_csv(query)).decode(), nl=False)
    else:
        found = invocation.send(calls.statistics(query))
        if invocation.as_json:
            print_json(found)
            return
        words = {one.name: one.en for one in found.figures}
        print_table(
            ("FIGURE", *(name.upper() for name in found.by), "CODE", "VALUE", "MEDIAN"),
            [
                (words[row.figure], *row.split, row.code, row.value or "-", row.median)
                for row in found.rows
            ],
        )
