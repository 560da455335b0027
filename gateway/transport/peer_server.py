"""The peer listener: accepts, proves, reads, asks the flows, answers.

It decides nothing about messages. Its own accept loop lets new trust apply to the next
connection, and lets handshakes be counted.
"""

import asyncio
import os
import socket
import ssl
import traceback
from collections.abc import Awaitable, Callable, Iterator

import structlog
from aiohttp import web

from gateway.core.errors import ConfigError, GatewayError, StrangerError
from gateway.ports.peers import PeerCalls, VerifiedPeer
from gateway.ports.world import Clock
from gateway.transport.connection import (
    PeerConnection,
    make_refusal,
    make_response,
    taking,
)
from gateway.transport.door import BodyMemory, HalfOpen, source_of
from gateway.transport.limits import ListenerLimits
from gateway.transport.requests import (
    BodyLostError,
    check_header,
    pieces_of_body,
    stream_body,
)
from gateway.transport.routes import Answer, Body, Route, find_route
from gateway.transport.strangers import Stranger, Strangers
from gateway.transport.tls import (
    CertificateRefusedError,
    Direction,
    TlsIdentity,
    identify,
    server_context,
)
from gateway.transport.trust import TlsTrust

_BACKLOG = 256
_ACCEPT_PAUSE_S = 1.0
_LAST_MOMENTS_S = 0.1
_LOGGED_FRAMES = 4

_Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_log = structlog.get_logger()


