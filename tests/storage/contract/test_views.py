"""Reading both boxes; a look at content is logged first."""

from dataclasses import replace

import pytest

from gateway.core.delivery import InboundState
from gateway.core.entries.disclosures import read_disclosure
from gateway.core.errors import NotFoundError, UsageError
from gateway.core.values import MessageId, UnixMs
from gateway.ports.messages import Box, MessageFilter
from gateway.ports.outbox import AttemptOutcome, OutcomeKind
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    ACT,
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    held_draft,
    index_of,
    new_id,
    outbound,
)


async def listed(
    store: TransactionalStore,
    wanted: MessageFilter,
    *,
    limit: int = 100,
) -> list[MessageId]:
    """Return the whole list, page by page."""
    ids, cursor = [], ""
    while True:
        page = await store.messages(wanted, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        ids += [row.id for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return ids


async def test_the_first_opening_by_a_person_is_told_to_the_sender(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)

    first = await store.log_access(item.id, ACT, NOW)
    again = await store.log_access(item.id, ACT, NOW)

    (event,) = await store.events_due(PEER, 10)
    assert (first.is_first_opening, again.is_first_opening) == (True, False)
    assert first.envelope == item.envelope
    assert first.archived_key == item.archived_key
    assert event.log_index == first.access_index
    assert (await store.message(item.id)).state is InboundState.OPENED
    assert len(await store.log_indices(item.id)) == 3


async def test_opening_what_was_confirmed_unopened_is_still_the_first_opening(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    await store.confirm(item.id, ACT, NOW)

    assert (await store.log_access(item.id, ACT, NOW)).is_first_opening
    assert (await store.message(item.id)).state is InboundState.HANDED_OVER
    assert len(await store.events_due(PEER, 10)) == 1


async def test_opening_our_own_message_is_logged_and_told_to_nobody(
    store: TransactionalStore,
) -> None:
    sent, held = outbound(), held_draft()
    await store.accept(sent, NOW)
    await store.accept(held, NOW)

    opened = await store.log_access(sent.id, ACT, NOW)
    draft = await store.log_access(held.id, ACT, NOW)

    assert sent.sealing
    assert (opened.envelope, opened.is_first_opening) == (sent.sealing.envelope, False)
    assert draft.draft == held.draft
    assert await store.events_due(PEER, 10) == []


async def test_a_refused_access_is_logged_and_gives_nothing_out(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)

    refused = await store.log_access(item.id, ACT, NOW, refusal="not-allowed")

    (entry,) = await store.entries(refused.access_index, 1)
    assert b'"res":"not-allowed"' in entry.data
    assert (refused.envelope, refused.archived_key) == (b"", b"")
    assert (await store.message(item.id)).state is InboundState.RECEIVED
    assert await store.events_due(PEER, 10) == []


async def test_an_entry_discloses_who_and_why_to_those_who_may_see_it(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)

    accessed = await store.log_access(message.id, ACT, NOW)

    found = await store.disclosures(accessed.access_index)
    named = {read_disclosure(one.encoded) for one in found}
    assert {(one.name, one.value) for one in named} == {
        ("actor", "kask"),
        ("role", "officer"),
        ("purpose", "execution of a request"),
        ("case", "K-17/2026"),
        ("on_behalf_of", "tamm"),
    }
    (entry,) = await store.entries(accessed.access_index, 1)
    assert all(one.digest.encode() in entry.data for one in found)
    assert not any(word in entry.data for word in (b"kask", b"K-17"))


async def test_what_is_not_there_is_not_found(store: TransactionalStore) -> None:
    for missing in (
        store.message(new_id()),
        store.envelope(new_id()),
        store.draft(new_id()),
        store.log_access(new_id(), ACT, NOW),
    ):
        with pytest.raises(NotFoundError):
            await missing
    assert await store.proofs(new_id()) == []
    assert await store.log_indices(new_id()) == []


async def test_every_filter_of_the_list_selects_what_it_names(
    store: TransactionalStore,
) -> None:
    log, index = PeerLog(OTHER_PEER), index_of()
    queued = replace(outbound(), idempotency_key="k", request_digest="d")
    answer = outbound(index=replace(index, msg_type="RSP", sender_ref="our/1"))
    held = held_draft(OTHER_PEER)
    item = log.item()
    for at, message in enumerate((queued, answer, held)):
        await store.accept(message, UnixMs(NOW + at))
    await store.commit_inbound(log.link(), [item], UnixMs(NOW + 3))
    urgent = outbound(index=replace(index_of(), msg_type="EMR_REQ", urgency="URGENT"))
    await store.accept(urgent, UnixMs(NOW - 1))
    everything = [item.id, held.id, answer.id, queued.id, urgent.id]
    wanted = {
        MessageFilter(): everything,
        MessageFilter(box=Box.OUT): everything[1:],
        MessageFilter(box=Box.IN): [item.id],
        MessageFilter(states=("queued",)): [answer.id, queued.id, urgent.id],
        MessageFilter(states=("held", "received")): [item.id, held.id],
        MessageFilter(states=("no such state",)): [],
        MessageFilter(peer=OTHER_PEER): [item.id, held.id],
        MessageFilter(peer=OTHER_PEER, box=Box.OUT): [held.id],
        MessageFilter(case_id=index.case_id): [answer.id],
        MessageFilter(case_id=index.case_id, states=("held",)): [],
        MessageFilter(msg_type="REQ"): [held.id, queued.id],
        MessageFilter(msg_type="REQ", peer=PEER): [queued.id],
        MessageFilter(since=UnixMs(NOW + 2)): [item.id, held.id],
        MessageFilter(since=UnixMs(NOW + 2), box=Box.OUT): [held.id],
        MessageFilter(sender_ref="our/1"): [answer.id],
        MessageFilter(sender_ref="our/1", msg_type="REQ"): [],
        MessageFilter(idempotency_key="k"): [queued.id],
        MessageFilter(idempotency_key="k", box=Box.IN): [],
        MessageFilter(until=UnixMs(NOW + 2)): [answer.id, queued.id, urgent.id],
        MessageFilter(since=UnixMs(NOW + 1), until=UnixMs(NOW + 2)): [answer.id],
        MessageFilter(id_prefix=held.id): [held.id],
        MessageFilter(id_prefix=held.id, box=Box.IN): [],
        MessageFilter(id_prefix=held.id[:-4], peer=OTHER_PEER): [
            one for one in (item.id, held.id) if one.startswith(held.id[:-4])
        ],
        MessageFilter(id_prefix=""): everything,
        MessageFilter(code="peer-paused"): [held.id],
        MessageFilter(code="peer-paused", states=("queued",)): [],
        MessageFilter(code="unreachable"): [],
        MessageFilter(urgency="URGENT"): [urgent.id],
        MessageFilter(urgency="URGENT", msg_type="RSP"): [],
        MessageFilter(urgency="routine", box=Box.OUT): [held.id, answer.id, queued.id],
    }

    found = {one: await listed(store, one) for one in wanted}

    assert found == wanted


@pytest.mark.parametrize(
    "wanted",
    [MessageFilter(), MessageFilter(box=Box.OUT), MessageFilter(msg_type="REQ")],
)
async def test_pages_join_without_gap_or_repetition(
    store: TransactionalStore,
    wanted: MessageFilter,
) -> None:
    messages = [outbound(peer) for peer in (PEER, OTHER_PEER) * 4]
    for message in messages:
        await store.accept(message, NOW)
    await claim(store, max_items=1)

    newest_first = [one.id for one in reversed(messages)]
    for limit in (1, 3, 8, 9):
        assert await listed(store, wanted, limit=limit) == newest_first


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1-1", "1-1-1", "1-1\n", "٣-1"])
async def test_a_cursor_that_is_not_ours_is_refused(
    store: TransactionalStore,
    cursor: str,
) -> None:
    with pytest.raises(UsageError):
        await store.messages(MessageFilter(), cursor=cursor, limit=10)


async def test_causes_are_counted_by_peer_and_state(store: TransactionalStore) -> None:
    for at, message in enumerate(
        (outbound(), outbound(), held_draft(OTHER_PEER), outbound(OTHER_PEER))
    ):
        await store.accept(message, UnixMs(NOW + at))
    due = await store.claim_due(
        PEER, now=NOW, lease_ms=1_000, max_items=9, max_bytes=2**20
    )
    outcomes = [
        AttemptOutcome(
            one.id,
            one.digest,
            OutcomeKind.UNKNOWN,
            code="unreachable",
            next_attempt_at=NOW,
        )
        for one in due
    ]
    await store.record_outcomes(PEER, outcomes, None, UnixMs(NOW + 9))

    found = await store.causes(NOW, limit=9)

    # What waits and has not failed is no failure.
    assert [(one.count, one.peer, one.state, one.code) for one in found] == [
        (2, PEER, "queued", "unreachable"),
        (1, OTHER_PEER, "held", "peer-paused"),
    ]
    assert (found[0].oldest_at, found[0].newest_at) == (NOW, NOW + 1)
    assert await store.causes(NOW, limit=1) == found[:1]
    assert [one.count for one in await store.causes(UnixMs(NOW + 1), limit=9)] == [1, 1]


async def test_the_change_feed_has_every_state_without_gaps(
    store: TransactionalStore,
) -> None:
    log, ours = PeerLog(), outbound()
    item = log.item()
    await store.accept(ours, NOW)
    await store.commit_inbound(log.link(), [item], NOW)
    await store.log_access(item.id, ACT, NOW)
    await store.log_access(item.id, ACT, NOW)
    await store.confirm(item.id, ACT, NOW)
    await store.cancel(ours.id, ACT, NOW)

    changes = await store.changes(0, 100)

    assert [(one.cursor, one.id, one.state) for one in changes] == [
        (1, ours.id, "queued"),
        (2, item.id, "received"),
        (3, item.id, "opened"),
        (4, item.id, "handed_over"),
        (5, ours.id, "cancelled"),
    ]
    assert await store.changes(2, 2) == changes[2:4]
    for one in changes:
        assert one.log_index in await store.log_indices(one.id)


async def test_a_failed_operation_uses_up_no_cursor(store: TransactionalStore) -> None:
    message = outbound()
    await store.accept(message, NOW)
    with pytest.raises(NotFoundError):
        await store.cancel(new_id(), ACT, NOW)
    await store.cancel(message.id, ACT, NOW)

    assert [one.cursor for one in await store.changes(0, 10)] == [1, 2]


async def test_pruning_drops_only_what_is_old_and_cursors_go_on(
    store: TransactionalStore,
) -> None:
    for at in range(5):
        await store.accept(outbound(), UnixMs(NOW + at))

    assert await store.prune_changes(UnixMs(NOW + 3)) == 3
    assert await store.prune_changes(UnixMs(NOW + 3)) == 0
    assert [one.cursor for one in await store.changes(0, 10)] == [4, 5]
    assert await store.prune_changes(UnixMs(NOW + 9)) == 2
    await store.accept(outbound(), NOW)
    assert [one.cursor for one in await store.changes(0, 10)] == [6]
