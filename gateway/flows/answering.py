"""What this node answers its peers; each call arrives with a proven peer.

Joins the journeys that begin on the other side. A peer that was removed can't get
here: its connection is refused before a byte is read.
"""

import base64
from collections.abc import AsyncIterator, Callable

from gateway.core.errors import MaintenanceError, NotAllowedError, NotFoundError
from gateway.core.gossip import GossipReply
from gateway.core.limits import (
    MAX_DELIVERY_BYTES,
    MAX_DELIVERY_ITEMS,
    MAX_ENVELOPE_BYTES,
)
from gateway.core.missing import MissingReply
from gateway.core.protocol import (
    PROTOCOL_VERSION,
    CardReply,
    Consistency,
    DeliveryReply,
    EventsReply,
    Limits,
    PartReply,
    PartsReply,
    PingReply,
    Seen,
    hashes_to_text,
)
from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.core.translog.tiles import Tile, parse_path
from gateway.core.values import AuthorityId, MessageId, Stage, format_time
from gateway.flows.events import EventTaking
from gateway.flows.exchange import Exchange
from gateway.flows.gossip import Gossip
from gateway.flows.numbers import NumberWatch
from gateway.flows.our_card import OurCard, prove_entry
from gateway.flows.peers import PeerCare
from gateway.flows.receive import Receive
from gateway.flows.take_parts import PartTaking
from gateway.flows.witness import Witnessing
from gateway.ports.log import PeerLogState
from gateway.ports.peers import PartName, Peer, VerifiedPeer
from gateway.ports.witness import WitnessAnswer


