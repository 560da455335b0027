"""What a witness answers over HTTP, whether it is a peer's or an outside one."""

import aiohttp

from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.ports.witness import WitnessAnswer
from gateway.transport.limits import MAX_RETRY_AFTER_S
from gateway.transport.peer_call import read_bounded

_MAX_DIGITS = 9


async def take_witness_answer(response: aiohttp.ClientResponse) -> WitnessAnswer:
    """Return an answer of any status; what it means is for the caller to say.

    Raises:
        MalformedError: Encoded, or over the limit of a signed note.
    """
    if "Content-Encoding" in response.headers:
        raise MalformedError("answer: encoded, expected plain bytes")
    return WitnessAnswer(
        response.status,
        await read_bounded(response, MAX_NOTE_BYTES),
        _seconds(response.headers.get("Retry-After", "")),
    )


def _seconds(text: str) -> int:
    """Return the seconds that a header asks to wait; 0 if it asks for none."""
    if not (text.isascii() and text.isdecimal()):
        return 0
    return min(int(text[:_MAX_DIGITS]), MAX_RETRY_AFTER_S)
