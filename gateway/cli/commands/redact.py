"""`redact`: a redacted copy and its original, at hand or kept by the node."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_json, print_text, say
from gateway.mla.redaction import REASONS

if TYPE_CHECKING:
    from gateway.admin.opening_shapes import Original
    from gateway.cli.files import ResultFolder

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command(
    "record",
    example="mla-gateway redact record original.pdf copy.pdf --reason THIRD_PARTY "
    '--rule "names of third parties" --by "A. Tamm" --out copy.redaction.json',
)
@click.argument("source", metavar="ORIGINAL", type=_FILE)
@click.argument("result", metavar="COPY", type=_FILE)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    required=True,
    type=click.Choice(REASONS),
    help="Why something is left out; may be repeated.",
)
@click.option(
    "--rule", required=True, help="What is left out, without saying what it was."
)
@click.option("--by", required=True, help="Who made the copy.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The record. Keep it with the original, as secret as that.",
)
@pass_invocation
def record(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    source: Path,
    result: Path,
    *,
    reasons: tuple[str, ...],
    rule: str,
    by: str,
    out: Path,
) -> None:
    """Commit a redacted copy to its original.

    Prints the fields that belong into the manifest item of the copy. They say nothing
    of the original; with the record it can be shown later that this copy was made of
    it. Neither file leaves this machine, and no node is needed. A message with a
    redacted copy waits until a second person lets it go.
    """
    import nacl.utils

    from gateway.cli.files import new_file
    from gateway.core.errors import UsageError
    from gateway.core.values import UnixMs, new_uuid7
    from gateway.mla.redaction import SALT_BYTES, RedactionRecord

    digests = _digest(source), _digest(result)
    if digests[0] == digests[1]:
        raise UsageError("redact: original and copy are the same file, byte for byte")
    now = datetime.now(UTC).replace(microsecond=0)
    made = RedactionRecord(
        redaction_id=new_uuid7(UnixMs(round(now.timestamp() * 1000))),
        source_sha256=digests[0],
        result_sha256=digests[1],
        salt=nacl.utils.random(SALT_BYTES),
        reasons=tuple(dict.fromkeys(reasons)),
        rule=rule,
        by=by,
        at=now.isoformat().replace("+00:00", "Z"),
    )
    with new_file(out) as file:
        file.write((json_text(made.to_json(), indent=2) + "\n").encode())
    say(f"{out}: keep it with the original, as secret as that")
    print_json(made.for_item(), indent=None if invocation.as_json else 2)


@command(
    "verify",
    example="mla-gateway redact verify copy.redaction.json --original original.pdf "
    "--copy copy.pdf --message message.json",
)
@click.argument("record_file", metavar="RECORD", type=_FILE)
@click.option("--original", required=True, type=_FILE, help="The original.")
@click.option("--copy", required=True, type=_FILE, help="The redacted copy.")
@click.option(
    "--message",
    required=True,
    type=_FILE,
    help="The message that the copy came with, or its manifest item.",
)
@pass_invocation
def verify(
    invocation: Invocation,
    record_file: Path,
    *,
    original: Path,
    copy: Path,
    message: Path,
) -> None:
    """Check that a redacted copy was made of this original.

    Exit code 7 says that it was not, and why. Needs no node and no network.
    """
    from gateway.cli.documents import read_document, read_record_file
    from gateway.mla.problems import values_at

    kept = read_record_file(record_file)
    document = read_document(message)
    items = values_at(document, "payload/manifest/*") or [document]
    found = [
        kept.shows(item, source=_digest(original), result=_digest(copy))
        for item in items
        if isinstance(item, dict)
    ]
    # The item that fits best is the one meant.
    faults = min(found, key=len)
    _tell(invocation, kept.reasons, faults)
    if faults:
        click.get_current_context().exit(ExitCode.NOT_VERIFIED)


@command(
    "original",
    example="mla-gateway redact original 019a9d3c-1f2e-7a4b-8c5d-6e7f80910203 "
    '--purpose "order of the court of 3 May" --out case-17',
)
@click.argument("message_id", metavar="ID")
@click.option("--purpose", required=True, help="Why; it is logged with your name.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder for the originals and their records.",
)
@pass_invocation
def original(
    invocation: Invocation, message_id: str, *, purpose: str, out: Path
) -> None:
    """Fetch the originals that are kept with a message; the access is logged.

    Where somebody else can approve it, they have to. Says of each copy whether it was
    made of the original that is kept with the message; exit code 7 says that one was
    not, and why.
    """
    from gateway.admin.opening_shapes import OpenRequest
    from gateway.cli.files import result_folder
    from gateway.client.calls import open_originals

    with result_folder(out) as folder:
        opened = invocation.send(
            open_originals(message_id, OpenRequest(purpose=purpose))
        )
        for one in opened.items:
            _fetch(invocation, message_id, one, folder)
    if invocation.as_json:
        print_json(opened)
    else:
        for one in opened.items:
            print_text(_verdict(one))
    if any(one.faults for one in opened.items):
        click.get_current_context().exit(ExitCode.NOT_VERIFIED)


def _fetch(
    invocation: Invocation, message_id: str, one: "Original", folder: "ResultFolder"
) -> None:
    """Fetch an original, compared with its digest, and write its record beside it."""
    from gateway.admin.opening_shapes import OpenedAttachment
    from gateway.cli.meters import meter
    from gateway.client.calls import fetch_original
    from gateway.client.transfers import fetch_file

    described = OpenedAttachment(
        aid=one.aid,
        name=one.name,
        media_type=one.media_type,
        size=one.size,
        sha256=one.sha256,
        state="verified",
    )
    with invocation.node() as client, meter(one.name) as on_progress:
        fetched = fetch_file(
            client,
            message_id,
            described,
            folder.target,
            call=fetch_original(message_id, one.aid),
            on_progress=on_progress,
        )
    say(str(fetched.path))
    text = json_text(one.record, indent=2) + "\n"
    say(str(folder.write_or_compare(f"{one.name}.redaction.json", text.encode())))


def _verdict(one: "Original") -> str:
    """Return how an original and the copy that went out belong together."""
    if one.faults:
        return f"NOT VERIFIED: {one.name}: {'; '.join(one.faults)}"
    told = ", ".join(one.record.reasons)
    return f"VERIFIED: {one.copy} (item {one.item_id}) was made of {one.name} ({told})"


def _tell(invocation: Invocation, reasons: tuple[str, ...], faults: list[str]) -> None:
    if invocation.as_json:
        print_json({"verified": not faults, "faults": faults})
    elif faults:
        print_text("NOT VERIFIED: " + "; ".join(faults))
    else:
        told = ", ".join(reasons)
        print_text(f"VERIFIED: the copy was made of this original ({told})")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
