"""`evidence check`, `evidence ack` and `evidence custody`: what came, and its way."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.files import new_file
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_json, print_line, print_table, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.admin.verification_shapes import (
        AckDraft,
        FileVerification,
        Rejection,
        Verification,
    )

_FILE = click.Path(path_type=Path)


@command(
    "check",
    example="mla-gateway evidence check 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203",
)
@click.argument("message_id", metavar="ID")
@pass_invocation
def check(invocation: Invocation, message_id: str) -> None:
    """What looking at the files of a message has shown.

    Size and digests, structure, chain of custody, signatures of persons. Who signed is
    shown to a caseworker who has opened the message. Exit code 7 says that something
    speaks against a file, 8 that not all were looked at yet.
    """
    from gateway.client.verification_calls import verification

    known = invocation.send(verification(message_id))
    if invocation.as_json:
        print_json(known)
    else:
        _show(known)
    if any(one.faults for one in known.files):
        click.get_current_context().exit(ExitCode.NOT_VERIFIED)
    if not known.complete:
        click.get_current_context().exit(ExitCode.IN_PART)


def _show(known: "Verification") -> None:
    if not known.files:
        say("no files came with this message")
        return
    print_table(
        ("ATTACHMENT", "ITEM", "STATE", "DIGESTS", "STRUCTURE", "CUSTODY", "RESULT"),
        [
            (
                one.aid,
                one.item_id,
                one.state,
                " ".join(one.compared),
                one.structure,
                one.custody,
                _result(one),
            )
            for one in known.files
        ],
    )
    for one in known.files:
        for line in _remarks(one):
            say(f"{one.item_id or one.aid}: {line}")


def _result(file: "FileVerification") -> str:
    if not file.checked_at:
        return "not looked at"
    return "faulty" if file.faults else "good"


def _remarks(file: "FileVerification") -> Iterator[str]:
    from gateway.cli.custody import signature_text

    yield from file.faults
    if file.looks_like:
        yield f"the content begins like {file.looks_like}"
    yield from (f"{remark.sentence} [{remark.code}]" for remark in file.remarks)
    yield from map(signature_text, file.signatures)


@command(
    "ack",
    example="mla-gateway evidence ack 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    "--out receipt.json",
)
@click.argument("message_id", metavar="ID")
@click.option(
    "--reject",
    "rejected",
    multiple=True,
    metavar="ITEM",
    help="An item that is not accepted whatever the node found; needs --reason.",
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    help="Why, for the sender to read; one for each --reject, in their order.",
)
@click.option(
    "--accept",
    "vouched",
    multiple=True,
    metavar="ITEM",
    help="An item that came by another way, and is whole.",
)
@click.option("--out", type=_FILE, help="New file for the form; else stdout.")
@click.option("--send", "is_sent", is_flag=True, help="Send it at once.")
@pass_invocation
def ack(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    message_id: str,
    *,
    rejected: tuple[str, ...],
    reasons: tuple[str, ...],
    vouched: tuple[str, ...],
    out: Path | None,
    is_sent: bool,
) -> None:
    """The receipt of evidence (EVD_ACK), filled in from what was found.

    What the node found right is accepted, what it found wrong is rejected with the
    reason. Without --send nothing is sent: read it, then use `send`.
    """
    from gateway.admin.verification_shapes import AckRequest
    from gateway.client.verification_calls import draft_evidence_ack

    if out is not None and is_sent:
        raise UsageError("ack: either --out or --send")
    request = AckRequest(rejected=_rejections(rejected, reasons), vouched=vouched)
    drafted = invocation.send(draft_evidence_ack(message_id, request))
    for item in drafted.left_out:
        say(f"left out, because nobody knows whether it came whole: {item} (--accept)")
    if is_sent:
        _send(invocation, drafted, message_id)
    elif out is not None:
        with new_file(out) as file:
            file.write((json_text(drafted.document, indent=2) + "\n").encode())
        say(f"{out}: send it with: mla-gateway send --to {drafted.to} --message {out}")
    elif invocation.as_json:
        print_json(drafted)
    else:
        print_json(drafted.document, indent=2)


def _rejections(
    rejected: Sequence[str], reasons: Sequence[str]
) -> "tuple[Rejection, ...]":
    from gateway.admin.verification_shapes import Rejection

    if len(rejected) != len(reasons):
        raise UsageError("ack: one --reason for each --reject")
    return tuple(
        Rejection(item=item, reason=reason)
        for item, reason in zip(rejected, reasons, strict=True)
    )


def _send(invocation: Invocation, drafted: "AckDraft", message_id: str) -> None:
    from gateway.admin.shapes import SubmitRequest
    from gateway.client.calls import submit

    request = SubmitRequest(to=drafted.to, message=drafted.document)
    # The same receipt twice is one; another one is told to be another.
    key = f"evidence-ack:{message_id}"
    submitted = invocation.send(submit(request, idempotency_key=key))
    if invocation.as_json:
        print_json(submitted)
    else:
        print_line(submitted.id)
        say(f"{submitted.state}, logged at {submitted.index}")


@command(
    "custody",
    example="mla-gateway evidence custody 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--purpose "for the file of the court" --out custody-17',
)
@click.argument("message_id", metavar="ID")
@click.option("--purpose", required=True, help="Why; it is logged with your name.")
@click.option(
    "--out",
    type=_FILE,
    required=True,
    help="New or empty folder for the report.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr"]),
    default="en",
    show_default=True,
    help="Of the page's words; texts stand in the languages they were written in.",
)
@pass_invocation
def custody(
    invocation: Invocation,
    message_id: str,
    *,
    purpose: str,
    out: Path,
    language: str,
) -> None:
    """The chain of custody of a message's evidence; the access is logged.

    A page to print, JSON, a CASE/UCO graph and a list of digests; and the proofs of
    the entries of our log that they name.
    """
    from gateway.admin.opening_shapes import OpenRequest
    from gateway.cli.custody import custody_report, proofs_of, write_report
    from gateway.client.calls import open_message
    from gateway.verifier.files import NewFolder

    # The folder first: an access for nothing should not stand in the log.
    folder = NewFolder.create(out)
    opened = invocation.send(open_message(message_id, OpenRequest(purpose=purpose)))
    proofs = proofs_of(invocation, opened.id)
    report = custody_report(invocation, opened, purpose=purpose, proofs=proofs)
    write_report(report, folder, language, proofs)
    if invocation.as_json:
        print_json(
            {
                "id": opened.id,
                "path": str(out),
                "index": opened.index,
                "items": len(report.items),
                "proofs": len(proofs),
            },
        )
    else:
        say(
            f"{out}: custody.html to print, {len(report.items)} items, "
            f"{len(proofs)} proofs; the access is entry {opened.index}",
        )
