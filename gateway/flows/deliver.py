"""One worker a peer: claim, prove, send, verify the reply, record (section 10.4).

The attempt is recorded before it is made; a state changes only on a verified leaf of
the peer's log. Everything else is "later" or "unknown", and is settled by offering
the same bytes again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from msgspec import UNSET

from gateway.core.delivery import BackOff
from gateway.core.errors import (
    GatewayError,
    LogOutOfStepError,
    TryLaterError,
    UnreachableError,
)
from gateway.core.exchange import offered_leaf, verify_message_leaf
from gateway.core.protocol import (
    DeliveryHead,
    DeliveryItem,
    DeliveryReply,
    ItemReply,
    encode_delivery,
    hashes_to_text,
)
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import AuthorityId, UnixMs, format_time
from gateway.flows.exchange import Exchange
from gateway.ports.messages import PeerProof
from gateway.ports.outbox import AttemptOutcome, DueMessage, OutcomeKind
from gateway.ports.peers import Peer

log = structlog.get_logger()

# Out of step means that our proof started elsewhere; proving again from where the
# peer says it is succeeds at once, unless its log moves on every time.
_PROOF_ATTEMPTS = 4
# Stands for the code of a refusal whose entry gives none.
_NO_REASON = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How batches are cut and failures waited out.

    Attributes:
        lease_ms: How long a claimed message stays claimed; above any call's time-out.
        item_retry_ms: Wait before an item is offered again that the peer put off
            without saying for how long.
        incomplete_retry_ms: The same for an item whose evidence the peer waits for.
        longest_wait_ms: A peer that asks for more patience is offered it again all
            the same.
    """

    max_items: int = 256
    max_bytes: int = 12 * 1024 * 1024
    lease_ms: int = 120_000
    item_retry_ms: int = 30_000
    incomplete_retry_ms: int = 900_000
    longest_wait_ms: int = 3_600_000
    back_off: BackOff = field(default_factory=BackOff)


