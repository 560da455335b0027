"""Counters and times of the exchange with a peer."""

from dataclasses import replace

from gateway.core.values import UnixMs
from gateway.ports.outbox import Conservation
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    held_draft,
    outbound,
)


async def test_a_peer_that_was_never_heard_of_has_empty_counters(
    store: TransactionalStore,
) -> None:
    traffic = await store.traffic(PEER, NOW)

    assert (traffic.next_due_at, traffic.oldest_queued_at) == (None, None)
    assert (traffic.queued, traffic.failures, traffic.missing_seqs) == (0, 0, ())


async def test_traffic_tells_what_waits_and_since_when(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    await store.accept(outbound(), UnixMs(NOW - 5))
    await store.accept(held_draft(), NOW)
    await store.commit_inbound(log.link(), [log.item()], NOW)

    traffic = await store.traffic(PEER, NOW)
    assert (traffic.queued, traffic.held, traffic.unopened) == (1, 1, 1)
    assert (traffic.next_due_at, traffic.oldest_queued_at) == (NOW, NOW - 5)

    await claim(store)
    assert (await store.traffic(PEER, NOW)).next_due_at == NOW + 60_000


async def test_back_off_counts_failures_until_a_contact(
    store: TransactionalStore,
) -> None:
    for retry_at in (NOW + 1, NOW + 2):
        await store.record_failure(
            PEER,
            error="unreachable",
            retry_at=UnixMs(retry_at),
        )
    failing = await store.traffic(PEER, NOW)
    assert (failing.failures, failing.retry_at) == (2, NOW + 2)
    assert failing.last_error == "unreachable"

    await store.record_contact(PEER, NOW)

    cleared = await store.traffic(PEER, NOW)
    assert (cleared.failures, cleared.retry_at, cleared.last_error) == (0, 0, "")
    assert cleared.last_contact_at == NOW


async def test_what_the_peer_has_taken_of_ours_is_remembered(
    store: TransactionalStore,
) -> None:
    await store.record_seen(PEER, 17)
    await store.record_card_acknowledged(PEER, 3)

    traffic = await store.traffic(PEER, NOW)
    assert (traffic.known_seen_size, traffic.card_number_acknowledged) == (17, 3)


async def test_submissions_and_rows_are_counted_on_their_own(
    store: TransactionalStore,
) -> None:
    cancelled = outbound()
    repeated = replace(outbound(), idempotency_key="k", request_digest="d")
    for message in (cancelled, repeated, repeated, held_draft(OTHER_PEER)):
        await store.accept(message, NOW)
    await store.cancel(cancelled.id, ACT, NOW)

    assert _counts(await store.conservation(PEER)) == (2, {"queued": 1, "cancelled": 1})
    assert _counts(await store.conservation(OTHER_PEER)) == (1, {"held": 1})
    assert (await store.conservation(None)).accepted == 3


def _counts(found: Conservation) -> tuple[int, dict[str, int]]:
    return found.accepted, {state: count for state, count in found.by_state if count}


async def test_pending_numbers_beyond_the_limit_are_claimed_as_one_range(
    store: TransactionalStore,
) -> None:
    messages = [outbound() for _ in range(150)]
    for message in messages:
        await store.accept(message, NOW)
    for message in messages[::2]:
        await store.cancel(message.id, ACT, NOW)

    pending = await store.pending_seqs(PEER)

    assert len(pending) == 64
    assert pending[:2] == [(2, 2), (4, 4)]
    assert pending[-1] == (128, 150)


async def test_a_probe_writes_nothing_that_anyone_sees(
    store: TransactionalStore,
) -> None:
    await store.probe()

    assert (await store.log_head()).size == 0
