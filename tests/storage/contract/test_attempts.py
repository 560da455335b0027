"""Attempts: claimed before they are made, settled by what the peer has proven."""

from dataclasses import replace

import pytest

from gateway.core.delivery import OutboundState
from gateway.core.errors import ConflictError, LogOutOfStepError, NotFoundError
from gateway.core.values import AuthorityId, Priority, UnixMs
from gateway.ports.messages import ProofRole
from gateway.ports.outbox import FailedAttempt, OutcomeKind
from gateway.storage.operations.attempts import KEPT_ATTEMPTS
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    EXPIRES,
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    deliver,
    new_id,
    outbound,
    sealing,
)

LATER = UnixMs(NOW + 30_000)


async def test_urgent_messages_are_claimed_first_then_the_oldest(
    store: TransactionalStore,
) -> None:
    routine, urgent = outbound(), outbound(priority=Priority.URGENT)
    second, elsewhere = outbound(), outbound(OTHER_PEER)
    for message in (routine, urgent, second, elsewhere):
        await store.accept(message, NOW)

    assert await claim(store, max_items=2) == [urgent.id, routine.id]
    assert await claim(store) == [second.id]


async def test_a_claim_is_bounded_in_bytes_but_never_empty(
    store: TransactionalStore,
) -> None:
    messages = [outbound(size_bytes=1_000) for _ in range(3)]
    for message in messages:
        await store.accept(message, NOW)

    assert await claim(store, max_bytes=10) == [messages[0].id]
    assert await claim(store, max_bytes=2_500) == [one.id for one in messages[1:]]


async def test_an_attempt_is_counted_and_unknown_before_it_is_made(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)
    await claim(store)

    row = await store.message(message.id)
    assert (row.attempts, row.has_unknown_attempt) == (1, True)
    assert row.next_attempt_at == NOW + 60_000
    assert await claim(store, UnixMs(NOW + 59_999)) == []
    assert await claim(store, UnixMs(NOW + 60_000)) == [message.id]


async def test_leases_of_a_process_that_is_gone_are_due_at_once(
    store: TransactionalStore,
) -> None:
    leased, backed_off = outbound(), outbound()
    log = PeerLog()
    await store.accept(leased, NOW)
    await store.accept(backed_off, NOW)
    await claim(store)
    waits = log.outcome(backed_off, OutcomeKind.UNKNOWN, next_attempt_at=LATER)
    await store.record_outcomes(PEER, [waits], None, NOW)

    assert await store.release_leases() == 1

    assert await claim(store) == [leased.id]
    assert (await store.message(backed_off.id)).next_attempt_at == LATER


