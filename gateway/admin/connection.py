"""Connections of the admin API: how many there are, how long they may be silent."""

import asyncio
from http import HTTPStatus

import structlog
from aiohttp import StreamReader
from aiohttp.http import HttpRequestParser
from aiohttp.web import BaseRequest, RequestHandler, Response, Server, StreamResponse
from aiohttp.web_protocol import MAX_MSG_QUEUE_SIZE, RequestPayloadError

from gateway.admin.pipeline import Pipeline, problem_response
from gateway.admin.problems import problem_of
from gateway.admin.services import AdminLimits
from gateway.core.errors import UsageError
from gateway.core.limits import KIB
from gateway.flows.intake import Intake, take_over

log = structlog.get_logger()

_LINGERING_S = 2.0
_HEADER_LINE_BYTES = 8 * KIB
_HEADER_COUNT = 64
_READ_BUFFER_BYTES = 64 * KIB
# What one turn of the loop takes in. One for all connections: it is copied out before
# the loop turns to another.
_INCOMING = memoryview(bytearray(256 * KIB))


class Connections(Server):
    """Makes connections; there is a limit to how many."""

    def __init__(self, pipeline: Pipeline, limits: AdminLimits) -> None:
        super().__init__(pipeline)
        self.limits = limits

    def __call__(self) -> RequestHandler:
        """Return the protocol of a new connection."""
        return Connection(self)


class Connection(RequestHandler, asyncio.BufferedProtocol):
    """One connection of a caller.

    Buffered, so that files are received where they are sealed.
    """

    __slots__ = ("_first_request", "_intake", "_limits", "_owner")

    def __init__(self, owner: Connections) -> None:
        super().__init__(
            owner,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=owner.limits.idle_timeout_s,
            max_line_size=_HEADER_LINE_BYTES,
            max_field_size=_HEADER_LINE_BYTES,
            max_headers=_HEADER_COUNT,
            lingering_time=_LINGERING_S,
            read_bufsize=_READ_BUFFER_BYTES,
            auto_decompress=False,
        )
        self._owner = owner
        self._limits = owner.limits
        self._first_request: asyncio.TimerHandle | None = None
        self._intake: Intake | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve, if there is room."""
        super().connection_made(transport)
        if len(self._owner.connections) > self._limits.connections:
            self.force_close()
            return
        # The library waits for a first header as long as it takes.
        self._first_request = asyncio.get_running_loop().call_later(
            self._limits.header_timeout_s,
            self._close_if_silent,
        )

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the connection."""
        if self._first_request is not None:
            self._first_request.cancel()
        super().connection_lost(exc)
        if self._intake is not None:
            self._intake.lose()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the library's signature
        """Return where bytes are put that have come."""
        return _INCOMING if self._intake is None else self._intake.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """Take the bytes that were put there."""
        if self._intake is None:
            self.data_received(bytes(_INCOMING[:nbytes]))
        else:
            self._intake.received(nbytes)

    def take_body(self, content: StreamReader, length: int) -> Intake:
        """Receive what is still to come of a request's body past the HTTP library.

        Raises:
            ConnectionError: It has broken off already.
            RequestPayloadError: Likewise.
        """
        intake = take_over(content, length, self.transport, self._expect_head)
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
            max_line_size=_HEADER_LINE_BYTES,
            max_field_size=_HEADER_LINE_BYTES,
            max_headers=_HEADER_COUNT,
            payload_exception=RequestPayloadError,
            auto_decompress=False,
            max_msg_queue_size=MAX_MSG_QUEUE_SIZE,
        )

    def handle_error(
        self,
        request: BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes what was sent
    ) -> StreamResponse:
        """Answer what is not HTTP, in the form of all other refusals."""
        log.debug(
            "admin_request_unreadable",
            source=request.remote,
            status=status,
            error=type(exc).__name__,
        )
        response: Response = problem_response(
            problem_of(UsageError("request: not HTTP as this server reads it")),
        )
        response.force_close()
        return response

    def _close_if_silent(self) -> None:
        if not self._request_count:
            self.force_close()
