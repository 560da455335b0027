"""`redact record` and `redact verify`: a redacted copy and its original."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import json_text, print_json, print_text, say
from gateway.mla.redaction import REASONS

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_MAX_RECORD_BYTES = 64 * 1024


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
    from gateway.cli.documents import read_document
    from gateway.core.canonical import parse_object
    from gateway.mla.problems import values_at
    from gateway.mla.redaction import read_record

    raw = record_file.read_bytes()[: _MAX_RECORD_BYTES + 1]
    kept = read_record(parse_object(raw, max_bytes=_MAX_RECORD_BYTES))
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
