"""`send`: hand over a message and its evidence; the id is printed once durable."""

import contextlib
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.attaching import check_files, check_originals, upload_files
from gateway.cli.declare import command
from gateway.cli.documents import read_document
from gateway.cli.exits import ExitCode
from gateway.cli.findings import problem_line
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, say
from gateway.core.errors import UsageError
from gateway.core.limits import MAX_REASON_CHARS

if TYPE_CHECKING:
    from gateway.admin.shapes import Message, SubmitRequest, Submitted
    from gateway.client.progress import OnProgress, Progress

_DEFAULT_WAIT_S = 60
_MAX_WAIT_S = 86_400

# A message on an idle line is delivered within a tenth of a second.
_FIRST_LOOK_S = 0.05
_LONGEST_PAUSE_S = 1.0

_UNDER_WAY = frozenset({"held", "queued"})
_ARRIVED = frozenset({"delivered", "opened"})


@command(
    "send",
    example="mla-gateway send --to moj.fr --message request.json "
    "--attach records.csv --wait",
)
@click.option("--to", required=True, help="Authority id of the addressee.")
@click.option(
    "--message",
    required=True,
    type=click.Path(path_type=Path),
    help="File of the message document, JSON; - reads stdin.",
)
@click.option(
    "--attach",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Evidence file that an item of the message names; may be repeated.",
)
@click.option(
    "--original",
    "originals",
    multiple=True,
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="FILE RECORD",
    help="Original of a redacted copy, and its record (redact record); kept sealed by "
    "the node with the message, never sent.",
)
@click.option(
    "--idempotency-key",
    help="The same key with the same message sends it once, however often it is run.",
)
@click.option(
    "--override",
    "override_reason",
    metavar="REASON",
    help="Send it against the rules that may be overridden; the reason is logged.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.IntRange(0, _MAX_WAIT_S),
    is_flag=False,
    flag_value=_DEFAULT_WAIT_S,
    default=0,
    metavar="[SECONDS]",
    help=f"Wait until it is delivered; {_DEFAULT_WAIT_S} seconds if none are given.",
)
@pass_invocation
def send(  # noqa: PLR0913 - one parameter an option of the command
    invocation: Invocation,
    *,
    to: str,
    message: Path,
    files: tuple[Path, ...],
    originals: tuple[tuple[Path, Path], ...],
    idempotency_key: str | None,
    override_reason: str | None,
    wait_s: int,
) -> None:
    """Send a message.

    The id is printed once the message is sealed, logged and on disk; from then on it
    is delivered without further help, evidence files included. The same command with
    the same key goes on with files that were broken off. With --wait, exit code 8
    says that the message is safe but not delivered yet.
    """
    from gateway.admin.shapes import OriginalGiven, SubmitRequest

    # One of our own if none is given: should the answer get lost, the user can be
    # told the key with which to ask again.
    key = idempotency_key or secrets.token_hex(16)
    if not (key.isascii() and key.isprintable()):
        raise UsageError("--idempotency-key: expected printable ASCII")
    override_reason = _checked_reason(override_reason)
    document = read_document(message)
    uploads: tuple[str, ...] = ()
    if files:
        check_files(files, document)
    records = check_originals(originals) if originals else []
    if files or originals:
        if idempotency_key is None:
            say(f"if it is interrupted, --idempotency-key {key} goes on")
        sent = [*files, *(original for original, _ in originals)]
        uploads = upload_files(invocation, sent, key)
    kept = zip(uploads[len(files) :], records, strict=True)
    request = SubmitRequest(
        to=to,
        message=dict(document),
        attachments=uploads[: len(files)],
        override_reason=override_reason,
        originals=tuple(
            OriginalGiven(upload=upload, record=record) for upload, record in kept
        ),
    )
    submitted = _submit(invocation, request, key)
    _say_advice(submitted)
    if not invocation.as_json:
        print_line(submitted.id)
    state = submitted.state
    if wait_s:
        state = _wait(invocation, submitted, wait_s)
    _tell(invocation, submitted, state)
    if wait_s and state not in _ARRIVED:
        code = ExitCode.IN_PART if state in _UNDER_WAY else ExitCode.FAILED
        click.get_current_context().exit(code)


def _say_advice(submitted: "Submitted") -> None:
    for field in submitted.ignored:
        say(f"ignored, because only the node gives it: {field}")
    for advice in submitted.advice:
        line = problem_line(advice, is_accepted=True)
        say(f"overridden: {line}" if advice.overridable else line)


def _checked_reason(reason: str | None) -> str:
    """Return the reason of an override; empty where none is asked for.

    Raises:
        UsageError: An empty reason, or a longer one than is kept.
    """
    if reason is None:
        return ""
    if not 1 <= len(reason.strip()) <= len(reason) <= MAX_REASON_CHARS:
        raise UsageError(f"--override: expected 1 to {MAX_REASON_CHARS} characters")
    return reason


def _submit(
    invocation: Invocation,
    request: "SubmitRequest",
    key: str,
) -> "Submitted":
    from gateway.client.calls import submit
    from gateway.core.errors import UnreachableError

    try:
        return invocation.send(submit(request, idempotency_key=key))
    except UnreachableError as error:
        raise UnreachableError(
            f"{error} (if in doubt whether it was taken, send it again with "
            f"--idempotency-key {key}: it is sent once)",
        ) from error


def _wait(invocation: Invocation, submitted: "Submitted", wait_s: int) -> str:
    """Return the state once the message is no longer under way, or the time is up."""
    from gateway.cli.meters import meter
    from gateway.client.calls import show_message

    deadline_s = time.monotonic() + wait_s
    pause_s = _FIRST_LOOK_S
    state = submitted.state
    with contextlib.ExitStack() as stack:
        show: OnProgress | None = None
        while state in _UNDER_WAY and time.monotonic() < deadline_s:
            time.sleep(min(pause_s, max(deadline_s - time.monotonic(), 0)))
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            message = invocation.send(show_message(submitted.id))
            state = message.state
            if message.evidence:
                show = show or stack.enter_context(meter(f"to {message.peer}"))
                show(_delivery(message))
    return state


def _delivery(message: "Message") -> "Progress":
    """Return how much of its evidence files the peer has."""
    from gateway.client.progress import Phase, Progress

    return Progress(
        Phase.DELIVERING,
        done=sum(one.there for one in message.evidence),
        total=sum(one.length for one in message.evidence),
    )


def _tell(invocation: Invocation, submitted: "Submitted", state: str) -> None:
    if invocation.as_json:
        import msgspec

        print_json(msgspec.structs.replace(submitted, state=state))
    else:
        say(f"{state}, logged at {submitted.index}")
