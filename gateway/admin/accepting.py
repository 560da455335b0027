"""Taking connections of the admin side, with handshakes that are bounded in number.

The event loop's own server counts nothing before a handshake is over. Whoever can
reach the port could use up the descriptors that the database needs.
"""

import asyncio
import resource
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import structlog

from gateway.config.settings import ListenAddress
from gateway.core.errors import ConfigError

log = structlog.get_logger()

_BACKLOG = 128
_PAUSE_S = 1.0
_HANDSHAKE_TIMEOUT_S = 10.0
_TLS_SHUTDOWN_TIMEOUT_S = 5.0
_RESERVED_DESCRIPTORS = 64


class Accepting:
    """The listening socket and the connections on their way in.

    Args:
        listen: Where; port 0 takes any free one.
        make: Makes the protocol of a connection.
        tls: What callers are shown; None for plain connections.
        half_open: Handshakes at once.

    Raises:
        ConfigError: The address can't be listened on.
    """

    def __init__(
        self,
        listen: ListenAddress,
        make: Callable[[], asyncio.Protocol],
        *,
        tls: ssl.SSLContext | None,
        half_open: int,
    ) -> None:
        self._make = make
        self._tls = tls
        self._half_open = half_open
        self._greeting: set[asyncio.Task[None]] = set()
        self._running = AsyncExitStack()
        family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
        try:
            self._socket = socket.create_server(
                (listen.host, listen.port),
                family=family,
                backlog=_BACKLOG,
            )
        except OSError as error:
            raise ConfigError(
                f"admin listen: {listen}: {error.strerror}; is another node "
                "running there?",
            ) from error
        self._socket.setblocking(False)  # noqa: FBT003 - the library's signature
        self.port: int = self._socket.getsockname()[1]

    async def start(self) -> None:
        """Take connections until closed."""
        tasks = await self._running.enter_async_context(asyncio.TaskGroup())
        self._accepting = tasks.create_task(self._accept(tasks))

    async def close(self) -> None:
        """Take nothing more; who is still on its way in is dropped."""
        for task in (self._accepting, *self._greeting):
            task.cancel()
        await self._running.aclose()
        self._socket.close()

    async def _accept(self, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._socket)
            except OSError as error:
                log.warning("admin_accept_failed", error=error.strerror)
                await asyncio.sleep(_PAUSE_S)
                continue
            if self._is_full(connection):
                connection.close()
            else:
                task = tasks.create_task(self._greet(connection))
                self._greeting.add(task)
                task.add_done_callback(self._greeting.discard)
            # A waiting connection is accepted without giving way to anybody.
            await asyncio.sleep(0)

    def _is_full(self, connection: socket.socket) -> bool:
        # The system gives out the lowest free number, so a high one means that
        # nearly all below are taken.
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        is_scarce = 0 <= soft - _RESERVED_DESCRIPTORS <= connection.fileno()
        return is_scarce or len(self._greeting) >= self._half_open

    async def _greet(self, connection: socket.socket) -> None:
        """Make the handshake, if there is one; what follows is the protocol's own."""
        is_tls = self._tls is not None
        # A connection that fails is the caller's affair: it sees it, and comes again.
        with suppress(OSError, ValueError):
            await asyncio.get_running_loop().connect_accepted_socket(
                self._make,
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=_HANDSHAKE_TIMEOUT_S if is_tls else None,
                ssl_shutdown_timeout=_TLS_SHUTDOWN_TIMEOUT_S if is_tls else None,
            )
