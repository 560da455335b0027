"""What a peer's word on a message of ours comes to, verified (section 10.4).

A state changes only on a verified leaf of the peer's log. Everything else is "later" or
"unknown", and is settled by offering the same bytes again.
"""

import structlog
from msgspec import UNSET

from gateway.core.errors import GatewayError, UnreachableError
from gateway.core.exchange import offered_leaf, verify_message_leaf
from gateway.core.protocol import ItemReply
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.delivery_policy import DeliveryPolicy
from gateway.ports.messages import PeerProof
from gateway.ports.outbox import AttemptOutcome, DueMessage, OutcomeKind

log = structlog.get_logger()

# Stands for the code of a refusal whose entry gives none.
_NO_REASON = "unspecified"

_PROVEN = {
    "received": OutcomeKind.RECEIPT,
    "already": OutcomeKind.RECEIPT,
    "refused": OutcomeKind.REFUSAL,
}
_LEAF_KINDS = {
    OutcomeKind.RECEIPT: ("msg.receive",),
    OutcomeKind.REFUSAL: ("msg.reject",),
}


class Judge:
    """Turns the answers under one checkpoint into outcomes.

    Args:
        checkpoint: Of the peer's log, verified and linked.
        ourselves: Whom its entries have to name.
        policy: How long to wait where the peer does not say.
        now: When the answer came.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        ourselves: AuthorityId,
        policy: DeliveryPolicy,
        now: UnixMs,
    ) -> None:
        self._checkpoint = checkpoint
        self._ourselves = ourselves
        self._policy = policy
        self._now = now

    def outcome(self, message: DueMessage, item: ItemReply) -> AttemptOutcome:
        """Return the verified outcome of one item."""
        kind = _PROVEN.get(item.status)
        if item.status == "incomplete":
            # Due again once its files are there; by itself only as a safeguard.
            return AttemptOutcome(
                message.id,
                message.digest,
                OutcomeKind.INCOMPLETE,
                code=item.status,
                next_attempt_at=UnixMs(self._now + self._policy.incomplete_retry_ms),
            )
        if kind is None:
            wait_ms = self._policy.item_retry_ms
            if item.retry_after is not UNSET:
                asked_ms = 1000 * max(1, item.retry_after)
                wait_ms = min(asked_ms, self._policy.longest_wait_ms)
            code = item.status if item.code is UNSET else item.code
            return AttemptOutcome(
                message.id,
                message.digest,
                OutcomeKind.LATER,
                code=code,
                next_attempt_at=UnixMs(self._now + wait_ms),
            )
        try:
            code, proof = self._believe(message, item, kind)
        except GatewayError as error:
            log.warning("receipt_not_believed", message_id=message.id, code=error.code)
            return AttemptOutcome(
                message.id,
                message.digest,
                OutcomeKind.UNKNOWN,
                code=error.code,
                next_attempt_at=UnixMs(self._now + self._policy.item_retry_ms),
            )
        return AttemptOutcome(message.id, message.digest, kind, code=code, proof=proof)

    def _believe(
        self,
        message: DueMessage,
        item: ItemReply,
        kind: OutcomeKind,
    ) -> tuple[str, PeerProof]:
        """Return why it was refused, as the proven leaf says it, and the proof."""
        if item.index is UNSET or item.leaf is UNSET or item.path is UNSET:
            raise UnreachableError("reply: an outcome without its proof")
        offered = offered_leaf(index=item.index, leaf=item.leaf, path=item.path)
        leaf = verify_message_leaf(
            offered,
            self._checkpoint,
            kinds=_LEAF_KINDS[kind],
            peer=self._ourselves,
            digest=message.digest,
            message_id=message.id,
        )
        code = ""
        if kind is OutcomeKind.REFUSAL:
            code = leaf.text("res") if "res" in leaf.fields else _NO_REASON
        return code, PeerProof(offered.index, offered.data, offered.path)
