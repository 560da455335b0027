"""`support bundle`: what helps those who help, without anything of a case."""

import sys
from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say


@command("bundle", example="mla-gateway support bundle --out mla-support.zip")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="New file for the bundle.",
)
@click.option(
    "--log",
    "node_log",
    type=click.Path(path_type=Path),
    help="The node's own log (JSON lines); of each line only event, code and numbers.",
)
@click.option("--yes", is_flag=True, help="Do not ask before it is written.")
@pass_invocation
def bundle(
    invocation: Invocation, *, out: Path, node_log: Path | None, yes: bool
) -> None:
    """Write how the node is to a file that can be given to others.

    First it lists what is in it, and at a terminal asks. There are no keys, no
    content, no names of persons and no ids of messages or cases in it. Exit code 8 if
    something could not be asked.
    """
    from gateway.cli.connection import check_home
    from gateway.cli.files import new_file
    from gateway.cli.support import collect, pack

    check_home(invocation.home)
    pieces = collect(invocation, node_log)
    for piece in pieces:
        say(f"{len(piece.content):>9}  {piece.name:<18} {piece.what}")
    if not yes and sys.stdin.isatty() and not click.confirm("Write it?", err=True):
        raise click.Abort
    with new_file(out) as file:
        file.write(pack(pieces))
    is_whole = all(piece.name != "missing.json" for piece in pieces)
    if invocation.as_json:
        names = [piece.name for piece in pieces]
        print_json({"file": str(out), "files": names, "whole": is_whole})
    else:
        say(f"written to {out}")
    code = ExitCode.DONE if is_whole else ExitCode.IN_PART
    click.get_current_context().exit(code)
