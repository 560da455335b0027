"""Delivery states of messages, and when to try a peer again.

Two rules: every change of state is a row of a table below, and no state is entered
on a flag alone, but on stored evidence: an entry, a receipt, a proven refusal
(specification, section 11).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.errors import ConflictError
from gateway.core.values import UnixMs


class OutboundState(StrEnum):
    """Where a message of ours is on its way to the addressee."""

    HELD = "held"  # waits for approval, a paused peer or a key to seal to
    QUEUED = "queued"  # sealed, logged and numbered; waits for its peer
    DELIVERED = "delivered"  # a verified receipt is stored
    OPENED = "opened"  # a person there has opened it
    REFUSED = "refused"  # a proven refusal is stored
    EXPIRED = "expired"  # its last moment passed without a receipt
    CANCELLED = "cancelled"  # withdrawn here, or sent another way
    ERASED = "erased"  # content destroyed after retention


class InboundState(StrEnum):
    """What became of a message that a peer sent us."""

    PENDING = "pending"  # its evidence files are still coming
    EXPIRED = "expired"  # they did not come in time; it may be offered again
    RECEIVED = "received"  # stored, logged and receipted
    QUARANTINED = "quarantined"  # its bindings are broken; kept, not handed out
    OPENED = "opened"  # a person here has opened it
    HANDED_OVER = "handed_over"  # the recipient confirmed having taken it
    ERASED = "erased"  # content destroyed after retention


class OutboundEvent(StrEnum):
    """What can happen to a message of ours."""

    RELEASE = "release"
    RECEIPT = "receipt"
    REFUSAL = "refusal"
    KEY_REFUSAL = "key-refusal"  # the key it was sealed to is retired: seal again
    OPENING = "opening"
    EXPIRY = "expiry"
    CANCELLATION = "cancellation"
    ERASURE = "erasure"


class InboundEvent(StrEnum):
    """What can happen to a message of a peer."""

    COMPLETION = "completion"
    EXPIRY = "expiry"
    OFFER = "offer"  # offered again after its files did not come
    BROKEN_BINDING = "broken-binding"
    OPENING = "opening"
    CONFIRMATION = "confirmation"
    ERASURE = "erasure"


_OUT = OutboundState
_OUT_EVENT = OutboundEvent
OUTBOUND: Mapping[tuple[OutboundState, OutboundEvent], OutboundState] = {
    (_OUT.HELD, _OUT_EVENT.RELEASE): _OUT.QUEUED,
    (_OUT.HELD, _OUT_EVENT.CANCELLATION): _OUT.CANCELLED,
    (_OUT.HELD, _OUT_EVENT.EXPIRY): _OUT.EXPIRED,
    (_OUT.QUEUED, _OUT_EVENT.RECEIPT): _OUT.DELIVERED,
    (_OUT.QUEUED, _OUT_EVENT.REFUSAL): _OUT.REFUSED,
    (_OUT.QUEUED, _OUT_EVENT.KEY_REFUSAL): _OUT.HELD,
    (_OUT.QUEUED, _OUT_EVENT.CANCELLATION): _OUT.CANCELLED,
    (_OUT.QUEUED, _OUT_EVENT.EXPIRY): _OUT.EXPIRED,
    (_OUT.EXPIRED, _OUT_EVENT.RECEIPT): _OUT.DELIVERED,
    (_OUT.EXPIRED, _OUT_EVENT.REFUSAL): _OUT.REFUSED,
    # Said to have gone another way while the peer had it, or had just refused it: what
    # is proven counts.
    (_OUT.CANCELLED, _OUT_EVENT.RECEIPT): _OUT.DELIVERED,
    (_OUT.CANCELLED, _OUT_EVENT.REFUSAL): _OUT.REFUSED,
    (_OUT.DELIVERED, _OUT_EVENT.OPENING): _OUT.OPENED,
    (_OUT.DELIVERED, _OUT_EVENT.REFUSAL): _OUT.REFUSED,
    (_OUT.DELIVERED, _OUT_EVENT.ERASURE): _OUT.ERASED,
    (_OUT.OPENED, _OUT_EVENT.ERASURE): _OUT.ERASED,
    (_OUT.REFUSED, _OUT_EVENT.ERASURE): _OUT.ERASED,
    (_OUT.EXPIRED, _OUT_EVENT.ERASURE): _OUT.ERASED,
    (_OUT.CANCELLED, _OUT_EVENT.ERASURE): _OUT.ERASED,
}

_IN = InboundState
_IN_EVENT = InboundEvent
INBOUND: Mapping[tuple[InboundState, InboundEvent], InboundState] = {
    (_IN.PENDING, _IN_EVENT.COMPLETION): _IN.RECEIVED,
    (_IN.PENDING, _IN_EVENT.EXPIRY): _IN.EXPIRED,
    (_IN.EXPIRED, _IN_EVENT.OFFER): _IN.PENDING,
    (_IN.RECEIVED, _IN_EVENT.BROKEN_BINDING): _IN.QUARANTINED,
    # A person was quicker than the check: confirmed it unread, or tried to open it.
    (_IN.OPENED, _IN_EVENT.BROKEN_BINDING): _IN.QUARANTINED,
    (_IN.HANDED_OVER, _IN_EVENT.BROKEN_BINDING): _IN.QUARANTINED,
    (_IN.RECEIVED, _IN_EVENT.OPENING): _IN.OPENED,
    (_IN.OPENED, _IN_EVENT.OPENING): _IN.OPENED,
    (_IN.HANDED_OVER, _IN_EVENT.OPENING): _IN.HANDED_OVER,
    (_IN.RECEIVED, _IN_EVENT.CONFIRMATION): _IN.HANDED_OVER,
    (_IN.OPENED, _IN_EVENT.CONFIRMATION): _IN.HANDED_OVER,
    (_IN.RECEIVED, _IN_EVENT.ERASURE): _IN.ERASED,
    (_IN.QUARANTINED, _IN_EVENT.ERASURE): _IN.ERASED,
    (_IN.OPENED, _IN_EVENT.ERASURE): _IN.ERASED,
    (_IN.HANDED_OVER, _IN_EVENT.ERASURE): _IN.ERASED,
}


def next_outbound(state: OutboundState, event: OutboundEvent) -> OutboundState:
    """Return the state after `event`.

    Raises:
        ConflictError: The event cannot happen in this state.
    """
    try:
        return OUTBOUND[state, event]
    except KeyError as error:
        raise ConflictError(f"{event}: the message is {state}") from error


def next_inbound(state: InboundState, event: InboundEvent) -> InboundState:
    """Return the state after `event`.

    Raises:
        ConflictError: The event cannot happen in this state.
    """
    try:
        return INBOUND[state, event]
    except KeyError as error:
        raise ConflictError(f"{event}: the message is {state}") from error


class Obstacle(StrEnum):
    """Why a message can't be erased now."""

    ON_HOLD = "on-legal-hold"  # somebody said that it has to be kept
    UNDER_WAY = "under-way"  # to be sent, or its last attempt is not settled
    COMING = "evidence-coming"  # its evidence files are still coming
    LET_GO = "let-go"  # nothing is kept of it; it may be offered again
    UNOPENED = "unopened"  # nobody here has opened it
    CHECKING = "being-checked"  # the node itself is about to open it or its files


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureFacts:
    """What decides whether a message may be erased.

    Attributes:
        is_unsettled: An attempt was made whose outcome is not known.
        is_being_checked: The form or a file of it was not verified yet.
        may_be_unseen: It goes even if nobody here has opened it.
        is_on_hold: A legal hold is on it, on its case, or on somebody in it.
    """

    state: OutboundState | InboundState
    is_unsettled: bool
    is_being_checked: bool
    is_on_hold: bool = False
    may_be_unseen: bool = False


