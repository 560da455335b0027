"""Delivery states and back-off (specification, sections 10.4 and 11)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.delivery import (
    INBOUND,
    OUTBOUND,
    BackOff,
    BulkAction,
    BulkObstacle,
    ErasureFacts,
    InboundEvent,
    InboundState,
    Obstacle,
    OutboundEvent,
    OutboundState,
    bulk_obstacle,
    erasure_obstacle,
    next_inbound,
    next_outbound,
)
from gateway.core.errors import ConflictError
from gateway.core.values import UnixMs


@pytest.mark.parametrize("state", OutboundState)
@pytest.mark.parametrize("event", OutboundEvent)
def test_an_outbound_event_outside_the_table_is_a_conflict(
    state: OutboundState,
    event: OutboundEvent,
) -> None:
    if (state, event) in OUTBOUND:
        assert next_outbound(state, event) is OUTBOUND[state, event]
    else:
        with pytest.raises(ConflictError, match=event.value):
            next_outbound(state, event)


@pytest.mark.parametrize("state", InboundState)
@pytest.mark.parametrize("event", InboundEvent)
def test_an_inbound_event_outside_the_table_is_a_conflict(
    state: InboundState,
    event: InboundEvent,
) -> None:
    if (state, event) in INBOUND:
        assert next_inbound(state, event) is INBOUND[state, event]
    else:
        with pytest.raises(ConflictError, match=event.value):
            next_inbound(state, event)


def test_only_erasure_leads_out_of_a_final_outbound_state() -> None:
    final = (OutboundState.REFUSED, OutboundState.OPENED)
    leaving = {event for state, event in OUTBOUND if state in final}
    assert leaving == {OutboundEvent.ERASURE}


def test_what_a_peer_proves_of_a_cancelled_message_counts() -> None:
    """It was said to have gone another way while an attempt was under way."""
    leaving = {event for state, event in OUTBOUND if state is OutboundState.CANCELLED}
    proven = {OutboundEvent.RECEIPT, OutboundEvent.REFUSAL}
    assert leaving == proven | {OutboundEvent.ERASURE}


@pytest.mark.parametrize(
    ("action", "state", "attempts", "obstacle"),
    [
        (BulkAction.RETRY, OutboundState.QUEUED, 3, None),
        (BulkAction.RETRY, OutboundState.HELD, 0, BulkObstacle.NOT_QUEUED),
        (BulkAction.RETRY, InboundState.RECEIVED, 0, BulkObstacle.RECEIVED),
        (BulkAction.CANCEL, OutboundState.QUEUED, 0, None),
        (BulkAction.CANCEL, OutboundState.QUEUED, 1, BulkObstacle.OFFERED),
        (BulkAction.CANCEL, OutboundState.HELD, 1, None),
        (BulkAction.CANCEL, OutboundState.DELIVERED, 1, BulkObstacle.ENDED),
        (BulkAction.OTHER_CHANNEL, OutboundState.QUEUED, 9, None),
        (BulkAction.OTHER_CHANNEL, OutboundState.HELD, 0, None),
        (BulkAction.OTHER_CHANNEL, OutboundState.EXPIRED, 1, BulkObstacle.ENDED),
    ],
)
def test_what_an_action_on_many_concerns(
    action: BulkAction,
    state: OutboundState | InboundState,
    attempts: int,
    obstacle: BulkObstacle | None,
) -> None:
    assert bulk_obstacle(action, state, attempts=attempts) is obstacle


def test_nothing_leads_out_of_erased() -> None:
    assert all(state is not OutboundState.ERASED for state, _ in OUTBOUND)
    assert all(state is not InboundState.ERASED for state, _ in INBOUND)


def test_a_late_receipt_turns_expired_into_delivered() -> None:
    after = next_outbound(OutboundState.EXPIRED, OutboundEvent.RECEIPT)
    assert after is OutboundState.DELIVERED


@given(failures=st.integers(1, 10_000), spread=st.floats(0, 1))
def test_the_wait_never_exceeds_its_ceiling(failures: int, spread: float) -> None:
    policy = BackOff(first_delay_ms=1_000, max_delay_ms=300_000)
    assert 0 <= policy.delay_ms(failures, spread) <= 300_000


def test_the_wait_doubles_until_the_ceiling() -> None:
    policy = BackOff(first_delay_ms=1_000, max_delay_ms=5_000)
    waits = [policy.delay_ms(failures, 1.0) for failures in range(1, 6)]
    assert waits == [1_000, 2_000, 4_000, 5_000, 5_000]


def test_the_next_attempt_takes_a_share_of_the_wait() -> None:
    policy = BackOff(first_delay_ms=1_000, max_delay_ms=5_000)
    now = UnixMs(1_000_000)
    assert policy.next_attempt(failures=2, now=now, spread=0.5) == 1_001_000


DONE = ErasureFacts(
    state=OutboundState.DELIVERED, is_unsettled=False, is_being_checked=False
)
UNSEEN = replace(DONE, state=InboundState.RECEIVED)


@pytest.mark.parametrize(
    ("facts", "obstacle"),
    [
        (DONE, None),
        (replace(DONE, is_on_hold=True, is_unsettled=True), Obstacle.ON_HOLD),
        (replace(DONE, state=OutboundState.HELD), Obstacle.UNDER_WAY),
        (replace(DONE, is_unsettled=True), Obstacle.UNDER_WAY),
        (replace(DONE, state=InboundState.PENDING), Obstacle.COMING),
        (replace(DONE, state=InboundState.EXPIRED), Obstacle.LET_GO),
        (UNSEEN, Obstacle.UNOPENED),
        (replace(UNSEEN, may_be_unseen=True), None),
        (replace(DONE, is_being_checked=True), Obstacle.CHECKING),
    ],
)
def test_a_message_is_erased_only_when_nothing_needs_it(
    facts: ErasureFacts, obstacle: Obstacle | None
) -> None:
    assert erasure_obstacle(facts) is obstacle
