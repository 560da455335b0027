"""Taking a batch from a peer: check, link, commit, then answer (section 10.3).

Nothing is stored that does not link, no receipt exists before its message is durable,
and one bad item never fails the batch. What can't be proven to come from the peer's
log is counted and put off; only proven items are refused for good, with an entry.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog
from msgspec import UNSET

from gateway.core.entries.leaf import Leaf
from gateway.core.envelope import (
    check_addressing,
    check_suite,
    check_times,
    parse_envelope,
)
from gateway.core.errors import (
    GatewayError,
    MalformedError,
    QuotaError,
    TryLaterError,
)
from gateway.core.exchange import OfferedLeaf, offered_leaf, verify_message_leaf
from gateway.core.limits import PENDING_LIFETIME_MS
from gateway.core.protocol import (
    Delivery,
    DeliveryItem,
    DeliveryReply,
    ItemReply,
    ItemStatus,
    hashes_to_text,
    parse_delivery,
)
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import (
    HexDigest,
    MessageId,
    UnixMs,
    format_time,
    parse_time,
)
from gateway.flows.agreement import check_clock
from gateway.flows.bad_items import BadItems
from gateway.flows.evidence_room import EvidenceRoom, awaited
from gateway.flows.exchange import Exchange
from gateway.flows.peer_logs import LinkedCheckpoint
from gateway.ports.blobs import BlobId
from gateway.ports.inbox import InboundItem, InboundResult, InboundStatus, KnownInbound
from gateway.ports.keys import ArchiveKeys, OpeningKeys
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import PeerProof
from gateway.ports.peers import Peer
from gateway.ports.world import DiskGuard

log = structlog.get_logger()

# Seal checks take about 0.2 ms each; the loop breathes between groups of them.
_ITEMS_BETWEEN_BREATHS = 32
_RETRY_BAD_S = 60
_RETRY_QUOTA_S = 300

_STATUSES: Mapping[InboundStatus, ItemStatus] = {
    InboundStatus.RECEIVED: "received",
    InboundStatus.ALREADY: "already",
    InboundStatus.REFUSED: "refused",
    InboundStatus.INCOMPLETE: "incomplete",
}
_SPENT = ItemReply(status="later", code=QuotaError.code, retry_after=_RETRY_BAD_S)


@dataclass(frozen=True, slots=True)
class _Proven:
    """An item whose sender's log entry was verified."""

    item: DeliveryItem
    raw: bytes
    offered: OfferedLeaf
    leaf: Leaf

    @property
    def message_id(self) -> MessageId:
        return MessageId(self.leaf.text("m"))

    @property
    def digest(self) -> HexDigest:
        return HexDigest(self.item.digest)


