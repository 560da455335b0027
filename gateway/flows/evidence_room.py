"""Room for a peer's evidence: reserved before the message is stored, within its quota.

What was promised to a sender with "incomplete" is then there: its parts can't find the
disk full. What is not used after all is given back.
"""

from collections.abc import Collection
from dataclasses import replace

import structlog

from gateway.core.envelope import Header
from gateway.core.errors import QuotaError, TryLaterError
from gateway.core.limits import MAX_PENDING_MESSAGES, MIB
from gateway.core.parts import PartSet, part_count
from gateway.core.protocol import ItemReply
from gateway.flows.exchange import Exchange
from gateway.ports.blobs import BlobId, BlobStore
from gateway.ports.evidence import Attachment, AttachmentState
from gateway.ports.inbox import InboundItem
from gateway.ports.peers import Peer

log = structlog.get_logger()

_GIB = 1024 * MIB
_RETRY_QUOTA_S = 3600
_NO_BLOB = BlobId("")


def awaited(header: Header) -> tuple[Attachment, ...]:
    """Return the evidence that a sealed header announces, without room for it yet."""
    return tuple(
        Attachment(
            position=position,
            aid=named.aid,
            length=named.length,
            root=named.root,
            blob=_NO_BLOB,
            state=AttachmentState.COMING,
            parts=PartSet(part_count(named.length)),
        )
        for position, named in enumerate(header.attachments)
    )


class EvidenceRoom:
    """Reserves blobs for evidence that is coming."""

    def __init__(self, exchange: Exchange, blobs: BlobStore) -> None:
        self._exchange = exchange
        self._blobs = blobs

    async def reserve(
        self,
        peer: Peer,
        judged: list[InboundItem | ItemReply],
    ) -> list[BlobId]:
        """Give each item of a delivery room for its evidence; return all new blobs.

        An item that there is no room for is put off: in its place in `judged` stands
        the reply that says so.
        """
        reserved: list[BlobId] = []
        for place, one in enumerate(judged):
            if not isinstance(one, InboundItem) or not one.attachments:
                continue
            mine: list[BlobId] = []
            try:
                await self._check_quota(peer, one, judged[:place])
                judged[place] = await self._with_room(one, mine)
            except TryLaterError as error:
                await self.give_back(mine)
                judged[place] = ItemReply(
                    status="later",
                    code=error.code,
                    retry_after=error.retry_after_s,
                )
                log.warning(
                    "evidence_put_off",
                    peer=peer.authority,
                    message_id=one.id,
                    code=error.code,
                    reason=str(error),
                )
            else:
                reserved += mine
        return reserved

    async def give_back(self, blobs: Collection[BlobId]) -> None:
        """Remove blobs that no stored message names."""
        await self._blobs.remove([blob for blob in blobs if blob])

    async def _with_room(self, item: InboundItem, mine: list[BlobId]) -> InboundItem:
        rows = []
        for row in item.attachments:
            blob = await self._blobs.reserve(row.length)
            mine.append(blob)
            rows.append(replace(row, blob=blob))
        return replace(item, attachments=tuple(rows))

    async def _check_quota(
        self,
        peer: Peer,
        item: InboundItem,
        before: list[InboundItem | ItemReply],
    ) -> None:
        """Put off a peer whose evidence piles up unopened; the disk is not its own."""
        accepted = [one for one in before if isinstance(one, InboundItem)]
        wanted = sum(row.length for one in (*accepted, item) for row in one.attachments)
        now = self._exchange.clock.now()
        traffic = await self._exchange.store.traffic(peer.authority, now)
        if traffic.pending + len(accepted) >= MAX_PENDING_MESSAGES:
            raise QuotaError(
                f"quota: {traffic.pending} messages wait for their evidence",
                retry_after_s=_RETRY_QUOTA_S,
            )
        stored = await self._exchange.store.evidence_bytes(peer.authority)
        allowed = peer.policy.max_evidence_gib * _GIB
        if stored + wanted > allowed:
            raise QuotaError(
                f"quota: {stored} bytes of evidence wait unopened and {wanted} are "
                f"offered, at most {allowed}",
                retry_after_s=_RETRY_QUOTA_S,
            )