class Answering:
    """Answers the calls of the peer listener (`ports.peers.PeerCalls`)."""

    def __init__(  # noqa: PLR0913 - one collaborator for each thing a peer can ask
        self,
        exchange: Exchange,
        *,
        stage: Stage,
        receive: Receive,
        parts: PartTaking,
        events: EventTaking,
        our_card: OurCard,
        peer_care: PeerCare,
        witnessing: Witnessing,
        gossip: Gossip,
        numbers: NumberWatch,
        contacted: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._stage = stage
        self._receive = receive
        self._parts = parts
        self._events = events
        self._our_card = our_card
        self._peer_care = peer_care
        self._witnessing = witnessing
        self._gossip = gossip
        self._numbers = numbers
        self._contacted = contacted
        self._is_stopping = False

    def stop(self) -> None:
        """Answer everything from now on with "later"."""
        self._is_stopping = True

    async def ping(self, peer: VerifiedPeer) -> PingReply:
        """Answer who we are and what we have seen of the caller's log."""
        state = await self._log_of(peer)
        size, root = (state.size, state.root) if state else (0, EMPTY_ROOT)
        self._contacted(peer.authority)
        return PingReply(
            authority=self._exchange.ourselves,
            limits=Limits(
                body_bytes=MAX_DELIVERY_BYTES,
                envelope_bytes=MAX_ENVELOPE_BYTES,
                items=MAX_DELIVERY_ITEMS,
            ),
            now=format_time(self._exchange.clock.now()),
            seen=Seen(root=base64.b64encode(root).decode("ascii"), size=size),
            stage=self._stage.value,
            suites=[1],
            versions=[PROTOCOL_VERSION],
        )

    async def log_seen(self, peer: VerifiedPeer) -> bytes:
        """Return the newest signed note of the caller's own log that we hold.

        It is the caller's; whoever lost it gets it back.
        """
        state = await self._log_of(peer)
        if state is None:
            raise NotFoundError("log: nothing was linked of it")
        return state.note

    async def _log_of(self, peer: VerifiedPeer) -> PeerLogState | None:
        """Return what is held of a caller's log, by the origin on its card."""
        origin = self._known(peer).card.log_origin
        return await self._exchange.store.peer_log_of(origin)

    async def deliver(self, peer: VerifiedPeer, body: bytes) -> DeliveryReply:
        """Take a batch of envelopes."""
        reply = await self._receive.take(self._configured(peer), body)
        self._contacted(peer.authority)
        return reply

    async def events(self, peer: VerifiedPeer, body: bytes) -> EventsReply:
        """Take later events."""
        reply = await self._events.take(self._configured(peer), body)
        self._contacted(peer.authority)
        return reply

    async def missing_numbers(self, peer: VerifiedPeer) -> MissingReply:
        """Answer which of the caller's running numbers are missing here."""
        return await self._numbers.answer(self._configured(peer).authority)

    async def card(self, peer: VerifiedPeer) -> bytes:
        """Return our current card."""
        self._configured(peer)
        return self._our_card.current()

    async def accept_card(self, peer: VerifiedPeer, card: bytes) -> CardReply:
        """Take the peer's new card, proven and linked like everything else."""
        self._configured(peer)
        number = await self._peer_care.accept_pushed(peer.authority, card)
        self._contacted(peer.authority)
        return CardReply(number=number)

    async def announce_parts(self, peer: VerifiedPeer, body: bytes) -> PartsReply:
        """Take the digests of all parts of an attachment."""
        return await self._parts.announce(self._configured(peer), body)

    async def parts(
        self,
        peer: VerifiedPeer,
        message_id: MessageId,
        aid: str,
    ) -> PartsReply:
        """Return which parts of an attachment are missing."""
        return await self._parts.parts(self._configured(peer), message_id, aid)

    async def put_part(
        self,
        peer: VerifiedPeer,
        part: PartName,
        chunks: AsyncIterator[bytes],
    ) -> PartReply:
        """Take a part of an attachment."""
        return await self._parts.take(self._configured(peer), part, chunks)

    async def log_consistency(
        self,
        peer: VerifiedPeer,
        old_size: int,
        new_size: int,
    ) -> Consistency:
        """Return the proof that our log only grew, between sizes that were signed."""
        self._configured(peer)
        newest = await self._exchange.store.newest_checkpoint()
        if newest is None or not 0 < old_size <= new_size <= newest.size:
            raise NotFoundError("log: no such trees were signed")
        hashes = await self._exchange.store.consistency(old_size, new_size)
        return Consistency(from_size=old_size, proof=hashes_to_text(hashes))

    async def add_checkpoint(self, peer: VerifiedPeer, body: bytes) -> WitnessAnswer:
        """Answer a request to cosign a log."""
        self._configured(peer)
        return await self._witnessing.add_checkpoint(peer.authority, body)

    async def cosigned(self, peer: VerifiedPeer, hashed_origin: str) -> bytes:
        """Return the newest note of a log that this node cosigned."""
        return await self._witnessing.checkpoint(self._configured(peer), hashed_origin)

    async def gossip(self, peer: VerifiedPeer, body: bytes) -> GossipReply:
        """Compare checkpoints of third logs."""
        return await self._gossip.take(self._configured(peer), body)

    async def log_checkpoint(self, peer: VerifiedPeer) -> bytes:
        """Return the newest checkpoint, for a peer whose policy says `monitor`."""
        self._monitor(peer)
        await self._exchange.agreement.ensure(peer.authority)
        return (await self._exchange.checkpoints.newest()).note

    async def log_first(self, peer: VerifiedPeer) -> bytes:
        """Return the proof file of the first entry of our log.

        It names our keys and, in a later log, what the log before came to.
        """
        self._configured(peer)
        await self._exchange.agreement.ensure(peer.authority)
        return await prove_entry(self._exchange, 0)

    async def log_tile(self, peer: VerifiedPeer, path: str) -> bytes:
        """Return a hash tile, for a peer whose policy says `monitor`."""
        self._monitor(peer)
        tile = parse_path(path)
        if not isinstance(tile, Tile):
            raise NotAllowedError("entries are not open to peers")
        return await self._exchange.store.tile(tile.level, tile.index, tile.width)

    def _configured(self, verified: VerifiedPeer) -> Peer:
        """Return a peer that is answered with more than what is its own."""
        peer = self._known(verified)
        self._exchange.halts.check_window(self._exchange.clock.now())
        if self._exchange.recovery.is_on:
            # Said before anything is stored that could not be answered for.
            raise MaintenanceError("this node recovers its log", retry_after_s=300)
        return peer

    def _known(self, verified: VerifiedPeer) -> Peer:
        if self._is_stopping:
            raise MaintenanceError("this node is stopping", retry_after_s=5)
        peer = self._exchange.directory.peer(verified.authority)
        if peer is None:
            raise NotAllowedError("not a peer of this node any more")
        self._exchange.halts.check_peer(peer.authority)
        return peer

    def _monitor(self, verified: VerifiedPeer) -> None:
        if not self._configured(verified).policy.may_monitor:
            raise NotAllowedError("the log is not open to this peer")
