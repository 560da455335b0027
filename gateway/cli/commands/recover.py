"""`recover`: make our own log whole again, on its machine, with the node stopped."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.assembly.recovering import LogStanding
    from gateway.storage.rewriting import Restored

_WHOSE = {"msg.receive": "from", "msg.send": "to", "msg.hold": "to"}


@command("recover", example="mla-gateway --home /srv/mla recover --status")
@click.option("--status", is_flag=True, help="Say what is missing; change nothing.")
@click.option(
    "--tail",
    type=click.Path(path_type=Path),
    help="Put the end of our log back from this folder, an export or a mirror of it.",
)
@pass_invocation
def recover(invocation: Invocation, *, status: bool, tail: Path | None) -> None:
    """Make our log whole after an old backup was restored.

    The node has to be stopped. What somebody kept of our log is checked down to the
    last byte, put back, and what this machine logged meanwhile is logged again after
    it. All of it happens in one step, or nothing does; repeat it after a crash.
    """
    from gateway.cli import local

    if status == (tail is not None):
        raise UsageError("recover: give either --status or --tail FOLDER")
    if tail is None:
        _show(invocation, local.log_standing(invocation.home))
    else:
        _tell(invocation, local.restore_tail(invocation.home, tail))


def _show(invocation: Invocation, standing: "LogStanding") -> None:
    from gateway.core.values import format_time

    if invocation.as_json:
        print_json(
            {
                "log": standing.origin,
                "size": standing.head.size,
                "recovery": bool(standing.notes),
                "missing": [
                    {
                        "held_by": note.source,
                        "size": note.size,
                        "root": note.root.hex(),
                        "found_at": format_time(note.found_at),
                    }
                    for note in standing.notes
                ],
            },
        )
        return
    say(f"{standing.origin}: {standing.head.size} entries in the database")
    for note in standing.notes:
        say(
            f"missing: size {note.size}, held by {note.source}, "
            f"found {format_time(note.found_at)}",
        )
    if not standing.notes:
        say("nothing is known to be missing")


def _tell(invocation: Invocation, done: "Restored") -> None:
    if invocation.as_json:
        print_json(
            {
                "common": done.common,
                "restored": done.restored,
                "logged_again": done.moved,
                "disowned_checkpoints": done.disowned,
                "lost": [
                    {"id": one.id, "peer": one.peer, "kind": one.kind}
                    for one in done.lost
                ],
            },
        )
        return
    say(
        f"the log is whole: {done.common} entries were there, {done.restored} were "
        f"put back, {done.moved} logged again after them",
    )
    if done.disowned:
        say(
            f"{done.disowned} checkpoints were signed over entries that moved; if one "
            "was given to anybody, tell them",
        )
    for one in done.lost:
        say(f"lost: message {one.id} {_WHOSE[one.kind]} {one.peer}: ask for it again")
