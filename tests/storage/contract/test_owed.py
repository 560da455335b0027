"""Who owes whom a receipt, files or an event."""

from dataclasses import replace

import pytest

from gateway.core.values import Priority, UnixMs
from gateway.ports.owed import OwedKind, OwedQuestion
from gateway.storage.store import TransactionalStore
from tests.support.evidence_rows import evidence_item
from tests.support.storing import (
    ACT,
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    deliver,
    held_draft,
    outbound,
)

HOUR_MS = 3_600_000


def asked(
    kind: OwedKind,
    *,
    hours: int = 1,
    covered_size: int = 0,
    seen_size: int = 0,
) -> OwedQuestion:
    """Return a question that is asked so many hours later."""
    now = NOW + hours * HOUR_MS
    return OwedQuestion(
        PEER,
        kind,
        urgent_before=UnixMs(now - 600_000),
        routine_before=UnixMs(now - HOUR_MS),
        peer_origin=f"{PEER}/audit/1",
        covered_size=covered_size,
        seen_size=seen_size,
    )


async def ids(store: TransactionalStore, question: OwedQuestion) -> list[str]:
    """Return the messages of all pages, two at a time."""
    found: list[str] = []
    after = -1
    while page := await store.owed(question, after=after, limit=2):
        found += [one.message_id for one in page]
        assert [one.place for one in page] == sorted({one.place for one in page})
        after = page[-1].place
    return found


async def test_a_sent_message_without_a_receipt_is_owed_one(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    routine = [outbound() for _ in range(3)]
    urgent = [outbound(priority=Priority.URGENT) for _ in range(3)]
    done, held, other = outbound(), held_draft(), outbound(OTHER_PEER)
    await store.accept(done, NOW)
    await deliver(store, log, done)
    for message in (*routine, *urgent, held, other):
        await store.accept(message, NOW)

    expected = [one.id for one in (*urgent, *routine)]
    assert await ids(store, asked(OwedKind.RECEIPT)) == expected
    soon = replace(asked(OwedKind.RECEIPT, hours=0), urgent_before=NOW)
    assert await ids(store, soon) == expected[:3]
    (first, *_) = await store.owed(asked(OwedKind.RECEIPT), after=-1, limit=1)
    assert first.since == NOW
    assert first.log_index == (await store.message(first.message_id)).log_index


async def test_an_expired_message_of_unknown_outcome_is_still_owed_an_answer(
    store: TransactionalStore,
) -> None:
    message = outbound(expires_at=UnixMs(NOW + 1))
    await store.accept(message, NOW)
    await claim(store)
    await store.expire_due(UnixMs(NOW + 2), 10)

    assert await ids(store, asked(OwedKind.RECEIPT, hours=2)) == [message.id]


async def test_receipts_beyond_what_others_speak_for_are_owed_a_witness(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    messages = [outbound() for _ in range(4)]
    for message in messages:
        await store.accept(message, NOW)
        await deliver(store, log, message)

    expected = [one.id for one in messages]
    assert await ids(store, asked(OwedKind.WITNESS)) == expected
    assert await ids(store, asked(OwedKind.WITNESS, covered_size=3)) == expected[2:]
    assert await ids(store, asked(OwedKind.WITNESS, covered_size=9)) == []
    assert await ids(store, asked(OwedKind.WITNESS, hours=0)) == []
    assert (
        await ids(store, replace(asked(OwedKind.WITNESS), peer_origin="mj.fr/audit/2"))
        == []
    )


async def test_what_a_peer_sent_is_owed_its_files_and_our_receipt(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    waiting, received = evidence_item(log, 1_000), log.item(seq=2)
    results = await store.commit_inbound(log.link(), [waiting, received], NOW)

    assert await ids(store, asked(OwedKind.EVIDENCE)) == [waiting.id]
    assert await ids(store, asked(OwedKind.EVIDENCE, hours=0)) == []
    assert await ids(store, asked(OwedKind.OUR_RECEIPT)) == [received.id]
    seen = results[1].log_index + 1
    assert await ids(store, asked(OwedKind.OUR_RECEIPT, seen_size=seen)) == []
    assert await ids(store, asked(OwedKind.OUR_RECEIPT, seen_size=seen - 1)) == [
        received.id
    ]


async def test_an_event_is_owed_until_it_is_acknowledged(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    items = [log.item(seq=1), log.item(seq=2)]
    await store.commit_inbound(log.link(), items, NOW)
    for item in items:
        await store.log_access(item.id, ACT, NOW)

    assert await ids(store, asked(OwedKind.OUR_EVENT)) == [one.id for one in items]
    (first, _) = await store.owed(asked(OwedKind.OUR_EVENT), after=-1, limit=2)
    await store.events_told(PEER, [first.log_index])
    assert await ids(store, asked(OwedKind.OUR_EVENT)) == [items[1].id]
    assert await ids(store, asked(OwedKind.OUR_EVENT, hours=0)) == []


@pytest.mark.parametrize("kind", OwedKind)
async def test_nothing_is_owed_where_nothing_happened(
    store: TransactionalStore,
    kind: OwedKind,
) -> None:
    assert await ids(store, asked(kind)) == []
