"""`bench`: measure how fast the gateway is here; from its source tree only."""

from pathlib import Path

import click

import gateway
from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.core.errors import NeedsSourceError

_FOLDER = click.Path(file_okay=False, path_type=Path)


@command("bench", example="mla-gateway bench exchange --quick")
@click.argument("scenarios", nargs=-1)
@click.option("--quick", is_flag=True, help="Small amounts: under two minutes in all.")
@click.option("--folder", type=_FOLDER, help="Where scratch files go; else some disk.")
@click.option("--out", type=_FOLDER, help="Write results and a plot into this folder.")
@pass_invocation
def bench(
    invocation: Invocation,
    scenarios: tuple[str, ...],
    *,
    quick: bool,
    folder: Path | None,
    out: Path | None,
) -> None:
    """Measure how fast the gateway is on this machine.

    Sets up nodes of its own in a temporary folder; yours is not touched. Each speed
    stands beside a limit taken in the same run. All SCENARIOS, or those named. Exit
    status: 0 all goals met, 1 some missed, 2 something could not be measured.
    """
    # An installed package of that name may be anybody's: ours lies beside this one.
    tree = Path(gateway.__file__).parent.parent
    if not (tree / "benchmarks" / "programme.py").exists():
        raise NeedsSourceError(
            "benchmarks: not part of an installed gateway; in a copy of its source "
            "tree, run `make bench`",
        )
    from benchmarks.programme import Asked, measure

    asked = Asked(
        scenarios=scenarios,
        is_quick=quick,
        as_json=invocation.as_json,
        folder=folder,
        out=out,
    )
    click.get_current_context().exit(measure(asked))
