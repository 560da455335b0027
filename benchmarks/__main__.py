"""Measure how fast the gateway is, each speed beside a limit taken in the same run.

    python -m benchmarks
    python -m benchmarks exchange slow_disk --quick
    python -m benchmarks --json > results.json

Exit status: 0 all goals met, 1 some missed, 2 something could not be measured.
"""

import sys
from pathlib import Path

import click

from benchmarks.performance_page import write_page
from benchmarks.programme import PLOT_FILE, RESULTS_FILE, Asked, measure
from benchmarks.registry import all_scenarios
from gateway.core.errors import GatewayError


@click.command(help="\b\n" + (__doc__ or ""))
@click.argument("scenarios", nargs=-1)
@click.option("--quick", is_flag=True, help="Small amounts: under two minutes in all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Where scratch files go; else a disk is looked for.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Write {RESULTS_FILE} and {PLOT_FILE} into this folder.",
)
@click.option("--list", "only_list", is_flag=True, help="Name the scenarios, and end.")
@click.option(
    "--write-docs",
    is_flag=True,
    help="Write docs/performance.md anew from benchmarks/results, and end.",
)
def main(  # noqa: PLR0913 - one parameter an option
    scenarios: tuple[str, ...],
    *,
    quick: bool,
    as_json: bool,
    folder: Path | None,
    out: Path | None,
    only_list: bool,
    write_docs: bool,
) -> None:
    """Measure what was asked for."""
    if only_list:
        for one in all_scenarios().values():
            click.echo(f"{one.name:12} {one.summary}")
        return
    asked = Asked(
        scenarios=scenarios,
        is_quick=quick,
        as_json=as_json,
        folder=folder,
        out=out,
    )
    try:
        if write_docs:
            write_page()
            return
        sys.exit(measure(asked))
    except GatewayError as error:
        raise click.UsageError(f"{error.code}: {error}") from error


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