async def test_a_receipt_delivers_and_is_kept_as_proof(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await deliver(store, log, message)

    row = await store.message(message.id)
    (proof,) = await store.proofs(message.id)
    (last,) = await store.entries((await store.log_indices(message.id))[-1], 1)
    assert (row.state, row.has_unknown_attempt) == (OutboundState.DELIVERED, False)
    assert (proof.role, proof.origin) == (ProofRole.RECEIPT, log.origin)
    assert proof.checkpoint_note == b"note of mj.fr/audit/1 at 1"
    assert proof.proof.path == (bytes(32), b"\1" * 32)
    assert last.kind == "msg.deliver"
    assert await store.pending_seqs(PEER) == []


async def test_a_proven_refusal_is_final(store: TransactionalStore) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    refusal = log.outcome(message, OutcomeKind.REFUSAL, code="cannot-open")
    await store.record_outcomes(PEER, [refusal], log.link(), NOW)
    late = log.outcome(message, OutcomeKind.RECEIPT)
    await store.record_outcomes(PEER, [late], log.link(), NOW)

    row = await store.message(message.id)
    assert (row.state, row.last_code) == (OutboundState.REFUSED, "cannot-open")
    assert [one.role for one in await store.proofs(message.id)] == [ProofRole.REFUSAL]


async def test_an_outcome_over_other_bytes_or_of_another_peer_changes_nothing(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    assert message.sealing
    receipt = log.outcome(message, OutcomeKind.RECEIPT)

    other = replace(receipt, digest=message.sealing.content_digest)
    await store.record_outcomes(PEER, [other], log.link(), NOW)
    elsewhere = PeerLog(OTHER_PEER)
    await store.record_outcomes(OTHER_PEER, [receipt], elsewhere.link(), NOW)

    assert (await store.message(message.id)).state is OutboundState.QUEUED


async def test_a_link_out_of_step_stores_nothing(store: TransactionalStore) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    await store.link_peer_log(log.link(5))
    receipt = log.outcome(message, OutcomeKind.RECEIPT)
    behind = replace(log.link(), seen_size=4)

    with pytest.raises(LogOutOfStepError) as caught:
        await store.record_outcomes(PEER, [receipt], behind, NOW)

    assert caught.value.seen == 5
    assert (await store.message(message.id)).state is OutboundState.QUEUED
    assert await store.proofs(message.id) == []


async def test_an_answer_of_later_settles_its_attempt_and_silence_none(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    for kind, is_unknown in (
        (OutcomeKind.LATER, False),
        (OutcomeKind.UNKNOWN, True),
        (OutcomeKind.LATER, True),
    ):
        assert await claim(store) == [message.id]
        outcome = log.outcome(message, kind, code="quota")
        await store.record_outcomes(PEER, [outcome], None, NOW)
        row = await store.message(message.id)
        assert (row.has_unknown_attempt, row.last_code) == (is_unknown, "quota")


async def test_only_the_peer_settles_an_expired_message_of_unknown_outcome(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    after = UnixMs(EXPIRES + 1)
    assert await store.expire_due(after, 10) == [message.id]

    assert await claim(store, after) == [message.id]
    receipt = log.outcome(message, OutcomeKind.RECEIPT)
    await store.record_outcomes(PEER, [receipt], log.link(), after)

    assert (await store.message(message.id)).state is OutboundState.DELIVERED
    assert await claim(store, UnixMs(after + 120_000)) == []


async def test_trying_now_makes_waiting_messages_due_and_leaves_attempts_alone(
    store: TransactionalStore,
) -> None:
    waiting, under_way, log = outbound(), outbound(), PeerLog()
    await store.accept(waiting, NOW)
    await claim(store)
    await store.accept(under_way, NOW)
    await claim(store)
    put_off = log.outcome(waiting, OutcomeKind.UNKNOWN, next_attempt_at=LATER)
    await store.record_outcomes(PEER, [put_off], None, NOW)
    await store.record_failure(PEER, error="unreachable", retry_at=LATER)

    assert await store.retry((), PEER, ACT, NOW) == 1

    traffic = await store.traffic(PEER, NOW)
    assert (traffic.failures, traffic.retry_at) == (0, 0)
    assert await claim(store) == [waiting.id]
    (entry,) = await store.entries((await store.log_head()).size - 1, 1)
    assert entry.kind == "admin.retry"


@pytest.mark.parametrize("peer", [None, PEER])
async def test_trying_some_messages_now_leaves_the_others_waiting(
    store: TransactionalStore,
    peer: AuthorityId | None,
) -> None:
    messages, log = [outbound() for _ in range(3)], PeerLog()
    for message in messages:
        await store.accept(message, NOW)
    await claim(store)
    put_off = [
        log.outcome(one, OutcomeKind.UNKNOWN, next_attempt_at=LATER) for one in messages
    ]
    await store.record_outcomes(PEER, put_off, None, NOW)

    assert await store.retry([messages[1].id], peer, ACT, NOW) == 1
    assert await store.retry([messages[1].id], OTHER_PEER, ACT, NOW) == 0

    assert await claim(store) == [messages[1].id]


async def test_trying_everything_now_reaches_all_peers(
    store: TransactionalStore,
) -> None:
    await store.record_failure(PEER, error="unreachable", retry_at=LATER)
    await store.record_failure(OTHER_PEER, error="unreachable", retry_at=LATER)
    await store.retry((), None, ACT, NOW)

    assert (await store.traffic(PEER, NOW)).failures == 0
    assert (await store.traffic(OTHER_PEER, NOW)).failures == 0


async def test_cancelling_stays_refused_after_an_answer_of_later(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    later = log.outcome(message, OutcomeKind.LATER, code="quota")
    await store.record_outcomes(PEER, [later], None, NOW)

    with pytest.raises(ConflictError):
        await store.cancel(message.id, ACT, NOW)


async def test_a_message_whose_key_was_retired_is_held_with_its_number(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    refusal = log.outcome(message, OutcomeKind.REFUSAL, code="key-retired")
    await store.record_outcomes(PEER, [refusal], log.link(), NOW)

    row = await store.message(message.id)
    assert (row.state, row.hold_reason) == (OutboundState.HELD, "key-retired")
    assert await store.pending_seqs(PEER) == [(1, 1)]
    assert await store.held(PEER, 10) == []
    assert await store.to_reseal(PEER, 10) == [message.id]


async def test_sealing_again_opens_by_a_logged_check_and_keeps_the_number(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    assert message.sealing
    await store.accept(message, NOW)
    assert await store.begin_reseal(message.id, NOW) is None
    await claim(store)
    refusal = log.outcome(message, OutcomeKind.REFUSAL, code="key-retired")
    await store.record_outcomes(PEER, [refusal], log.link(), NOW)

    opened = await store.begin_reseal(message.id, NOW)
    again = sealing()
    await store.release(message.id, again, NOW)

    assert opened
    assert opened.envelope == message.sealing.envelope
    row = await store.message(message.id)
    assert (row.state, row.seq, row.digest) == (OutboundState.QUEUED, 1, again.digest)
    kinds = [
        (await store.entries(index, 1))[0].kind
        for index in await store.log_indices(message.id)
    ]
    assert kinds == ["msg.send", "msg.refused", "msg.check", "msg.send"]
    assert await claim(store) == [message.id]
    receipt = replace(
        log.outcome(message, OutcomeKind.RECEIPT),
        digest=again.digest,
    )
    await store.record_outcomes(PEER, [receipt], log.link(), NOW)
    assert (await store.message(message.id)).state is OutboundState.DELIVERED
    roles = [proof.role for proof in await store.proofs(message.id)]
    assert roles == [ProofRole.KEY_REFUSAL, ProofRole.RECEIPT]


async def test_attempts_that_came_to_nothing_are_kept_the_newest_of_them(
    store: TransactionalStore,
) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    assert await store.failed_attempts(message.id) == []
    for step in range(KEPT_ATTEMPTS + 3):
        now = UnixMs(NOW + step * 60_000)
        assert await claim(store, now) == [message.id]
        kind = OutcomeKind.LATER if step == 1 else OutcomeKind.UNKNOWN
        code = "maintenance" if step == 1 else "unreachable"
        outcome = log.outcome(message, kind, code=code, next_attempt_at=now)
        await store.record_outcomes(PEER, [outcome], None, now)
        if step == 1:
            first, second = await store.failed_attempts(message.id)
            assert first == FailedAttempt(1, NOW, "unreachable")
            assert second == FailedAttempt(2, now, "maintenance")
    kept = await store.failed_attempts(message.id)
    assert [one.attempt for one in kept] == list(range(4, KEPT_ATTEMPTS + 4))


async def test_waiting_for_evidence_is_no_failure(store: TransactionalStore) -> None:
    message, log = outbound(), PeerLog()
    await store.accept(message, NOW)
    await claim(store)
    waits = log.outcome(message, OutcomeKind.INCOMPLETE, next_attempt_at=LATER)
    await store.record_outcomes(PEER, [waits], None, NOW)
    assert await store.failed_attempts(message.id) == []
    with pytest.raises(NotFoundError):
        await store.failed_attempts(new_id(1))
