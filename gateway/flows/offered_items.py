"""The items of a delivery: proven to come from the peer's log, then checked.

What can't be proven is counted and put off; only proven items are refused for good,
with an entry (section 10.3). Many items give way to few: between some of them few that
are being handled go first, for a bounded time.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import Leaf
from gateway.core.envelope import (
    check_addressing,
    check_suite,
    check_times,
    parse_envelope,
)
from gateway.core.errors import GatewayError, MalformedError, QuotaError, TryLaterError
from gateway.core.exchange import OfferedLeaf, offered_leaf, verify_message_leaf
from gateway.core.limits import PENDING_LIFETIME_MS
from gateway.core.protocol import Delivery, DeliveryItem, ItemReply
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import HexDigest, MessageId, UnixMs
from gateway.flows.bad_items import BadItems
from gateway.flows.evidence_room import awaited
from gateway.flows.exchange import Exchange
from gateway.ports.inbox import InboundItem, InboundResult, InboundStatus, KnownInbound
from gateway.ports.keys import ArchiveKeys, OpeningKeys
from gateway.ports.messages import PeerProof
from gateway.ports.peers import Peer

# Proving and checking the seal take about 0.1 and 0.3 ms each.
_ITEMS_BETWEEN_BREATHS = 8
RETRY_BAD_S = 60

_SPENT = ItemReply(status="later", code=QuotaError.code, retry_after=RETRY_BAD_S)


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


class OfferedItems:
    """Judges what the peers offer, and counts what they get wrong."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        opening_keys: OpeningKeys,
        archive_keys: ArchiveKeys,
    ) -> None:
        self._exchange = exchange
        self._opening_keys = opening_keys
        self._archive_keys = archive_keys
        self._unproven = BadItems(exchange, "unproven_item")
        self._refused = BadItems(exchange, "message_refused")

    async def judge_all(
        self,
        peer: Peer,
        delivery: Delivery,
        checkpoint: Checkpoint,
    ) -> list[InboundItem | ItemReply]:
        """Return each item ready to commit, or the reply that puts it off."""
        count = len(delivery.head.items)
        offered = zip(delivery.head.items, delivery.envelopes, strict=True)
        proven = []
        for number, (item, raw) in enumerate(offered, start=1):
            proven.append(self._prove(peer, item, raw, checkpoint))
            if number % _ITEMS_BETWEEN_BREATHS == 0:
                await self._exchange.giving_way.let_few_pass(count)
        known = await self._exchange.store.known_inbound(
            peer.authority,
            [one.message_id for one in proven if isinstance(one, _Proven)],
        )
        judged: list[InboundItem | ItemReply] = []
        for number, one in enumerate(proven, start=1):
            if number % _ITEMS_BETWEEN_BREATHS == 0:
                await self._exchange.giving_way.let_few_pass(count)
            if isinstance(one, ItemReply):
                judged.append(one)
                continue
            judged.append(self._judge(peer, one, known.get(one.message_id, [])))
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
        return ItemReply(status="later", code=code, retry_after=RETRY_BAD_S)

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

    def count_conflicts(
        self,
        peer: Peer,
        items: Sequence[InboundItem],
        results: Sequence[InboundResult],
    ) -> None:
        """Count what only the transaction could refuse: its id was in use."""
        for item, result in zip(items, results, strict=True):
            if item.envelope and result.status is InboundStatus.REFUSED:
                self._refused.spend(peer.authority, result.code)


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
