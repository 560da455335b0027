"""Two ends of a peer connection on loopback: our listener, and callers of any kind."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.core.gossip import GossipReply
from gateway.core.missing import MissingReply
from gateway.core.protocol import (
    CardReply,
    Consistency,
    DeliveryReply,
    EventsReply,
    Limits,
    PartReply,
    PartsReply,
    PingReply,
    Seen,
)
from gateway.core.values import MessageId, UnixMs
from gateway.ports.peers import PartName, VerifiedPeer
from gateway.ports.witness import WitnessAnswer
from gateway.transport.limits import ListenerLimits
from gateway.transport.peer_server import PeerServer
from gateway.transport.strangers import Strangers
from gateway.transport.tls import TlsIdentity
from gateway.transport.trust import TlsTrust
from tests.support.certificates import unix_ms, wall_clock

HOST = "127.0.0.1"

PING_REPLY = PingReply(
    authority="moj.aa",
    limits=Limits(body_bytes=1, envelope_bytes=1, items=1),
    now="2026-11-22T00:00:00.000Z",
    seen=Seen(root="", size=0),
    stage="test",
    suites=[1],
    versions=[1],
)
DELIVERY_REPLY = DeliveryReply(
    checkpoint="origin\n1\nroot\n",
    consistency=Consistency(from_size=0, proof=[]),
    items=[],
    now="2026-11-22T00:00:00.000Z",
)
EVENTS_REPLY = EventsReply(items=[], now="2026-11-22T00:00:00.000Z", seen=7)
PARTS_REPLY = PartsReply(missing=[0, 2])
CARD = b'{"authority":"moj.aa"}\nproof\n'


WITNESS_ANSWER = WitnessAnswer(200, b"line\n")


class WallClock:
    """The real clock, which the TLS library reads too, shifted at will."""

    def __init__(self) -> None:
        self.shift = timedelta()
        self.sleep_share = 1.0

    def now(self) -> UnixMs:
        return unix_ms(wall_clock() + self.shift)

    def monotonic_s(self) -> float:
        return asyncio.get_running_loop().time() + self.shift.total_seconds()

    def spread(self) -> float:
        return 0.5

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Answers:
    """Answers every call and keeps what was asked; raises `error` if there is one."""

    error: Exception | None = None
    card_bytes: bytes = CARD
    asked: list[tuple[str, VerifiedPeer, bytes]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    parts_named: list[PartName] = field(default_factory=list)
    reads_parts: bool = True
    witness_answer: WitnessAnswer = WITNESS_ANSWER

    async def _note(self, name: str, peer: VerifiedPeer, body: bytes = b"") -> None:
        self.asked.append((name, peer, body))
        if self.gate:
            await self.gate.wait()
        if self.error:
            raise self.error

    async def ping(self, peer: VerifiedPeer) -> PingReply:
        await self._note("ping", peer)
        return PING_REPLY

    async def deliver(self, peer: VerifiedPeer, body: bytes) -> DeliveryReply:
        await self._note("deliver", peer, body)
        return DELIVERY_REPLY

    async def events(self, peer: VerifiedPeer, body: bytes) -> EventsReply:
        await self._note("events", peer, body)
        return EVENTS_REPLY

    async def missing_numbers(self, peer: VerifiedPeer) -> MissingReply:
        await self._note("missing_numbers", peer)
        return MissingReply(missing=[(3, 5)])

    async def card(self, peer: VerifiedPeer) -> bytes:
        await self._note("card", peer)
        return self.card_bytes

    async def accept_card(self, peer: VerifiedPeer, card: bytes) -> CardReply:
        await self._note("accept_card", peer, card)
        return CardReply(number=3)

    async def log_consistency(
        self,
        peer: VerifiedPeer,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        await self._note("log_consistency", peer, f"{old_size}/{new_size}".encode())
        return Consistency(from_size=old_size, proof=[])

    async def add_checkpoint(self, peer: VerifiedPeer, body: bytes) -> WitnessAnswer:
        await self._note("add_checkpoint", peer, body)
        return self.witness_answer

    async def cosigned(self, peer: VerifiedPeer, hashed_origin: str) -> bytes:
        await self._note("cosigned", peer, hashed_origin.encode())
        return b"note\n"

    async def gossip(self, peer: VerifiedPeer, body: bytes) -> GossipReply:
        await self._note("gossip", peer, body)
        return GossipReply(conflicts=["moj.aa/audit/1"])

    async def announce_parts(self, peer: VerifiedPeer, body: bytes) -> PartsReply:
        await self._note("announce_parts", peer, body)
        return PARTS_REPLY

    async def parts(
        self,
        peer: VerifiedPeer,
        message_id: MessageId,
        aid: str,
    ) -> PartsReply:
        await self._note("parts", peer, f"{message_id}/{aid}".encode())
        return PARTS_REPLY

    async def put_part(
        self,
        peer: VerifiedPeer,
        part: PartName,
        chunks: AsyncIterator[bytes],
    ) -> PartReply:
        self.parts_named.append(part)
        taken = b"".join([chunk async for chunk in chunks]) if self.reads_parts else b""
        await self._note("put_part", peer, taken)
        return PartReply(status="stored")

    async def log_checkpoint(self, peer: VerifiedPeer) -> bytes:
        await self._note("log_checkpoint", peer)
        return b"origin\n1\nroot\n"

    async def log_first(self, peer: VerifiedPeer) -> bytes:
        await self._note("log_first", peer)
        return b"proof\n"

    async def log_seen(self, peer: VerifiedPeer) -> bytes:
        await self._note("log_seen", peer)
        return b"origin\n1\nroot\n"

    async def log_tile(self, peer: VerifiedPeer, path: str) -> bytes:
        await self._note("log_tile", peer, path.encode())
        return b"\0" * 32


@dataclass
class Listener:
    """A running listener and what belongs to it."""

    server: PeerServer
    calls: Answers
    strangers: Strangers
    clock: WallClock

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.server.port}"


@asynccontextmanager
async def listening(
    identity: TlsIdentity,
    trust: TlsTrust,
    limits: ListenerLimits | None = None,
) -> AsyncIterator[Listener]:
    """Run a listener on a free port."""
    clock, calls, strangers = WallClock(), Answers(), Strangers()
    server = PeerServer(
        calls,
        clock,
        address=(HOST, 0),
        strangers=strangers,
        limits=limits,
    )
    await server.open(identity, trust)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.run())
        try:
            yield Listener(server, calls, strangers, clock)
        finally:
            running.cancel()


@asynccontextmanager
async def connected(
    port: int,
    context: ssl.SSLContext | None,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a port; whatever the other side does in the end is fine."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


async def exchange(port: int, context: ssl.SSLContext | None, sent: bytes) -> bytes:
    """Send bytes and return all that comes back until the other side hangs up.

    A connection that is broken off counts as an empty answer.
    """
    try:
        async with connected(port, context) as (reader, writer):
            writer.write(sent)
            return await reader.read()
    except OSError:
        return b""


def request(
    method: str,
    path: str,
    *headers: str,
    body: bytes = b"",
    closing: bool = True,
) -> bytes:
    """Return the bytes of an HTTP request that ends its connection."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *headers]
    if closing:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


PING = request("GET", "/mla/1/ping")


async def until(condition: Callable[[], bool], *, within_s: float = 5.0) -> None:
    """Wait for something that is about to happen."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what it watches has no event
            await asyncio.sleep(0.005)
