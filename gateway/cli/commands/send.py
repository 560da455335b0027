"""`send`: hand a message over; its id is printed once it is durable."""

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.files import read_input
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_json, print_line, say
from gateway.core.errors import UsageError

if TYPE_CHECKING:
    from gateway.admin.shapes import Submitted

_DEFAULT_WAIT_S = 60
_MAX_WAIT_S = 86_400

# A message on an idle line is delivered within a tenth of a second.
_FIRST_LOOK_S = 0.05
_LONGEST_PAUSE_S = 1.0

_UNDER_WAY = frozenset({"held", "queued"})
_ARRIVED = frozenset({"delivered", "opened"})


@command(
    "send",
    example="mla-gateway send --to moj.fr --message request.json --wait",
)
@click.option("--to", required=True, help="Authority id of the addressee.")
@click.option(
    "--message",
    required=True,
    type=click.Path(path_type=Path),
    help="File of the message document, JSON; - reads stdin.",
)
@click.option(
    "--idempotency-key",
    help="The same key with the same message sends it once, however often it is run.",
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
def send(
    invocation: Invocation,
    to: str,
    message: Path,
    idempotency_key: str | None,
    wait_s: int,
) -> None:
    """Send a message.

    The id is printed once the message is sealed, logged and on disk; from then on it
    is delivered without further help. With --wait, exit code 8 says that it is safe
    but not delivered yet.
    """
    # One of our own if none is given: should the answer get lost, the user can be
    # told the key with which to ask again.
    key = idempotency_key or secrets.token_hex(16)
    if not (key.isascii() and key.isprintable()):
        raise UsageError("--idempotency-key: expected printable ASCII")
    submitted = _submit(invocation, to, message, key)
    for field in submitted.ignored:
        say(f"ignored, because only the node gives it: {field}")
    for advice in submitted.advice:
        say(f"{advice.pointer or '/'}: {advice.sentence} [{advice.code}]")
    if not invocation.as_json:
        print_line(submitted.id)
    state = submitted.state
    if wait_s:
        state = _wait(invocation, submitted.id, state, wait_s)
    _tell(invocation, submitted, state)
    if wait_s and state not in _ARRIVED:
        code = ExitCode.IN_PART if state in _UNDER_WAY else ExitCode.FAILED
        click.get_current_context().exit(code)


def _submit(
    invocation: Invocation,
    to: str,
    message: Path,
    key: str,
) -> "Submitted":
    from gateway.admin.shapes import SubmitRequest
    from gateway.client.calls import submit
    from gateway.core import canonical
    from gateway.core.errors import MalformedError, UnreachableError
    from gateway.core.limits import MAX_MANIFEST_BYTES

    raw = read_input(message, max_bytes=MAX_MANIFEST_BYTES)
    try:
        document = canonical.parse_object(raw, max_bytes=MAX_MANIFEST_BYTES)
    except MalformedError as error:
        raise MalformedError(f"{message}: {error}") from error
    request = SubmitRequest(to=to, message=dict(document))
    try:
        return invocation.send(submit(request, idempotency_key=key))
    except UnreachableError as error:
        raise UnreachableError(
            f"{error} (if in doubt whether it was taken, send it again with "
            f"--idempotency-key {key}: it is sent once)",
        ) from error


def _wait(invocation: Invocation, message_id: str, state: str, wait_s: int) -> str:
    """Return the state once the message is no longer under way, or the time is up."""
    from gateway.client.calls import show_message

    deadline_s = time.monotonic() + wait_s
    pause_s = _FIRST_LOOK_S
    while state in _UNDER_WAY and time.monotonic() < deadline_s:
        time.sleep(min(pause_s, max(deadline_s - time.monotonic(), 0)))
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        state = invocation.send(show_message(message_id)).state
    return state


def _tell(invocation: Invocation, submitted: "Submitted", state: str) -> None:
    if invocation.as_json:
        import msgspec

        print_json(msgspec.structs.replace(submitted, state=state))
    else:
        say(f"{state}, logged at {submitted.index}")
