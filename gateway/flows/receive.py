"""Taking a batch from a peer: check, link, commit, then answer (section 10.3).

Nothing is stored that does not link, no receipt exists before its message is durable,
and one bad item never fails the batch. What can't be proven to come from the peer's
log is counted and put off; only proven items are refused for good, with an entry.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import structlog
from msgspec import UNSET

from gateway.core.errors import (
    GatewayError,
    QuotaError,
)
from gateway.core.protocol import (
    Delivery,
    DeliveryReply,
    ItemReply,
    ItemStatus,
    hashes_to_text,
    parse_delivery,
)
from gateway.core.values import (
    MessageId,
    format_time,
    parse_time,
)
from gateway.flows.agreement import check_clock
from gateway.flows.bad_items import BadItems
from gateway.flows.evidence_room import EvidenceRoom
from gateway.flows.exchange import Exchange
from gateway.flows.offered_items import RETRY_BAD_S, OfferedItems
from gateway.flows.peer_logs import LinkedCheckpoint
from gateway.ports.blobs import BlobId
from gateway.ports.inbox import InboundItem, InboundResult, InboundStatus
from gateway.ports.keys import ArchiveKeys, OpeningKeys
from gateway.ports.log import PeerLogLink
from gateway.ports.peers import Peer
from gateway.ports.world import DiskGuard

log = structlog.get_logger()

_RETRY_QUOTA_S = 300
_AFTER_GARBAGE_S = 0.5
# It waits for nobody's network, only for the batch before it.
_LONGEST_TAKING_S = 5.0
# A commit of so many is waited for by others without harm.
_CONTENDED_COMMIT = 32

_STATUSES: Mapping[InboundStatus, ItemStatus] = {
    InboundStatus.RECEIVED: "received",
    InboundStatus.ALREADY: "already",
    InboundStatus.REFUSED: "refused",
    InboundStatus.INCOMPLETE: "incomplete",
}


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
        self._disk = disk
        self._evidence = evidence
        self._received = received
        self._garbage = BadItems(exchange, "malformed_delivery")
        self._offered = OfferedItems(
            exchange,
            opening_keys=opening_keys,
            archive_keys=archive_keys,
        )

    async def take(self, peer: Peer, body: bytes) -> DeliveryReply:
        """Take a delivery and answer each of its items.

        Raises:
            GatewayError: The batch as a whole is refused; nothing of it is stored.
        """
        try:
            delivery = parse_delivery(body)
        except GatewayError as error:
            if not self._garbage.spend(peer.authority, error.code):
                # Beyond the budget it costs its sender time, rather than the others.
                await self._exchange.clock.sleep(_AFTER_GARBAGE_S)
            raise
        handling = self._exchange.giving_way.handling_message(
            len(delivery.head.items), longest_s=_LONGEST_TAKING_S
        )
        with handling:
            return await self._take(peer, delivery, len(body))

    async def _take(
        self,
        peer: Peer,
        delivery: Delivery,
        length: int,
    ) -> DeliveryReply:
        await self._exchange.agreement.ensure(peer.authority)
        self._exchange.our_log_seen.told(peer.authority, delivery.head.seen)
        try:
            check_clock(self._exchange.clock.now(), parse_time(delivery.head.now))
            self._disk.check(length)
            await self._check_quota(peer, len(delivery.head.items))
        except GatewayError as error:
            return await self._put_off_all(peer, delivery, error)
        async with self._exchange.peer_logs.turn(peer.authority):
            linked = await self._link(peer, delivery)
            judged = await self._offered.judge_all(
                peer,
                delivery,
                linked.checkpoint,
            )
            items, results = await self._commit(
                peer, linked.link, judged, delivery.head.pending
            )
            self._offered.count_conflicts(peer, items, results)
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
        items = [one for one in judged if isinstance(one, InboundItem)]
        results: list[InboundResult] = []
        now = self._exchange.clock.now()
        try:
            for piece in self._pieces(items):
                results += await self._exchange.store.commit_inbound(
                    link, piece, now, pending=pending
                )
                link = replace(link, seen_size=link.size)
                await self._exchange.giving_way.let_few_pass(len(items))
        except GatewayError:
            # Not when this call is cancelled: then the commit may yet come about, and
            # the next start knows which blobs are named.
            taken = _taken(items[: len(results)], results)
            await self._evidence.give_back(set(reserved) - taken)
            raise
        await self._evidence.give_back(set(reserved) - _taken(items, results))
        return items, results

    def _pieces(self, items: list[InboundItem]) -> Iterator[list[InboundItem]]:
        """Yield what is committed at once: less while few items of others wait.

        Each is whole by itself; what was stored is known when it is offered again.
        """
        start = 0
        while start < len(items) or not start:
            contended = self._exchange.giving_way.are_few_about
            stop = start + (_CONTENDED_COMMIT if contended else len(items))
            yield items[start:stop]
            start = max(stop, 1)

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
        retry_after = getattr(error, "retry_after_s", RETRY_BAD_S)
        log.warning("delivery_put_off", peer=peer.authority, code=error.code)
        later = ItemReply(status="later", code=error.code, retry_after=retry_after)
        judged = [later] * len(delivery.head.items)
        return await self._reply(peer, delivery.head.seen, judged, [])


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
