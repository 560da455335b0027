"""One connection of a peer: proven before its first byte is read, then HTTP/1.1.

Adds to the HTTP library what it leaves open: who is there, a time limit and a total
size for headers, a time limit for answers, and refusals without the library's texts.
"""

import asyncio
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog
from aiohttp import StreamReader, web
from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import (
    MAX_MSG_QUEUE_SIZE,
    RequestHandler,
    RequestPayloadError,
)

from gateway.core import canonical
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import KIB
from gateway.core.protocol import PROBLEM_MEDIA_TYPE
from gateway.flows.intake import Intake, take_over
from gateway.ports.peers import VerifiedPeer
from gateway.transport.limits import (
    HEADER_BLOCK_BYTES,
    HEADER_COUNT,
    HEADER_LINE_BYTES,
    ListenerLimits,
)
from gateway.transport.problems import problem_of
from gateway.transport.requests import BodyLostError

# The default names the language and library with their versions.
_FIXED_HEADERS = {"Server": "mla-gateway", "Cache-Control": "no-store"}
_READ_BUFFER_BYTES = 256 * KIB
# What one turn of the loop takes in. One for all connections: it is copied out before
# the loop turns to another.
_INCOMING = memoryview(bytearray(256 * KIB))
_WRITE_BUFFER_BYTES = 32 * KIB
# A refused sender is still sending: closing at once would tear the refusal away.
_LINGERING_S = 5.0

_log = structlog.get_logger()

# The library's own access log would write what a peer sent.
_silent = logging.getLogger("gateway.transport.http")
_silent.disabled = True


class Door(Protocol):
    """Decides who may come in; the peer listener."""

    def admit(
        self,
        connection: "PeerConnection",
        transport: asyncio.BaseTransport,
    ) -> VerifiedPeer | None:
        """Return the peer that a finished handshake proves, or None to refuse."""
        ...

    def leave(self, connection: "PeerConnection") -> None:
        """Forget a connection that has ended."""
        ...


def make_response(
    body: bytes,
    *,
    media_type: str,
    status: int = 200,
    retry_after_s: int = 0,
) -> web.Response:
    """Return an answer with nothing in it that the protocol does not need."""
    response = web.Response(
        # A file is sent piece by piece, at the pace of who takes it. Large bytes would
        # all go into a buffer and count as sent.
        body=io.BytesIO(body) if len(body) > _WRITE_BUFFER_BYTES else body,
        status=status,
        headers={**_FIXED_HEADERS, "Content-Type": media_type},
    )
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def make_refusal(error: Exception) -> web.Response:
    """Return the problem answer for an error (RFC 9457)."""
    problem = problem_of(error)
    return make_response(
        canonical.encode(problem),
        media_type=PROBLEM_MEDIA_TYPE,
        status=problem.status,
        retry_after_s=problem.retry_after or 0,
    )


