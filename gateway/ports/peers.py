"""Other authorities: who they are, what we allow them, how to call them."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.gossip import GossipReply
from gateway.core.identity import VerifiedCard
from gateway.core.missing import MissingReply
from gateway.core.protocol import (
    CardReply,
    Consistency,
    DeliveryReply,
    EventsReply,
    PartReply,
    PartsReply,
    PingReply,
)
from gateway.core.values import AuthorityId, HexDigest, MessageId
from gateway.ports.witness import WitnessAnswer


@dataclass(frozen=True, slots=True)
class PeerPolicy:
    """What this authority allows a peer; `peers/ID.toml`.

    Attributes:
        is_paused: Nothing is sent to it; what is submitted is held.
        may_monitor: It may read the hash tiles of our log.
        max_unopened: Messages it may have waiting here that nobody has opened yet.
        crl_file: Certificate revocation list to demand of it, or empty.
        upload_kib_s: KiB a second that evidence is sent with at most; 0 for no limit.
        upload_hours: When evidence is sent, in UTC, like `20:00-06:00`; empty for
            always.
        max_evidence_gib: GiB of its evidence that may lie here unopened.
        may_gossip: We tell each other the newest checkpoints of third logs.
        exchanges_despite_conflict: Messages flow although its log was forked.
        proxy: The way to it: `http://host:port` of a proxy, `direct` for none, empty
            for what the settings say of all peers.
    """

    is_paused: bool = False
    may_monitor: bool = False
    max_unopened: int = 100_000
    crl_file: str = ""
    upload_kib_s: int = 0
    upload_hours: str = ""
    max_evidence_gib: int = 100
    may_gossip: bool = False
    exchanges_despite_conflict: bool = False
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """A configured peer: its verified card and our policy for it."""

    authority: AuthorityId
    card: VerifiedCard
    policy: PeerPolicy
    card_digest: HexDigest


@dataclass(frozen=True, slots=True)
class VerifiedPeer:
    """Proof that a connection belongs to a peer.

    Only `gateway.transport.tls` makes one, after the handshake and before a byte
    of the connection is parsed.
    """

    authority: AuthorityId


@dataclass(frozen=True, slots=True)
class PartName:
    """A part of an attachment, as it travels.

    Attributes:
        digest: SHA-256 of its bytes.
        length: How many there are.
    """

    message_id: MessageId
    aid: str
    index: int
    digest: bytes
    length: int


class PeerDirectory(Protocol):
    """The peers this node trusts; a reload swaps them all at once."""

    def peer(self, authority: AuthorityId) -> Peer | None:
        """Return a configured peer."""
        ...

    def peers(self) -> Sequence[Peer]:
        """Return all configured peers, ordered by id."""
        ...


class PeerTransport(Protocol):
    """Calls to a peer's node.

    Every call raises:
        UnreachableError: No connection, or no answer in time: outcome unknown.
        TryLaterError: The peer says not now, with its code and time to wait.
        LogOutOfStepError: The peer has seen another size of our log.
        GatewayError: Any other refusal by the peer, with its code.
    """

    async def ping(self, peer: AuthorityId) -> PingReply:
        """Ask who is there and what it has seen of our log."""
        ...

    async def deliver(self, peer: AuthorityId, body: bytes) -> DeliveryReply:
        """Offer a batch of envelopes."""
        ...

    async def events(self, peer: AuthorityId, body: bytes) -> EventsReply:
        """Tell what happened later to messages between the two."""
        ...

    async def missing_numbers(self, peer: AuthorityId) -> MissingReply:
        """Ask which of our running numbers the peer misses."""
        ...

    async def fetch_card(self, peer: AuthorityId) -> bytes:
        """Return the peer's current card, unverified."""
        ...

    async def push_card(self, peer: AuthorityId, card: bytes) -> CardReply:
        """Hand over our current card."""
        ...

    async def log_consistency(
        self,
        peer: AuthorityId,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Ask for the proof that the peer's log only grew between two sizes."""
        ...

    async def add_checkpoint(self, peer: AuthorityId, body: bytes) -> WitnessAnswer:
        """Ask the peer's witness to cosign; its refusals are answers too."""
        ...

    async def gossip(self, peer: AuthorityId, body: bytes) -> GossipReply:
        """Tell the newest checkpoints of third logs."""
        ...

    async def announce_parts(self, peer: AuthorityId, body: bytes) -> PartsReply:
        """Name the digests of all parts of an attachment."""
        ...

    async def log_seen(self, peer: AuthorityId) -> bytes:
        """Return the newest signed note of our log that the peer holds, unverified."""
        ...

    async def log_first(self, peer: AuthorityId) -> bytes:
        """Return the proof file of the first entry of the peer's log, unverified."""
        ...

    async def put_part(
        self,
        peer: AuthorityId,
        part: PartName,
        chunks: Callable[[], AsyncIterator[bytes]],
    ) -> PartReply:
        """Send a part.

        Args:
            peer: Who gets it.
            part: Which one.
            chunks: Gives its bytes from the start, each time it is called.
        """
        ...


class PeerCalls(Protocol):
    """What this node answers; the peer listener calls it with a proven peer.

    Every call may raise a `GatewayError`, which becomes one HTTP error with a
    stable code, and means that nothing was stored.
    """

    async def ping(self, peer: VerifiedPeer) -> PingReply:
        """Answer who we are and what we have seen of the caller's log."""
        ...

    async def deliver(self, peer: VerifiedPeer, body: bytes) -> DeliveryReply:
        """Take a batch of envelopes."""
        ...

    async def events(self, peer: VerifiedPeer, body: bytes) -> EventsReply:
        """Take later events."""
        ...

    async def missing_numbers(self, peer: VerifiedPeer) -> MissingReply:
        """Answer which of the caller's running numbers are missing here."""
        ...

    async def card(self, peer: VerifiedPeer) -> bytes:
        """Return our current card."""
        ...

    async def accept_card(self, peer: VerifiedPeer, card: bytes) -> CardReply:
        """Take the peer's new card."""
        ...

    async def announce_parts(self, peer: VerifiedPeer, body: bytes) -> PartsReply:
        """Take the digests of all parts of an attachment."""
        ...

    async def parts(
        self,
        peer: VerifiedPeer,
        message_id: MessageId,
        aid: str,
    ) -> PartsReply:
        """Return which parts of an attachment are missing."""
        ...

    async def put_part(
        self,
        peer: VerifiedPeer,
        part: PartName,
        chunks: AsyncIterator[bytes],
    ) -> PartReply:
        """Take a part; `chunks` yields exactly its announced length, or raises."""
        ...

    async def log_consistency(
        self,
        peer: VerifiedPeer,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Return the proof that our log only grew between two sizes."""
        ...

    async def add_checkpoint(self, peer: VerifiedPeer, body: bytes) -> WitnessAnswer:
        """Answer a request to cosign a log, as C2SP spells answers."""
        ...

    async def cosigned(self, peer: VerifiedPeer, hashed_origin: str) -> bytes:
        """Return the newest note of a log that this node cosigned."""
        ...

    async def gossip(self, peer: VerifiedPeer, body: bytes) -> GossipReply:
        """Compare checkpoints of third logs."""
        ...

    async def log_checkpoint(self, peer: VerifiedPeer) -> bytes:
        """Return the newest released checkpoint, for a peer that may monitor."""
        ...

    async def log_seen(self, peer: VerifiedPeer) -> bytes:
        """Return the newest signed note of the caller's log that we hold."""
        ...

    async def log_first(self, peer: VerifiedPeer) -> bytes:
        """Return the proof file of the first entry of our log."""
        ...

    async def log_tile(self, peer: VerifiedPeer, path: str) -> bytes:
        """Return a hash tile, for a peer that may monitor."""
        ...
