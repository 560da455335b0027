"""`recover`: make our own log whole again, on its machine, with the node stopped."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, say
from gateway.cli.two_persons import person_option
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.assembly.recovering import LogStanding
    from gateway.storage.rewriting import Restored

_TO_DO = {
    "msg.receive": "from {}: ask them to send it again",
    "msg.send": "to {}: they may have it; else send it again",
    "msg.hold": "to {}: was not sent; submit it again",
}


@command("recover", example="mla-gateway --home /srv/mla recover --status")
@click.option("--status", is_flag=True, help="Say what is missing; change nothing.")
@click.option(
    "--tail",
    type=click.Path(path_type=Path),
    help="Put the end of our log back from this folder, an export or a mirror of it.",
)
@click.option(
    "--new-epoch",
    is_flag=True,
    help="Begin a new log: with --out make the request to the root, with --statement "
    "put its answer into force.",
)
@click.option(
    "--statement",
    type=click.Path(path_type=Path),
    help="With --new-epoch: what the root signed.",
)
@click.option(
    "--past",
    type=click.IntRange(min=1),
    help="Write this earlier log of ours, with what it disclosed, to --out.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="New file for the request, or new folder for an earlier log.",
)
@person_option
@pass_invocation
def recover(  # noqa: PLR0913 - an option is an argument
    invocation: Invocation,
    *,
    status: bool,
    tail: Path | None,
    new_epoch: bool,
    statement: Path | None,
    past: int | None,
    out: Path | None,
    persons: tuple[Path, ...],
) -> None:
    """Make our log whole after an old backup was restored.

    The node has to be stopped. With --tail, what somebody kept of our log is checked
    down to the last byte and put back, and what this machine logged meanwhile is
    logged again after it. If the end is lost for good, --new-epoch begins another log,
    which the root has to vouch for. Each does all or nothing; repeat it after a crash.
    """
    from gateway.cli import local

    given = [status, tail is not None, new_epoch, past is not None]
    if given.count(True) != 1:
        raise UsageError("recover: give one of --status, --tail, --new-epoch, --past")
    if (new_epoch and (out is None) == (statement is None)) or (past and out is None):
        raise UsageError("recover: --new-epoch and --past need --out or --statement")
    home = invocation.home
    if status:
        _show(invocation, local.log_standing(home))
    elif tail is not None:
        _tell(invocation, local.restore_tail(home, tail, persons))
    elif past is not None and out is not None:
        size = local.export_past(home, past, out)
        _say(invocation, {"folder": str(out), "size": size}, f"{out}: {size} entries")
    elif statement is not None:
        _begin(invocation, statement, persons)
    elif out is not None:
        _request(invocation, out)


def _request(invocation: Invocation, out: Path) -> None:
    from gateway.cli import local
    from gateway.cli.files import new_file

    with new_file(out) as file:
        origin, asked = local.epoch_request(invocation.home)
        file.write(asked)
    _say(
        invocation,
        {"request": str(out), "log": origin},
        f"{out}: asks for {origin}; sign it where the root keys are, with "
        f"`mla-gateway root sign {out} --keys FOLDER --out STATEMENT`, then run "
        "`mla-gateway recover --new-epoch --statement STATEMENT`",
    )


def _begin(invocation: Invocation, statement: Path, persons: tuple[Path, ...]) -> None:
    from gateway.cli import local
    from gateway.cli.files import read_input
    from gateway.core.limits import MAX_LOG_PROOF_BYTES

    proof = read_input(statement, max_bytes=MAX_LOG_PROOF_BYTES)
    done = local.begin_epoch(invocation.home, proof, persons)
    document: dict[str, object] = {"log": done.origin, "old_log": str(done.folder)}
    if done.begun is None:
        _say(invocation, document, f"{done.origin}: was begun before; it is in force")
        return
    begun = done.begun
    document |= {
        "proofs": begun.proofs,
        "carried": begun.carried,
        "logged_again": begun.logged_again,
    }
    _say(
        invocation,
        document,
        f"{done.origin}: begun; {begun.carried} messages carried over, {begun.proofs} "
        f"proofs kept under the old log, {begun.logged_again} entries logged again. "
        f"The old log is in {done.folder}",
    )


def _say(invocation: Invocation, document: dict[str, object], text: str) -> None:
    if invocation.as_json:
        print_json(document)
    else:
        say(text)


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
        say(f"lost: message {one.id} {_TO_DO[one.kind].format(one.peer)}")