class PeerConnection(RequestHandler, asyncio.BufferedProtocol):
    """HTTP with a proven peer.

    Buffered, because a TLS record of 16 KiB is then decrypted into its place. The plain
    protocol reads each into a buffer of 256 KiB of its own that is made for it.

    Attributes:
        peer: Who it is; None until the handshake has proven it, and for strangers.
        certificate: DER of what it showed, to judge it anew when trust changes.
    """

    def __init__(self, server: web.Server, door: Door, limits: ListenerLimits) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=limits.idle_timeout_s,
            access_log=_silent,
            max_line_size=HEADER_LINE_BYTES,
            max_field_size=HEADER_LINE_BYTES,
            max_headers=HEADER_COUNT,
            lingering_time=_LINGERING_S,
            read_bufsize=_READ_BUFFER_BYTES,
            auto_decompress=False,
        )
        self.peer: VerifiedPeer | None = None
        self.certificate = b""
        self._door = door
        self._limits = limits
        self._tls: asyncio.Transport | None = None
        self._header_deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._answered = 0
        self._intake: Intake | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve, or hang up on a stranger."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("internal: a connection without a byte stream")
        self._tls = transport
        self.peer = self._door.admit(self, transport)
        if self.peer is None:
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        super().connection_made(transport)
        self._expect_header()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        self._stop_expecting()
        self._door.leave(self)
        super().connection_lost(exc)
        if self._intake is not None:
            self._intake.lose()

    def take_body(self, content: StreamReader, length: int) -> Intake:
        """Receive what is still to come of a request's body past the HTTP library.

        Raises:
            ConnectionError: It has broken off already.
            RequestPayloadError: Likewise.
        """
        intake = take_over(content, length, self._tls, self._expect_head)
        if not content.is_eof():
            self._intake = intake
        return intake

    def _expect_head(self) -> None:
        """Let the library read on: its parser still waits for the body it never got."""
        self._intake = None
        self._parser = HttpRequestParser(
            self,
            self._loop,
            _READ_BUFFER_BYTES,
            max_line_size=HEADER_LINE_BYTES,
            max_field_size=HEADER_LINE_BYTES,
            max_headers=HEADER_COUNT,
            payload_exception=RequestPayloadError,
            auto_decompress=False,
            max_msg_queue_size=MAX_MSG_QUEUE_SIZE,
        )

    def abort(self) -> None:
        """End the connection at once, whatever is under way."""
        if self._tls:
            self._tls.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the library's signature
        """Return where bytes are put that have come."""
        return _INCOMING if self._intake is None else self._intake.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Take the bytes that were put there."""
        if self._intake is not None:
            self._intake.received(nbytes)
            return
        self.data_received(bytes(_INCOMING[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Take bytes, and count those of an unfinished header."""
        if self.peer is None:
            return
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._stop_expecting()
        elif self._request_count == self._answered:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BLOCK_BYTES:
                self.abort()
            elif data and self._header_deadline is None:
                self._expect_header()

    async def finish_response(
        self,
        request: web.BaseRequest,
        resp: web.StreamResponse,
        start_time: float | None,
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer, within the time that the peer has to take it."""
        try:
            async with asyncio.timeout(self._limits.write_timeout_s):
                sent = await super().finish_response(request, resp, start_time)
        except TimeoutError as error:
            self.abort()
            raise ConnectionAbortedError("the peer does not take its answer") from error
        # After a last answer nothing counts as a header: the rest is thrown away.
        if resp.keep_alive:
            self._answered += 1
        return sent

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - the library's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes what the peer sent
    ) -> web.StreamResponse:
        """Answer what cannot be parsed as HTTP, and hang up."""
        error: Exception = MalformedError("HTTP: cannot be read")
        if isinstance(exc, LineTooLong):
            error = TooLargeError("HTTP: a header line is too long")
        elif status >= 500:  # noqa: PLR2004 - the range of HTTP server errors
            error = RuntimeError("HTTP: no answer was made")
        _log.info("peer_request_unreadable", peer=self.peer and self.peer.authority)
        response = make_refusal(error)
        response.force_close()
        return response

    def log_exception(self, *_args: object, **_fields: object) -> None:
        """Log that something failed; the library's texts quote the peer."""
        _log.error("peer_connection_failed", peer=self.peer and self.peer.authority)

    def _expect_header(self) -> None:
        self._header_deadline = self._loop.call_later(
            self._limits.header_timeout_s,
            self.abort,
        )

    def _stop_expecting(self) -> None:
        self._header_bytes = 0
        if self._header_deadline:
            self._header_deadline.cancel()
            self._header_deadline = None


@contextmanager
def taking(request: web.BaseRequest, length: int) -> Iterator[Intake]:
    """Receive a body past the library; what is not asked for goes by."""
    connection = request.protocol
    if not isinstance(connection, PeerConnection):
        raise TypeError("internal: a request without a connection of a peer")
    try:
        intake = connection.take_body(request.content, length)
    except (ConnectionError, RequestPayloadError) as error:
        raise BodyLostError("body: broke off") from error
    try:
        yield intake
    finally:
        intake.drop()
