"""One call to a peer: its address, its body, and what an answer stands for."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from gateway.core.errors import GatewayError, MalformedError, UnreachableError
from gateway.core.limits import MAX_REPLY_BYTES, MIB
from gateway.core.protocol import JSON_MEDIA_TYPE, PREFIX, PROBLEM_MEDIA_TYPE
from gateway.transport.problems import MAX_PROBLEM_BYTES, error_of

NO_ADDRESS = "no address: the peer's card names none that can be used"

_HTTP_OK = 200
_PIECE_BYTES = MIB


@dataclass(frozen=True, slots=True)
class PeerCall:
    """One call of the protocol, as the client makes it.

    Attributes:
        path: Below the protocol's prefix.
        body: Of a small call; `chunks` makes a streamed one anew for each attempt.
        timeout_s: If it is another than that of all calls.
    """

    method: str
    path: str
    body: bytes = b""
    body_media_type: str = ""
    answer_media_type: str = JSON_MEDIA_TYPE
    max_answer_bytes: int = MAX_REPLY_BYTES
    chunks: Callable[[], AsyncIterator[bytes]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 0.0

    def data(self) -> "AsyncIterator[bytes] | WholeBody | None":
        """Return the body as the library takes it, from its start."""
        if self.chunks is not None:
            return self.chunks()
        return WholeBody(self.body) if self.body_media_type else None


class WholeBody(aiohttp.Payload):
    """A body that is in memory, handed over in large pieces.

    The library would hand over small ones, and wait for a turn of the loop after each:
    the peer would have to wait for thirty turns of a loop that is busy with answers.
    """

    _value: bytes

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._size = len(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return it as text, for messages of the library."""
        return self._value.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write it, piece by piece."""
        view = memoryview(self._value)
        for start in range(0, len(view), _PIECE_BYTES):
            await writer.write(view[start : start + _PIECE_BYTES])


class StreamedBody:
    """A streamed body of ours, which remembers that it could not be read.

    The library tells that like any other broken connection.
    """

    def __init__(self, chunks: Callable[[], AsyncIterator[bytes]]) -> None:
        self._chunks = chunks
        self.failure: GatewayError | None = None

    async def given(self) -> AsyncIterator[bytes]:
        """Yield the body."""
        try:
            async for chunk in self._chunks():
                yield chunk
        except GatewayError as error:
            self.failure = error
            raise


def address_of(url: str, path: str) -> str:
    """Return where a call goes. A card may name anything; only HTTPS is dialled.

    Raises:
        UnreachableError: It is no address of a peer.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UnreachableError(NO_ADDRESS) from error
    plain = urlunsplit(("https", parts.netloc, parts.path, "", ""))
    if plain != url or not parts.hostname or "@" in parts.netloc:
        raise UnreachableError(NO_ADDRESS)
    return f"{url.rstrip('/')}{PREFIX}/{path}"


async def take_answer(response: aiohttp.ClientResponse, call: PeerCall) -> bytes:
    """Return the body of a success.

    Raises:
        MalformedError: Not an answer of the protocol.
        GatewayError: What the peer's refusal stands for.
    """
    kinds = response.headers.getall("Content-Type", [])
    if "Content-Encoding" in response.headers:
        raise MalformedError("answer: encoded, expected plain bytes")
    if response.status == _HTTP_OK and kinds == [call.answer_media_type]:
        return await read_bounded(response, call.max_answer_bytes)
    if response.status != _HTTP_OK and kinds == [PROBLEM_MEDIA_TYPE]:
        raise error_of(
            await read_bounded(response, MAX_PROBLEM_BYTES),
            status=response.status,
            retry_after=response.headers.get("Retry-After", ""),
        )
    raise MalformedError(f"answer: status {response.status} of an unexpected kind")


async def read_bounded(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Return the body of an answer.

    Raises:
        MalformedError: Over the limit; no more than that was read.
    """
    body = bytearray()
    # One byte over the limit is enough to know.
    while chunk := await response.content.read(max_bytes + 1 - len(body)):
        body += chunk
        if len(body) > max_bytes:
            response.close()
            raise MalformedError(f"answer: over {max_bytes} bytes")
    return bytes(body)