class PeerServer:
    """Serves `PeerCalls` to proven peers.

    Open it, run it in a task group, reload it when trust or our certificate changes,
    drain it to stop.

    Args:
        calls: What answers.
        clock: For certificates and revocation lists.
        address: Host address and port; port 0 takes a free one.
        strangers: Where refused certificates are kept for the operator.
        limits: What connections may cost.
    """

    _identity: TlsIdentity

    def __init__(
        self,
        calls: PeerCalls,
        clock: Clock,
        *,
        address: tuple[str, int],
        strangers: Strangers,
        limits: ListenerLimits | None = None,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._address = address
        self._strangers = strangers
        self._limits = limits or ListenerLimits()
        self._half_open = HalfOpen(self._limits)
        self._memory = BodyMemory(self._limits)
        self._live: dict[str, set[PeerConnection]] = {}
        self._stopping = asyncio.Event()
        self._drained = asyncio.Event()
        self._trust = TlsTrust({})

    @property
    def port(self) -> int:
        """The port it listens on, once open."""
        return self._port

    def connections(self) -> int:
        """Return how many connections of peers are live."""
        return sum(map(len, self._live.values()))

    async def open(self, identity: TlsIdentity, trust: TlsTrust) -> None:
        """Take the address, so that a start fails before anything is promised.

        Raises:
            ConfigError: The address cannot be had.
            KeystoreError: Our certificate or key cannot be used.
        """
        await self.reload(trust, identity)
        host, port = self._address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._listener = socket.create_server(
                (host, port),
                family=family,
                backlog=_BACKLOG,
            )
        except OSError as error:
            raise ConfigError(
                f"peer listener: {host} port {port}: {os.strerror(error.errno or 0)}; "
                "stop what listens there, or set another [peer] listen",
            ) from error
        self._port: int = self._listener.getsockname()[1]
        self._listener.setblocking(False)  # noqa: FBT003 - the library's signature
        self._http = _Http(self._answer, self, self._limits)

    async def reload(
        self,
        trust: TlsTrust,
        identity: TlsIdentity | None = None,
    ) -> None:
        """Apply new trust to the next connection and to every live one.

        Live connections that the new trust no longer proves are ended at once.

        Args:
            trust: The new trust.
            identity: Our own certificate, if it was renewed.

        Raises:
            KeystoreError: Our certificate or key cannot be used; nothing changed.
        """
        shown = identity or self._identity
        context = await asyncio.to_thread(server_context, shown, trust)
        self._identity = shown
        self._context = context
        self._trust = trust
        for problem in trust.problems:
            _log.warning("peer_trust_incomplete", reason=problem)
        self._judge_anew()

    async def run(self) -> None:
        """Serve until drained or cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                accepting = tasks.create_task(self._accept_until_stopped(tasks))
                sweeping = tasks.create_task(self._sweep())
                await self._stopping.wait()
                accepting.cancel()
                sweeping.cancel()
            await self._drained.wait()
        finally:
            self._stopping.set()
            for connection in self._all_live():
                connection.abort()
            await self._http.shutdown(_LAST_MOMENTS_S)

    async def drain(self, timeout_s: float) -> None:
        """Accept nothing new, let what is under way be answered, then hang up.

        Args:
            timeout_s: After this, what is still under way is cut off.
        """
        self._stopping.set()
        self._http.pre_shutdown()
        try:
            async with asyncio.timeout(timeout_s):
                await self._http.shutdown(timeout_s)
        except TimeoutError:
            _log.warning("peer_listener_cut_off", connections=self.connections())
        finally:
            self._drained.set()

    def admit(
        self,
        connection: PeerConnection,
        transport: asyncio.BaseTransport,
    ) -> VerifiedPeer | None:
        """Return the peer that a finished handshake proves, or None to refuse."""
        address = _host(transport.get_extra_info("peername"))
        session: ssl.SSLObject = transport.get_extra_info("ssl_object")
        connection.certificate = session.getpeercert(binary_form=True) or b""
        try:
            peer = self._identify(connection)
        except StrangerError as error:
            self._note(str(error), error.fingerprint, address)
            return None
        live = self._live.setdefault(peer.authority, set())
        if self._stopping.is_set() or len(live) >= self._limits.connections_per_peer:
            _log.warning("peer_connection_over_limit", peer=peer.authority)
            return None
        live.add(connection)
        return peer

    def leave(self, connection: PeerConnection) -> None:
        """Forget a connection that has ended."""
        if connection.peer:
            self._live[connection.peer.authority].discard(connection)

    def _identify(self, connection: PeerConnection) -> VerifiedPeer:
        return identify(
            connection.certificate,
            self._trust,
            self._clock.now(),
            direction=Direction.INBOUND,
        )

    def _all_live(self) -> Iterator[PeerConnection]:
        for connections in list(self._live.values()):
            yield from list(connections)

    def _judge_anew(self) -> None:
        for connection in self._all_live():
            try:
                self._identify(connection)
            except StrangerError as error:
                _log.warning(
                    "peer_connection_ended",
                    peer=connection.peer and connection.peer.authority,
                    fingerprint=error.fingerprint,
                    reason=str(error),
                )
                connection.abort()

    async def _sweep(self) -> None:
        while True:
            await self._clock.sleep(self._limits.sweep_interval_s)
            self._judge_anew()

    async def _accept_until_stopped(self, tasks: asyncio.TaskGroup) -> None:
        # Closed at once: who waits in the backlog of an open one waits in vain.
        with self._listener:
            await self._accept(tasks)

    async def _accept(self, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, name = await loop.sock_accept(self._listener)
            except OSError as error:
                _log.exception("peer_accept_failed", error=error.strerror)
                await self._clock.sleep(_ACCEPT_PAUSE_S)
                continue
            host = _host(name)
            refusal = self._half_open.refusal(connection, source_of(host))
            if refusal:
                connection.close()
                self._note(refusal, "", host)
            else:
                tasks.create_task(self._greet(connection, host))
            # A waiting connection is accepted without giving way to anybody.
            await asyncio.sleep(0)

    async def _greet(self, connection: socket.socket, host: str) -> None:
        """Make the handshake; what follows is the connection's own."""
        loop = asyncio.get_running_loop()
        with self._half_open.counted(source_of(host)):
            try:
                await loop.connect_accepted_socket(
                    self._http,
                    connection,
                    ssl=self._context,
                    ssl_handshake_timeout=self._limits.handshake_timeout_s,
                    ssl_shutdown_timeout=self._limits.shutdown_timeout_s,
                )
            except CertificateRefusedError as error:
                self._note(f"certificate: {error.why}", error.fingerprint, host)
            except OSError as error:
                self._note(_handshake_fault(error), "", host)
            except Exception as error:  # noqa: BLE001 - a defect costs one handshake, not the listener
                self._note(f"handshake: {type(error).__name__}", "", host)

    def _note(self, reason: str, fingerprint: str, address: str) -> None:
        self._strangers.note(
            Stranger(fingerprint, reason, address, self._clock.now()),
        )

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        if not isinstance(connection, PeerConnection) or connection.peer is None:
            raise AssertionError("internal: a request without a proven peer")
        try:
            response = await self._answer_peer(request, connection.peer)
        except BodyLostError as error:
            connection.abort()
            raise ConnectionAbortedError from error
        if not request.content.is_eof():
            response.force_close()
        return response

    async def _answer_peer(
        self,
        request: web.BaseRequest,
        peer: VerifiedPeer,
    ) -> web.Response:
        name = "unknown"
        try:
            route = find_route(request.method, request.raw_path)
            name = route.name
            length = check_header(request, route)
            answer = await self._call(request, route, peer, length)
        except BodyLostError:
            raise
        except GatewayError as error:
            _log.info(
                "peer_call_refused",
                peer=peer.authority,
                call=name,
                code=error.code,
                reason=str(error)[:200],
            )
            return make_refusal(error)
        except Exception as error:  # noqa: BLE001 - a defect costs one call, not the listener
            _log_defect(error, peer, name)
            return make_refusal(error)
        _log.debug("peer_call_answered", peer=peer.authority, call=name)
        return make_response(
            answer.body,
            media_type=answer.media_type,
            status=answer.status,
            retry_after_s=answer.retry_after_s,
        )

    async def _call(
        self,
        request: web.BaseRequest,
        route: Route,
        peer: VerifiedPeer,
        length: int,
    ) -> Answer:
        held = min(route.buffered_bytes, length) or length
        # Repeated they are one list, which is none of the protocol.
        digest = ", ".join(request.headers.getall("Content-Digest", []))
        with self._memory.reserved(peer.authority, held):
            chunks = stream_body(request.content, length, self._limits)
            if not route.buffered_bytes:
                whole = b"".join([chunk async for chunk in chunks])
                body = Body(whole, chunks, length, digest)
                return await route.call(self._calls, peer, body)
            with taking(request, length) as intake:
                pieces = pieces_of_body(intake, self._limits)
                body = Body(b"", pieces, length, digest)
                return await route.call(self._calls, peer, body)


class _Http(web.Server):
    """Makes connections of our kind."""

    def __init__(
        self,
        handler: _Handler,
        door: PeerServer,
        limits: ListenerLimits,
    ) -> None:
        super().__init__(handler)
        self._door = door
        self._limits = limits

    def __call__(self) -> PeerConnection:
        return PeerConnection(self, self._door, self._limits)


def _host(name: object) -> str:
    """Return the host of a socket name."""
    return str(name[0]) if isinstance(name, tuple) and name else ""


def _handshake_fault(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        # The library's own word for it; nothing in it is from the other side.
        word = (error.reason or "unknown").lower().replace("_", " ")
        return f"handshake: {word}"
    return f"handshake: {type(error).__name__}"


def _log_defect(error: Exception, peer: VerifiedPeer, call: str) -> None:
    """Log where a call failed, but not what the exception says of its content."""
    frames = traceback.extract_tb(error.__traceback__)[-_LOGGED_FRAMES:]
    _log.error(
        "peer_call_failed",
        peer=peer.authority,
        call=call,
        error=type(error).__name__,
        where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
