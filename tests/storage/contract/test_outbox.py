"""Our own messages: accepted once, numbered without gaps, ended by evidence only."""

from dataclasses import replace

import pytest

from gateway.core.delivery import OutboundState
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import ConflictError, NotFoundError, StaleCaseError
from gateway.core.values import MessageId, UnixMs
from gateway.ports.messages import Box
from gateway.ports.outbox import CaseHead
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    EXPIRES,
    NOW,
    ORIGIN,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    deliver,
    held_draft,
    index_of,
    new_id,
    outbound,
    sealing,
)


async def leaves(store: TransactionalStore, message_id: MessageId) -> list[Leaf]:
    found = []
    for index in await store.log_indices(message_id):
        (entry,) = await store.entries(index, 1)
        found.append(parse_leaf(entry.data, log=ORIGIN))
    return found


async def test_an_accepted_message_is_queued_numbered_and_logged(
    store: TransactionalStore,
) -> None:
    message = outbound()
    assert message.sealing

    accepted = await store.accept(message, NOW)

    row = await store.message(message.id)
    (leaf,) = await leaves(store, message.id)
    assert (accepted.state, accepted.is_repetition) == (OutboundState.QUEUED, False)
    assert (row.state, row.seq, row.log_index) == (
        OutboundState.QUEUED,
        1,
        accepted.log_index,
    )
    assert leaf.kind == "msg.send"
    assert leaf.fields == {
        "m": message.id,
        "peer": PEER,
        "dig": message.sealing.digest,
        "man": message.sealing.content_digest,
        "seq": 1,
    }
    assert await store.envelope(message.id) == message.sealing.envelope


async def test_numbers_run_per_peer_without_gaps(store: TransactionalStore) -> None:
    for peer in (PEER, OTHER_PEER, PEER):
        await store.accept(outbound(peer), NOW)

    assert await store.pending_seqs(PEER) == [(1, 2)]
    assert await store.pending_seqs(OTHER_PEER) == [(1, 1)]


async def test_a_repeated_request_gets_the_first_answer_and_stores_nothing(
    store: TransactionalStore,
) -> None:
    first = replace(outbound(), idempotency_key="k", request_digest="d")
    accepted = await store.accept(first, NOW)
    size = (await store.log_head()).size

    again = await store.accept(replace(first, id=new_id()), NOW)

    assert again == replace(accepted, is_repetition=True)
    assert await store.find_accepted("kask", "k", "d") == again
    assert (await store.log_head()).size == size


async def test_the_first_answer_stays_after_the_message_moved_on(
    store: TransactionalStore,
) -> None:
    held = replace(held_draft(), idempotency_key="k", request_digest="d")
    accepted = await store.accept(held, NOW)
    await store.release(held.id, sealing(), NOW)

    assert await store.find_accepted("kask", "k", "d") == replace(
        accepted,
        is_repetition=True,
    )


async def test_a_key_used_for_another_request_is_a_conflict(
    store: TransactionalStore,
) -> None:
    first = replace(outbound(), idempotency_key="k", request_digest="d")
    await store.accept(first, NOW)

    with pytest.raises(ConflictError):
        await store.accept(replace(outbound(), idempotency_key="k"), NOW)
    with pytest.raises(ConflictError):
        await store.find_accepted("kask", "k", "other")


async def test_keys_of_other_submitters_are_other_keys(
    store: TransactionalStore,
) -> None:
    first = replace(outbound(), idempotency_key="k", request_digest="d")
    await store.accept(first, NOW)

    assert await store.find_accepted("tamm", "k", "d") is None
    other = replace(outbound(), submitter="tamm", idempotency_key="k")
    assert not (await store.accept(other, NOW)).is_repetition


async def test_an_id_is_never_used_twice(store: TransactionalStore) -> None:
    message = outbound()
    await store.accept(message, NOW)

    with pytest.raises(ConflictError):
        await store.accept(replace(outbound(), id=message.id), NOW)


async def test_a_message_must_follow_the_end_of_its_case(
    store: TransactionalStore,
) -> None:
    first = outbound()
    case_id = first.index.case_id
    await store.accept(first, NOW)
    second = outbound(index=index_of(case_id, case_seq=2))

    with pytest.raises(StaleCaseError):
        await store.accept(outbound(index=index_of(case_id)), NOW)
    await store.accept(second, NOW)
    assert await store.case_head(case_id, PEER) == CaseHead(
        case_id,
        2,
        second.document_digest,
        Box.OUT,
    )