# Asked in this order; the first that holds is the answer. A further reason to keep a
# message is a further row.
_OBSTACLES: tuple[tuple[Obstacle, Callable[[ErasureFacts], bool]], ...] = (
    (Obstacle.ON_HOLD, lambda facts: facts.is_on_hold),
    (Obstacle.UNDER_WAY, lambda facts: facts.state in {_OUT.HELD, _OUT.QUEUED}),
    (Obstacle.UNDER_WAY, lambda facts: facts.is_unsettled),
    (Obstacle.COMING, lambda facts: facts.state is _IN.PENDING),
    (Obstacle.LET_GO, lambda facts: facts.state is _IN.EXPIRED),
    (
        Obstacle.UNOPENED,
        lambda facts: facts.state is _IN.RECEIVED and not facts.may_be_unseen,
    ),
    (Obstacle.CHECKING, lambda facts: facts.is_being_checked),
)


def erasure_obstacle(facts: ErasureFacts) -> Obstacle | None:
    """Return why a message can't be erased now, or None."""
    return next((one for one, holds in _OBSTACLES if holds(facts)), None)


class BulkAction(StrEnum):
    """What an operator does with many messages of ours at once."""

    RETRY = "retry"  # try them now
    CANCEL = "cancel"  # withdraw them
    OTHER_CHANNEL = (
        "other-channel"  # they were sent another way; the peer may have both
    )


class BulkObstacle(StrEnum):
    """Why an action does not concern a message."""

    RECEIVED = "received"  # a message of the peer's, not one of ours
    NOT_QUEUED = "not-queued"  # nothing waits to be tried
    OFFERED = "offered"  # the peer may have it: recall it, or say how it was sent
    ENDED = "ended"  # delivered, refused, expired, cancelled or erased


_ON_THEIR_WAY = frozenset({_OUT.HELD, _OUT.QUEUED})


def bulk_obstacle(
    action: BulkAction, state: OutboundState | InboundState, *, attempts: int
) -> BulkObstacle | None:
    """Return why an action does not concern a message, or None.

    Args:
        action: What is to be done.
        state: The message's.
        attempts: How often it was offered to its peer.
    """
    if isinstance(state, InboundState):
        return BulkObstacle.RECEIVED
    if action is BulkAction.RETRY:
        return None if state is _OUT.QUEUED else BulkObstacle.NOT_QUEUED
    if state not in _ON_THEIR_WAY:
        return BulkObstacle.ENDED
    # A held one that was offered is proven to have been refused.
    was_offered = attempts > 0 and state is _OUT.QUEUED
    if action is BulkAction.CANCEL and was_offered:
        return BulkObstacle.OFFERED
    return None


@dataclass(frozen=True, slots=True)
class BackOff:
    """When a peer is tried again after failures: doubling, with full jitter."""

    first_delay_ms: int = 1_000
    max_delay_ms: int = 5 * 60_000

    def delay_ms(self, failures: int, spread: float) -> int:
        """Return the wait after `failures` failed attempts in a row.

        Args:
            failures: At least 1.
            spread: Share of the full delay to take, 0 to 1, so that nodes which
                failed together do not all return together.
        """
        # Bounded exponent: the doubled delay would grow without limit.
        ceiling = min(self.max_delay_ms, self.first_delay_ms << min(failures - 1, 30))
        return round(ceiling * spread)

    def next_attempt(self, *, failures: int, now: UnixMs, spread: float) -> UnixMs:
        """Return the moment before which the peer is left alone."""
        return UnixMs(now + self.delay_ms(failures, spread))
