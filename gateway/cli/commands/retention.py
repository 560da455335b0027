"""`erase` and `audit prune`: removing for good what may no longer be kept."""

import sys
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say
from gateway.core.errors import NotAllowedError, UsageError

if TYPE_CHECKING:
    from gateway.admin.retention_shapes import Erasure, Pruning

_basis_option = click.option(
    "--basis",
    required=True,
    help="Code of the legal basis; it stands in the log in the clear.",
)
_dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Only show what would be removed.",
)
_yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@command(
    "erase",
    example="mla-gateway erase --case 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--basis retention-10y --reason "end of the retention period"',
)
@click.argument("message_ids", metavar="[ID]...", nargs=-1)
@click.option("--case", default="", help="All messages of this case.")
@_basis_option
@click.option(
    "--reason",
    required=True,
    help="Why; it is logged with your name. No names, no case numbers.",
)
@_dry_run_option
@_yes_option
@pass_invocation
def erase(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    message_ids: tuple[str, ...],
    *,
    case: str,
    basis: str,
    reason: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Erase messages that are ended.

    Their content, files, case data and index are gone for good: all of them or none.
    Proofs and receipts stay, and so does who read them, when and why.
    """
    from gateway.admin.retention_shapes import EraseRequest
    from gateway.client.retention_calls import erase_messages

    if bool(message_ids) is bool(case):
        raise UsageError("erase: name either messages or --case")

    def send(*, preview: bool) -> "Erasure":
        request = EraseRequest(
            basis=basis,
            reason=reason,
            ids=message_ids,
            case=case,
            preview=preview,
        )
        return invocation.send(erase_messages(request))

    if dry_run or not yes:
        plan = send(preview=True)
        _show_erasure(invocation, plan, is_answer=dry_run)
        if dry_run:
            return
        _ask(f"Erase {len(plan.items)} message(s) for good?")
    done = send(preview=False)
    if invocation.as_json:
        print_json(done)
    else:
        count = sum(item.index is not None for item in done.items)
        say(f"{count} erased; the last copy is gone after {done.until}")


def _show_erasure(invocation: Invocation, plan: "Erasure", *, is_answer: bool) -> None:
    """Show what would be erased: as the answer, or for a person who is asked."""
    if invocation.as_json:
        if is_answer:
            print_json(plan)
        return
    if is_answer:
        print_table(
            ("MESSAGE", "BOX", "STATE", "CANNOT BE ERASED NOW"),
            [(one.id, one.box, one.state, one.obstacle) for one in plan.items],
        )
    kept = sum(bool(item.obstacle) for item in plan.items)
    say(
        f"{len(plan.items)} message(s) of {plan.content_bytes} bytes, {plan.files} "
        f"file(s) of {plan.file_bytes} bytes, {plan.disclosures} disclosure(s); the "
        f"last copy would be gone after {plan.until}",
    )
    if kept:
        say(f"{kept} can't be erased now, so nothing would be")


@command(
    "prune",
    example='mla-gateway audit prune --below 25600 --basis "log retention 10 years"',
)
@click.option(
    "--below",
    required=True,
    type=click.IntRange(min=1),
    help="Index of the first entry that stays whole; a multiple of 256.",
)
@_basis_option
@click.option("--reason", default="", help="Why; it is logged with your name.")
@_dry_run_option
@_yes_option
@pass_invocation
def prune(
    invocation: Invocation,
    *,
    below: int,
    basis: str,
    reason: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Remove what people did long ago from the log.

    Of entries below the index that say what people did, only the hash stays, and
    nobody can be named any more. All proofs stay valid.
    """
    from gateway.admin.retention_shapes import PruneRequest
    from gateway.client.retention_calls import prune_log

    def send(*, preview: bool) -> "Pruning":
        request = PruneRequest(
            below=below,
            basis=basis,
            reason=reason,
            preview=preview,
        )
        return invocation.send(prune_log(request))

    if dry_run or not yes:
        plan = send(preview=True)
        if dry_run:
            _show_pruning(invocation, plan)
            return
        say(f"{plan.entries} entries and {plan.disclosures} disclosures")
        _ask(f"Prune the log below entry {plan.minimum} for good?")
    _show_pruning(invocation, send(preview=False))


def _show_pruning(invocation: Invocation, pruning: "Pruning") -> None:
    if invocation.as_json:
        print_json(pruning)
        return
    print_fields(
        {
            "below": pruning.minimum,
            "entries": pruning.entries,
            "disclosures": pruning.disclosures,
            "keys destroyed": pruning.rings,
            "logged at": ", ".join(map(str, pruning.indices)),
            "result": "PRUNED" if pruning.pruned else "nothing was removed yet",
        },
    )


def _ask(question: str) -> None:
    """Return once a person has said yes.

    Raises:
        UsageError: There is nobody to ask.
        NotAllowedError: The person said no.
    """
    if not sys.stdin.isatty():
        raise UsageError("removing for good: no terminal to ask at; give --yes")
    if not click.confirm(question, err=True):
        raise NotAllowedError("nothing was removed")