async def test_a_case_is_known_per_peer(store: TransactionalStore) -> None:
    first = outbound()
    await store.accept(first, NOW)
    elsewhere = outbound(OTHER_PEER, index=index_of(first.index.case_id, case_seq=2))

    with pytest.raises(ConflictError):
        await store.accept(replace(elsewhere, opener_if_new=None), NOW)
    assert await store.case_head(first.index.case_id, OTHER_PEER) == CaseHead(
        first.index.case_id,
        0,
        "",
        None,
    )


async def test_a_held_message_has_no_number_until_it_is_released(
    store: TransactionalStore,
) -> None:
    message = held_draft()
    accepted = await store.accept(message, NOW)
    assert accepted.state is OutboundState.HELD
    assert await store.held(PEER, 10) == [message.id]
    assert await store.draft(message.id) == message.draft
    assert await store.envelope(message.id) == b""
    assert await claim(store) == []

    sealed = sealing()
    assert await store.release(message.id, sealed, NOW)

    hold, send = await leaves(store, message.id)
    assert (hold.kind, hold.text("res")) == ("msg.hold", "peer-paused")
    assert (send.kind, send.number("ref"), send.number("seq")) == (
        "msg.send",
        hold.index,
        1,
    )
    assert await store.held(PEER, 10) == []
    assert await store.envelope(message.id) == sealed.envelope
    assert await claim(store) == [message.id]
    with pytest.raises(NotFoundError):
        await store.draft(message.id)


async def test_a_message_is_released_once(store: TransactionalStore) -> None:
    message = held_draft()
    await store.accept(message, NOW)
    await store.release(message.id, sealing(), NOW)

    assert not await store.release(message.id, sealing(), NOW)
    assert not await store.release(new_id(), sealing(), NOW)


async def test_cancelling_tells_the_peer_of_the_number_it_will_not_see(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)

    row = await store.cancel(message.id, ACT, NOW)

    _, leaf = await leaves(store, message.id)
    (event,) = await store.events_due(PEER, 10)
    assert row.state is OutboundState.CANCELLED
    assert (leaf.kind, leaf.number("seq")) == ("msg.cancel", 1)
    assert event.log_index == leaf.index
    assert await store.pending_seqs(PEER) == []
    assert await claim(store) == []


async def test_a_cancelled_draft_concerns_no_peer(store: TransactionalStore) -> None:
    message = held_draft()
    await store.accept(message, NOW)
    await store.cancel(message.id, ACT, NOW)

    assert await store.events_due(PEER, 10) == []


async def test_what_was_attempted_cannot_be_cancelled(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)
    await claim(store)

    with pytest.raises(ConflictError):
        await store.cancel(message.id, ACT, NOW)
    with pytest.raises(NotFoundError):
        await store.cancel(new_id(), ACT, NOW)


async def test_messages_expire_after_their_last_moment_not_at_it(
    store: TransactionalStore,
) -> None:
    queued, held = outbound(), held_draft()
    await store.accept(queued, NOW)
    await store.accept(held, NOW)

    assert await store.expire_due(EXPIRES, 10) == []
    ended = await store.expire_due(UnixMs(EXPIRES + 1), 10)

    assert set(ended) == {queued.id, held.id}
    assert (await leaves(store, queued.id))[-1].kind == "msg.expire"
    assert len(await store.events_due(PEER, 10)) == 1
    assert await claim(store, UnixMs(EXPIRES + 1)) == []
    assert await store.expire_due(UnixMs(EXPIRES + 1), 10) == []


async def test_a_delivered_message_does_not_expire(store: TransactionalStore) -> None:
    message = outbound()
    await store.accept(message, NOW)
    await deliver(store, PeerLog(), message)

    assert await store.expire_due(UnixMs(EXPIRES + 1), 10) == []


async def test_events_stay_due_until_they_are_acknowledged(
    store: TransactionalStore,
) -> None:
    messages = [outbound() for _ in range(3)]
    for message in messages:
        await store.accept(message, NOW)
        await store.cancel(message.id, ACT, NOW)
    due = await store.events_due(PEER, 2)
    assert [event.message_id for event in due] == [one.id for one in messages[:2]]

    await store.events_told(PEER, [due[0].log_index, 999])
    await store.events_told(OTHER_PEER, [due[1].log_index])

    left = await store.events_due(PEER, 10)
    assert [event.message_id for event in left] == [one.id for one in messages[1:]]
