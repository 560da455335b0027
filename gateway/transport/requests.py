"""Requests of peers: what their headers may say, and reading their bodies.

Everything is bounded before it is spent: a body is read only after its length, its
kind and the room for it are settled.
"""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.web_protocol import RequestPayloadError

from gateway.core.errors import GatewayError, MalformedError, TooLargeError
from gateway.flows.intake import Intake
from gateway.transport.limits import HEADER_BLOCK_BYTES, ListenerLimits
from gateway.transport.routes import Route

# Per header the colon and space between, and the line end behind.
_HEADER_SEPARATORS = 4

# Each would give a request a second meaning: another length, another body, another
# protocol behind it.
_REFUSED_HEADERS = ("Transfer-Encoding", "Content-Encoding", "Upgrade", "Trailer")


class BodyLostError(GatewayError):
    """A body broke off or came too slowly: there is nobody to answer."""


def check_header(request: web.BaseRequest, route: Route) -> int:
    """Return the length of the body that a request announces.

    Raises:
        TooLargeError: Header or body are over their limits.
        MalformedError: The header asks for what the protocol has not.
    """
    size = sum(
        len(name) + len(value) + _HEADER_SEPARATORS
        for name, value in request.raw_headers
    )
    if size + len(request.raw_path) > HEADER_BLOCK_BYTES:
        raise TooLargeError(f"header: at most {HEADER_BLOCK_BYTES} bytes")
    if request.version != HttpVersion11:
        raise MalformedError("header: expected HTTP/1.1")
    for name in _REFUSED_HEADERS:
        if name in request.headers:
            raise MalformedError(f"header: {name} is not used here")
    length = request.content_length or 0
    if length > route.max_body_bytes:
        raise TooLargeError(f"body: at most {route.max_body_bytes} bytes")
    if route.max_body_bytes:
        _check_body_header(request, route)
    return length


async def stream_body(
    content: StreamReader,
    length: int,
    limits: ListenerLimits,
) -> AsyncIterator[bytes]:
    """Yield a body of exactly `length` bytes as it comes.

    Raises:
        BodyLostError: It breaks off, or comes too slowly.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + limits.body_timeout_s
    pace = _Pace(limits)
    missing = length
    while missing > 0:
        chunk = await _next_chunk(
            content,
            min(limits.idle_timeout_s, ends_at - loop.time()),
        )
        if not pace.is_kept_by(len(chunk)):
            raise _too_slow()
        missing -= len(chunk)
        yield chunk


def pieces_of_body(intake: Intake, limits: ListenerLimits) -> AsyncIterator[bytes]:
    """Yield a body that is received past the library, within the same limits.

    Raises:
        BodyLostError: It breaks off, or comes too slowly.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + limits.body_timeout_s
    pace = _Pace(limits)

    def patience(came: int, quiet_s: float) -> float:
        left_s = min(limits.idle_timeout_s - quiet_s, ends_at - loop.time())
        if left_s <= 0 or not pace.is_kept_by(came):
            raise _too_slow()
        return min(left_s, pace.left_s)

    return intake.pieces(patience, _broken_off)


def _too_slow() -> BodyLostError:
    return BodyLostError("body: came too slowly")


def _broken_off() -> BodyLostError:
    return BodyLostError("body: broke off")


async def _next_chunk(content: StreamReader, timeout_s: float) -> bytes:
    try:
        async with asyncio.timeout(timeout_s):
            chunk = await content.readany()
    except (ConnectionError, RequestPayloadError, TimeoutError) as error:
        raise BodyLostError("body: broke off or came too slowly") from error
    if not chunk:
        raise BodyLostError("body: ended early")
    return chunk


def _check_body_header(request: web.BaseRequest, route: Route) -> None:
    if request.content_length is None:
        raise MalformedError("header: expected Content-Length")
    if request.headers.getall("Content-Type", []) != [route.body_media_type]:
        raise MalformedError(f"header: expected Content-Type {route.body_media_type}")


class _Pace:
    """Whether a body comes in at the slowest rate that is waited for."""

    def __init__(self, limits: ListenerLimits) -> None:
        self._window_s = limits.rate_window_s
        self._least_bytes = limits.min_rate_bytes_s * limits.rate_window_s
        self._begin()

    @property
    def left_s(self) -> float:
        """Seconds until the window ends."""
        return max(self._end - asyncio.get_running_loop().time(), 0.0)

    def is_kept_by(self, length: int) -> bool:
        """Count bytes that came; tell whether they come fast enough."""
        self._bytes += length
        if asyncio.get_running_loop().time() < self._end:
            return True
        is_kept = self._bytes >= self._least_bytes
        self._begin()
        return is_kept

    def _begin(self) -> None:
        self._bytes = 0
        self._end = asyncio.get_running_loop().time() + self._window_s