class Delivery:
    """What the workers of all peers share."""

    def __init__(
        self,
        exchange: Exchange,
        policy: DeliveryPolicy,
        *,
        send_evidence: Callable[[AuthorityId], None],
    ) -> None:
        self.exchange = exchange
        self.policy = policy
        self._send_evidence = send_evidence

    async def deliver_due(self, peer: Peer) -> int:
        """Offer one batch of due messages and record what came of it.

        Returns how many messages were offered; 0 if none was due.

        Raises:
            GatewayError: The whole batch failed; every message of it is rescheduled.
        """
        with self.exchange.giving_way.handling_message():
            await self.exchange.conflicts.check_exchange(peer)
            await self.exchange.agreement.ensure(peer.authority)
            due = await self.exchange.store.claim_due(
                peer.authority,
                now=self.exchange.clock.now(),
                lease_ms=self.policy.lease_ms,
                max_items=self.policy.max_items,
                max_bytes=self.policy.max_bytes,
            )
            if due:
                await self._offer(peer, due)
        return len(due)

    async def _offer(self, peer: Peer, due: list[DueMessage]) -> None:
        try:
            reply, size_seen = await self._exchange(peer, due)
            await self._record_reply(peer, due, reply)
        except GatewayError as error:
            await self._record_failure(peer.authority, due, error)
            raise
        self.exchange.our_log_seen.told(peer.authority, size_seen)

    async def _exchange(
        self,
        peer: Peer,
        due: Sequence[DueMessage],
    ) -> tuple[DeliveryReply, int]:
        """Send a batch, proving again from where the peer says it is."""
        base: int | None = None
        for _ in range(_PROOF_ATTEMPTS):
            body, size = await self._frame(peer, due, base)
            try:
                return await self.exchange.transport.deliver(peer.authority, body), size
            except LogOutOfStepError as error:
                base = await self._step_back(peer.authority, error)
        raise TryLaterError("log: out of step again and again", retry_after_s=1)

    async def _step_back(self, peer: AuthorityId, error: LogOutOfStepError) -> int:
        self.exchange.our_log_seen.reset(peer, error.seen)
        head = await self.exchange.store.log_head()
        if error.seen > head.size:
            # The peer has seen more of our log than there is: compare before release.
            self.exchange.agreement.forget(peer)
            await self.exchange.agreement.ensure(peer)
        return error.seen

    async def _frame(
        self,
        peer: Peer,
        due: Sequence[DueMessage],
        base: int | None,
    ) -> tuple[bytes, int]:
        covered = 1 + max(message.send_index for message in due)
        checkpoint = await self.exchange.checkpoints.covering(covered)
        indices = [message.send_index for message in due]
        inclusions = await self.exchange.store.prove(indices, checkpoint.size)
        consistency, links = await self.exchange.our_log_seen.proofs_for(
            peer.authority,
            checkpoint.size,
            base=base,
        )
        items = [
            DeliveryItem(
                digest=message.digest,
                index=inclusion.index,
                leaf=inclusion.data.decode(),
                length=len(message.envelope),
                path=hashes_to_text(inclusion.path),
            )
            for message, inclusion in zip(due, inclusions, strict=True)
        ]
        head = DeliveryHead(
            checkpoint=checkpoint.note.decode(),
            consistency=consistency,
            items=items,
            links=links,
            now=format_time(self.exchange.clock.now()),
            pending=await self.exchange.store.pending_seqs(peer.authority),
            seen=await self.exchange.peer_logs.seen_size(peer.authority),
        )
        body = encode_delivery(head, [message.envelope for message in due])
        return body, checkpoint.size

    async def _record_reply(
        self,
        peer: Peer,
        due: Sequence[DueMessage],
        reply: DeliveryReply,
    ) -> None:
        if len(reply.items) != len(due):
            raise UnreachableError("reply: another number of items than were offered")
        async with self.exchange.peer_logs.turn(peer.authority):
            linked = await self.exchange.peer_logs.link(
                peer,
                reply.checkpoint,
                reply.consistency,
                reply.links,
            )
            now = self.exchange.clock.now()
            outcomes = [
                self._judge(message, item, linked.checkpoint, now)
                for message, item in zip(due, reply.items, strict=True)
            ]
            await self.exchange.store.record_outcomes(
                peer.authority,
                outcomes,
                linked.link,
                now,
            )
        if any(one.kind is OutcomeKind.INCOMPLETE for one in outcomes):
            self._send_evidence(peer.authority)
        self._report(peer.authority, outcomes)

    def _judge(
        self,
        message: DueMessage,
        item: ItemReply,
        checkpoint: Checkpoint,
        now: UnixMs,
    ) -> AttemptOutcome:
        """Turn the peer's word on one item into a verified outcome."""
        kind = _PROVEN.get(item.status)
        if item.status == "incomplete":
            # Due again once its files are there; by itself only as a safeguard.
            return AttemptOutcome(
                message.id,
                message.digest,
                OutcomeKind.INCOMPLETE,
                code=item.status,
                next_attempt_at=UnixMs(now + self.policy.incomplete_retry_ms),
            )
        if kind is None:
            wait_ms = self.policy.item_retry_ms
            if item.retry_after is not UNSET:
                asked_ms = 1000 * max(1, item.retry_after)
                wait_ms = min(asked_ms, self.policy.longest_wait_ms)
            code = item.status if item.code is UNSET else item.code
            return AttemptOutcome(
                message.id,
                message.digest,
                OutcomeKind.LATER,
                code=code,
                next_attempt_at=UnixMs(now + wait_ms),
            )
        try:
            code, proof = self._believe(message, item, checkpoint, kind)
        except GatewayError as error:
            log.warning("receipt_not_believed", message_id=message.id, code=error.code)
            return AttemptOutcome(
                message.id,
                message.digest,
                OutcomeKind.UNKNOWN,
                code=error.code,
                next_attempt_at=UnixMs(now + self.policy.item_retry_ms),
            )
        return AttemptOutcome(message.id, message.digest, kind, code=code, proof=proof)

    def _believe(
        self,
        message: DueMessage,
        item: ItemReply,
        checkpoint: Checkpoint,
        kind: OutcomeKind,
    ) -> tuple[str, PeerProof]:
        """Return why it was refused, as the proven leaf says it, and the proof."""
        if item.index is UNSET or item.leaf is UNSET or item.path is UNSET:
            raise UnreachableError("reply: an outcome without its proof")
        offered = offered_leaf(index=item.index, leaf=item.leaf, path=item.path)
        leaf = verify_message_leaf(
            offered,
            checkpoint,
            kinds=_LEAF_KINDS[kind],
            peer=self.exchange.ourselves,
            digest=message.digest,
            message_id=message.id,
        )
        code = ""
        if kind is OutcomeKind.REFUSAL:
            code = leaf.text("res") if "res" in leaf.fields else _NO_REASON
        return code, PeerProof(offered.index, offered.data, offered.path)

    async def _record_failure(
        self,
        peer: AuthorityId,
        due: Sequence[DueMessage],
        error: GatewayError,
    ) -> None:
        """Reschedule a whole batch: put off if the peer said so, else unknown."""
        now = self.exchange.clock.now()
        kind = OutcomeKind.UNKNOWN
        wait_ms = 0
        if isinstance(error, TryLaterError):
            kind = OutcomeKind.LATER
            wait_ms = 1000 * error.retry_after_s
        outcomes = [
            AttemptOutcome(
                message.id,
                message.digest,
                kind,
                code=error.code,
                next_attempt_at=UnixMs(now + wait_ms),
            )
            for message in due
        ]
        await self.exchange.store.record_outcomes(peer, outcomes, None, now)
        self.exchange.metrics.count(
            "mla_deliveries_total", len(due), peer=peer, outcome=kind
        )

    def _report(self, peer: AuthorityId, outcomes: Sequence[AttemptOutcome]) -> None:
        for kind in OutcomeKind:
            amount = sum(1 for outcome in outcomes if outcome.kind is kind)
            if amount:
                self.exchange.metrics.count(
                    "mla_deliveries_total",
                    amount,
                    peer=peer,
                    outcome=kind,
                )
        log.info(
            "batch_offered",
            peer=peer,
            offered=len(outcomes),
            delivered=sum(1 for one in outcomes if one.kind is OutcomeKind.RECEIPT),
        )


_PROVEN = {
    "received": OutcomeKind.RECEIPT,
    "already": OutcomeKind.RECEIPT,
    "refused": OutcomeKind.REFUSAL,
}
_LEAF_KINDS = {
    OutcomeKind.RECEIPT: ("msg.receive",),
    OutcomeKind.REFUSAL: ("msg.reject",),
}
