"""What flows stand in: a clock that is set, a peer that answers by script, figures."""

import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from gateway.core.errors import NotFoundError, UnreachableError
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
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.values import AuthorityId, UnixMs, format_time
from gateway.flows.agreement import Agreement
from gateway.flows.checkpoints import Checkpoints
from gateway.flows.conflicts import LogConflicts
from gateway.flows.exchange import Exchange
from gateway.flows.peer_logs import OurLogSeen, PeerLogs
from gateway.flows.recovery import LogWitnessing, Recovery
from gateway.ports.keys import LogSigning
from gateway.ports.peers import PartName, PeerDirectory
from gateway.ports.store import Store
from gateway.ports.witness import WitnessAnswer
from tests.support.cards import NOW


@dataclass
class ManualClock:
    """Stands still until a test moves it."""

    at: UnixMs = NOW
    jumped_ms: int = 0

    def now(self) -> UnixMs:
        return self.at

    def monotonic_s(self) -> float:
        return (self.at - self.jumped_ms) / 1000

    def spread(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at = UnixMs(self.at + round(seconds * 1000))

    def jump(self, seconds: float) -> None:
        """Set the wall clock; no time passes."""
        self.jumped_ms += round(seconds * 1000)
        self.advance(seconds)


class NoMetrics:
    """Figures that nobody looks at."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        pass

    def observe(self, name: str, value: float, **labels: str) -> None:
        pass

    def gauge(self, name: str, value: float, /, **labels: str) -> None:
        pass


class NoConflictFiles:
    """Implements `ConflictFiles` by keeping them in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, name: str, raw: bytes) -> None:
        """Keep a file."""
        self.kept[name] = raw


@dataclass
class MemoryMark:
    """A high-water mark that a test can set back."""

    note: bytes | None = None

    async def read(self) -> bytes | None:
        return self.note

    async def write(self, note: bytes) -> None:
        self.note = note


@dataclass
class ScriptedPeers:
    """Implements `PeerTransport`: peers that answer as a test says.

    Attributes:
        cards: What `fetch_card` returns; a peer without one can't be reached.
        seen: Size and root of our log that every peer says it has seen.
        seen_note: The note that it shows for that; empty for none.
        first: The proof of its log's first entry; empty for none.
        name: Who it says it is; empty for who was called.
        numbers: Which number of our card each peer acknowledges.
        pushed: Every card that was pushed, and to whom.
    """

    clock: ManualClock
    cards: dict[AuthorityId, bytes] = field(default_factory=dict)
    seen: tuple[int, bytes] = (0, EMPTY_ROOT)
    seen_note: bytes = b""
    first: bytes = b""
    stage: str = "test"
    name: str = ""
    numbers: dict[AuthorityId, int] = field(default_factory=dict)
    pushed: list[tuple[AuthorityId, bytes]] = field(default_factory=list)

    async def ping(self, peer: AuthorityId) -> PingReply:
        self._reach(peer)
        size, root = self.seen
        return PingReply(
            authority=self.name or peer,
            limits=Limits(body_bytes=1, envelope_bytes=1, items=1),
            now=format_time(self.clock.now()),
            seen=Seen(root=base64.b64encode(root).decode(), size=size),
            stage=self.stage,
            suites=[1],
            versions=[1],
        )

    async def deliver(self, peer: AuthorityId, body: bytes) -> DeliveryReply:
        raise UnreachableError(f"{peer}: takes no {len(body)} bytes here")

    async def events(self, peer: AuthorityId, body: bytes) -> EventsReply:
        raise UnreachableError(f"{peer}: takes no {len(body)} bytes here")

    async def log_consistency(
        self,
        peer: AuthorityId,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        raise UnreachableError(f"{peer}: proves no {old_size} to {new_size} here")

    async def add_checkpoint(self, peer: AuthorityId, body: bytes) -> WitnessAnswer:
        raise UnreachableError(f"{peer}: takes no {len(body)} bytes here")

    async def gossip(self, peer: AuthorityId, body: bytes) -> GossipReply:
        raise UnreachableError(f"{peer}: takes no {len(body)} bytes here")

    async def missing_numbers(self, peer: AuthorityId) -> MissingReply:
        self._reach(peer)
        return MissingReply(missing=[])

    async def announce_parts(self, peer: AuthorityId, body: bytes) -> PartsReply:
        raise UnreachableError(f"{peer}: takes no {len(body)} bytes here")

    async def put_part(
        self,
        peer: AuthorityId,
        part: PartName,
        _chunks: Callable[[], AsyncIterator[bytes]],
    ) -> PartReply:
        raise UnreachableError(f"{peer}: takes no part {part.index} here")

    async def log_first(self, peer: AuthorityId) -> bytes:
        self._reach(peer)
        if not self.first:
            raise NotFoundError(f"{peer}: shows no entry")
        return self.first

    async def log_seen(self, peer: AuthorityId) -> bytes:
        self._reach(peer)
        if not self.seen_note:
            raise NotFoundError(f"{peer}: shows no note")
        return self.seen_note

    async def fetch_card(self, peer: AuthorityId) -> bytes:
        return self._reach(peer)

    async def push_card(self, peer: AuthorityId, card: bytes) -> CardReply:
        self._reach(peer)
        self.pushed.append((peer, card))
        return CardReply(number=self.numbers[peer])

    def _reach(self, peer: AuthorityId) -> bytes:
        if peer not in self.cards:
            raise UnreachableError(f"{peer}: no route")
        return self.cards[peer]


def exchange_of(
    store: Store,
    *,
    peers: ScriptedPeers,
    directory: PeerDirectory,
    signing: LogSigning,
    ourselves: AuthorityId,
) -> Exchange:
    """Return what every exchange of a node with scripted peers goes through."""
    seen = OurLogSeen(store)
    clock = peers.clock
    conflicts = LogConflicts(store, NoConflictFiles(), clock, NoMetrics())
    witnessing = LogWitnessing(signing, MemoryMark())
    recovery = Recovery(store, witnessing, clock, NoMetrics())
    return Exchange(
        ourselves=ourselves,
        store=store,
        transport=peers,
        directory=directory,
        checkpoints=Checkpoints(store, signing, clock, recovery),
        peer_logs=PeerLogs(store, conflicts),
        our_log_seen=seen,
        agreement=Agreement(store, peers, seen, clock, recovery),
        recovery=recovery,
        clock=clock,
        metrics=NoMetrics(),
        conflicts=conflicts,
    )