class Receive:
    """Takes deliveries of all peers."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        opening_keys: OpeningKeys,
        archive_keys: ArchiveKeys,
        disk: DiskGuard,
        evidence: EvidenceRoom,
        received: asyncio.Event,
    ) -> None:
        self._exchange = exchange
        self._opening_keys = opening_keys
        self._archive_keys = archive_keys
        self._disk = disk
        self._evidence = evidence
        self._received = received
        self._unproven = BadItems(exchange, "unproven_item")
        self._refused = BadItems(exchange, "message_refused")

    async def take(self, peer: Peer, body: bytes) -> DeliveryReply:
        """Take a delivery and answer each of its items.

        Raises:
            GatewayError: The batch as a whole is refused; nothing of it is stored.
        """
        with self._exchange.giving_way.handling_message():
            return await self._take(peer, body)

    async def _take(self, peer: Peer, body: bytes) -> DeliveryReply:
        delivery = parse_delivery(body)
        await self._exchange.agreement.ensure(peer.authority)
        self._exchange.our_log_seen.told(peer.authority, delivery.head.seen)
        try:
            check_clock(self._exchange.clock.now(), parse_time(delivery.head.now))
            self._disk.check(len(body))
            await self._check_quota(peer, len(delivery.head.items))
        except GatewayError as error:
            return await self._put_off_all(peer, delivery, error)
        async with self._exchange.peer_logs.turn(peer.authority):
            linked = await self._link(peer, delivery)
            judged = await self._judge_all(peer, delivery, linked.checkpoint)
            items, results = await self._commit(
                peer, linked.link, judged, delivery.head.pending
            )
            self._count_conflicts(peer, items, results)
        log.info("batch_taken", peer=peer.authority, items=len(results))
        try:
            return await self._reply(peer, delivery.head.seen, judged, results)
        finally:
            # Last: who reads the messages now would be in the way of the answer.
            self._received.set()

    async def _commit(
        self,
        peer: Peer,
        link: PeerLogLink,
        judged: list[InboundItem | ItemReply],
        pending: Sequence[tuple[int, int]],
    ) -> tuple[list[InboundItem], list[InboundResult]]:
        """Store what is to be stored, with room reserved for its evidence."""
        reserved = await self._evidence.reserve(peer, judged)
        try:
            items = [one for one in judged if isinstance(one, InboundItem)]
            now = self._exchange.clock.now()
            results = await self._exchange.store.commit_inbound(
                link, items, now, pending=pending
            )
        except GatewayError:
            # Not when this call is cancelled: then the commit may yet come about, and
            # the next start knows which blobs are named.
            await self._evidence.give_back(reserved)
            raise
        await self._evidence.give_back(set(reserved) - _taken(items, results))
        return items, results

    async def _check_quota(self, peer: Peer, items: int) -> None:
        """Put off a peer whose messages pile up unopened; the disk is not its own."""
        now = self._exchange.clock.now()
        traffic = await self._exchange.store.traffic(peer.authority, now)
        # A pending one that is offered again is among the items; `EvidenceRoom` bounds
        # how many there can be.
        if traffic.unopened - traffic.pending + items > peer.policy.max_unopened:
            raise QuotaError(
                f"quota: {traffic.unopened} messages wait unopened, "
                f"at most {peer.policy.max_unopened}",
                retry_after_s=_RETRY_QUOTA_S,
            )

    async def _link(self, peer: Peer, delivery: Delivery) -> LinkedCheckpoint:
        head = delivery.head
        return await self._exchange.peer_logs.link(
            peer,
            head.checkpoint,
            head.consistency,
            head.links,
        )

    async def _judge_all(
        self,
        peer: Peer,
        delivery: Delivery,
        checkpoint: Checkpoint,
    ) -> list[InboundItem | ItemReply]:
        """Return each item ready to commit, or the reply that puts it off."""
        proven = [
            self._prove(peer, item, raw, checkpoint)
            for item, raw in zip(delivery.head.items, delivery.envelopes, strict=True)
        ]
        known = await self._exchange.store.known_inbound(
            peer.authority,
            [one.message_id for one in proven if isinstance(one, _Proven)],
        )
        judged: list[InboundItem | ItemReply] = []
        for number, one in enumerate(proven):
            if isinstance(one, ItemReply):
                judged.append(one)
                continue
            judged.append(self._judge(peer, one, known.get(one.message_id, [])))
            if number % _ITEMS_BETWEEN_BREATHS == _ITEMS_BETWEEN_BREATHS - 1:
                await asyncio.sleep(0)
        return judged

    def _prove(
        self,
        peer: Peer,
        item: DeliveryItem,
        raw: bytes,
        checkpoint: Checkpoint,
    ) -> _Proven | ItemReply:
        """Verify that the peer logged having sent exactly these bytes to us."""
        try:
            offered = offered_leaf(index=item.index, leaf=item.leaf, path=item.path)
            leaf = verify_message_leaf(
                offered,
                checkpoint,
                kinds=("msg.send",),
                peer=self._exchange.ourselves,
                digest=HexDigest(hashlib.sha256(raw).hexdigest()),
            )
            if leaf.text("dig") != item.digest:
                return self._put_off_unproven(peer, "malformed")
        except GatewayError as error:
            return self._put_off_unproven(peer, error.code)
        return _Proven(item, raw, offered, leaf)

    def _put_off_unproven(self, peer: Peer, code: str) -> ItemReply:
        if not self._unproven.spend(peer.authority, code):
            code = QuotaError.code
        return ItemReply(status="later", code=code, retry_after=_RETRY_BAD_S)

    def _judge(
        self,
        peer: Peer,
        proven: _Proven,
        known: Sequence[KnownInbound],
    ) -> InboundItem | ItemReply:
        """Check a proven item as far as it was not checked before."""
        if any(one.digest == proven.digest for one in known):
            # Received or refused before: the transaction answers from what it stored.
            return _inbound_item(proven)
        if self._refused.is_spent(peer.authority):
            return _SPENT
        try:
            return self._accept(peer, proven)
        except TryLaterError as error:
            return ItemReply(
                status="later",
                code=error.code,
                retry_after=error.retry_after_s,
            )
        except GatewayError as error:
            self._refused.spend(peer.authority, error.code)
            return _inbound_item(proven, refusal=error.code)

    def _accept(self, peer: Peer, proven: _Proven) -> InboundItem:
        now = self._exchange.clock.now()
        envelope = parse_envelope(proven.raw)
        header = envelope.header
        check_addressing(
            header,
            sender=peer.authority,
            recipient=self._exchange.ourselves,
        )
        if header.id != proven.message_id:
            raise MalformedError("envelope: another id than its log entry has")
        check_suite(header)
        check_times(header, now, records=self._opening_keys.records())
        content_key = self._opening_keys.check_seal(envelope, now)
        return InboundItem(
            id=proven.message_id,
            digest=envelope.digest,
            proof=_peer_proof(proven),
            seq=proven.leaf.number("seq"),
            content_digest=HexDigest(proven.leaf.text("man")),
            envelope=proven.raw,
            archived_key=self._archive_keys.wrap(
                content_key,
                box="in",
                digest=envelope.digest,
            ),
            priority=header.priority,
            created_at=header.created,
            expires_at=header.expires,
            attachments=awaited(header),
            pending_until=UnixMs(now + PENDING_LIFETIME_MS),
        )

    async def _reply(
        self,
        peer: Peer,
        base: int,
        judged: Sequence[InboundItem | ItemReply],
        results: Sequence[InboundResult],
    ) -> DeliveryReply:
        """Answer from what was committed, proven under a checkpoint that covers it."""
        exchange = self._exchange
        indices = [result.log_index for result in results]
        checkpoint = await exchange.checkpoints.covering(1 + max(indices, default=-1))
        # At once: the reply to the next delivery may be under way beside this one.
        consistency, links = await exchange.our_log_seen.proofs_for(
            peer.authority,
            checkpoint.size,
            base=base,
        )
        inclusions = await exchange.store.prove(indices, checkpoint.size)
        proven = iter(zip(results, inclusions, strict=True))
        items = []
        for one in judged:
            if isinstance(one, ItemReply):
                items.append(one)
                continue
            result, inclusion = next(proven)
            if result.status is InboundStatus.INCOMPLETE:
                missing = list(result.missing)
                items.append(ItemReply(status="incomplete", missing=missing))
                continue
            items.append(
                ItemReply(
                    status=_STATUSES[result.status],
                    code=result.code or UNSET,
                    index=inclusion.index,
                    leaf=inclusion.data.decode(),
                    path=hashes_to_text(inclusion.path),
                ),
            )
        return DeliveryReply(
            checkpoint=checkpoint.note.decode(),
            consistency=consistency,
            items=items,
            links=links,
            now=format_time(exchange.clock.now()),
        )

    async def _put_off_all(
        self,
        peer: Peer,
        delivery: Delivery,
        error: GatewayError,
    ) -> DeliveryReply:
        retry_after = getattr(error, "retry_after_s", _RETRY_BAD_S)
        log.warning("delivery_put_off", peer=peer.authority, code=error.code)
        later = ItemReply(status="later", code=error.code, retry_after=retry_after)
        judged = [later] * len(delivery.head.items)
        return await self._reply(peer, delivery.head.seen, judged, [])

    def _count_conflicts(
        self,
        peer: Peer,
        items: Sequence[InboundItem],
        results: Sequence[InboundResult],
    ) -> None:
        """Count what only the transaction could refuse: its id was in use."""
        for item, result in zip(items, results, strict=True):
            if item.envelope and result.status is InboundStatus.REFUSED:
                self._refused.spend(peer.authority, result.code)


def _taken(
    items: Sequence[InboundItem],
    results: Sequence[InboundResult],
) -> set[BlobId]:
    """Return the blobs that stored messages name: of each message the first ones."""
    taken: dict[MessageId, set[BlobId]] = {}
    for item, result in zip(items, results, strict=True):
        if item.attachments and result.status is InboundStatus.INCOMPLETE:
            taken.setdefault(item.id, {one.blob for one in item.attachments})
    return set().union(*taken.values())


def _peer_proof(proven: _Proven) -> PeerProof:
    return PeerProof(proven.offered.index, proven.offered.data, proven.offered.path)


def _inbound_item(proven: _Proven, refusal: str = "") -> InboundItem:
    return InboundItem(
        id=proven.message_id,
        digest=proven.digest,
        proof=_peer_proof(proven),
        seq=proven.leaf.number("seq"),
        content_digest=HexDigest(proven.leaf.text("man")),
        refusal=refusal,
    )
