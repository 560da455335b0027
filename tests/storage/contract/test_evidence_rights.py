"""What is sent first, and who may read evidence: on every store, with its entries."""

from dataclasses import replace

import pytest

from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import (
    ConflictError,
    DamagedError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.limits import MIB
from gateway.core.values import MessageId, Priority, UnixMs
from gateway.ports.evidence import AttachmentState
from gateway.ports.outbox import NewOutbound, OutcomeKind
from gateway.storage.store import TransactionalStore
from tests.support.evidence_rows import (
    complete_upload,
    evidence_item,
    offer,
    received,
    sent_with,
)
from tests.support.storing import (
    ACT,
    DAY_MS,
    NOW,
    ORIGIN,
    OTHER_PEER,
    PEER,
    PeerLog,
    claim,
    held_draft,
    outbound,
)

UNTIL = UnixMs(NOW + DAY_MS // 2)
LATER = UnixMs(NOW + 900_000)
SOMEBODY = Act("tamm", "officer", "curious")


# --- what is sent first ---


async def accepted(
    store: TransactionalStore,
    length: int = MIB,
    priority: Priority = Priority.ROUTINE,
) -> NewOutbound:
    """Accept a message of ours with one file."""
    used = await complete_upload(store, length=length)
    message = sent_with(used, message=outbound(priority=priority))
    await store.accept(message, NOW)
    return message


async def offered(store: TransactionalStore, log: PeerLog, *ours: NewOutbound) -> None:
    """Offer messages to a peer that waits for their files."""
    await claim(store)
    outcomes = [
        log.outcome(
            one,
            OutcomeKind.INCOMPLETE,
            code="incomplete",
            next_attempt_at=LATER,
        )
        for one in ours
    ]
    await store.record_outcomes(PEER, outcomes, log.link(), NOW)


async def order(store: TransactionalStore, limit: int = 10) -> list[MessageId]:
    return [one.id for one in await store.transfers(PEER, limit)]


async def test_urgent_files_go_first_then_small_ones_then_large_ones(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    large = await accepted(store, 64 * MIB + 1)
    small = await accepted(store, 64 * MIB)
    younger = await accepted(store)
    urgent_large = await accepted(store, 65 * MIB, Priority.URGENT)
    urgent = await accepted(store, priority=Priority.URGENT)
    assert await order(store) == []  # nobody waits for anything yet

    await offered(store, log, large, small, younger, urgent_large, urgent)

    expected = [one.id for one in (urgent, urgent_large, small, younger, large)]
    assert await order(store) == expected
    assert await order(store, 2) == expected[:2]
    assert await store.transfers(OTHER_PEER, 10) == []
    (first, *_) = await store.transfers(PEER, 1)
    assert (first.priority, first.length) == (Priority.URGENT, MIB)


async def test_a_message_whose_files_were_sent_is_offered_at_once(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    message = await accepted(store)
    await offered(store, log, message)
    assert await claim(store) == []
    await store.transfer_done(message.id)
    assert await order(store) == []
    assert await claim(store) == [message.id]


async def test_what_is_just_being_offered_or_is_settled_stays_as_it_is(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    under_way, cancelled = await accepted(store), await accepted(store)
    await store.cancel(cancelled.id, ACT, NOW)
    await claim(store)
    for message in (under_way, cancelled):
        before = await store.message(message.id)
        await store.transfer_done(message.id)
        assert await store.message(message.id) == before
    with pytest.raises(NotFoundError):
        await store.transfer_done(await received(store, log, 100))


async def test_a_receipt_ends_the_sending(store: TransactionalStore) -> None:
    log = PeerLog()
    message = await accepted(store)
    await offered(store, log, message)
    await store.transfer_done(message.id)
    await claim(store)
    receipt = log.outcome(message, OutcomeKind.RECEIPT)
    await store.record_outcomes(PEER, [receipt], log.link(), NOW)
    assert await order(store) == []
    assert (await store.message(message.id)).state is OutboundState.DELIVERED


async def test_what_has_expired_is_sent_no_further(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    message = await accepted(store)
    await offered(store, log, message)
    assert await order(store) == [message.id]
    await store.expire_due(UnixMs(NOW + 2 * DAY_MS), 10)
    assert await order(store) == []
    (row,) = await store.attachments(message.id)
    assert row.state is AttachmentState.VERIFIED  # it is evidence of what was meant


# --- who may read ---


async def exports(store: TransactionalStore, message_id: MessageId) -> list[Leaf]:
    indices = await store.log_indices(message_id)
    pages = [await store.entries(index, 1) for index in indices]
    leaves = [parse_leaf(one.data, log=ORIGIN) for page in pages for one in page]
    return [leaf for leaf in leaves if leaf.kind == "msg.export"]


async def aids(store: TransactionalStore, message_id: MessageId) -> list[str]:
    return [row.aid for row in await store.attachments(message_id)]


async def test_who_opened_a_message_may_read_its_files_for_a_while(
    store: TransactionalStore,
) -> None:
    whole = await received(store, PeerLog(), 100, 200)
    (aid, _) = await aids(store, whole)
    opened = await store.log_access(whole, ACT, NOW, grant_until=UNTIL)

    handed = await store.hand_out(whole, aid, ACT, UNTIL)

    (export,) = await exports(store, whole)
    assert (export.fields["ref"], export.fields["res"]) == (opened.access_index, aid)
    assert handed.attachment.aid == aid
    assert handed.sealed == replace(opened, is_first_opening=False)
    with pytest.raises(NotAllowedError):
        await store.hand_out(whole, aid, ACT, UnixMs(UNTIL + 1))


async def test_reading_is_logged_once_for_every_file_and_opening(
    store: TransactionalStore,
) -> None:
    whole = await received(store, PeerLog(), 100, 200)
    for _ in range(2):
        await store.log_access(whole, ACT, NOW, grant_until=UNTIL)
        for aid in (await aids(store, whole)) * 2:
            await store.hand_out(whole, aid, ACT, NOW)
    logged = [
        (leaf.fields["ref"], leaf.text("res")) for leaf in await exports(store, whole)
    ]
    assert len(logged) == len(set(logged)) == 4


async def test_nobody_reads_on_anothers_opening(store: TransactionalStore) -> None:
    whole = await received(store, PeerLog(), 100)
    (aid,) = await aids(store, whole)
    with pytest.raises(NotAllowedError):
        await store.hand_out(whole, aid, ACT, NOW)
    await store.log_access(whole, ACT, NOW, grant_until=UNTIL)
    await store.log_access(whole, SOMEBODY, NOW, refusal="not-allowed")
    await store.log_access(whole, SOMEBODY, NOW)  # an opening without files
    with pytest.raises(NotAllowedError):
        await store.hand_out(whole, aid, SOMEBODY, NOW)
    assert await exports(store, whole) == []


async def test_one_opening_is_for_one_message(store: TransactionalStore) -> None:
    log = PeerLog()
    opened, other = await received(store, log, 100), await received(store, log, 100)
    await store.log_access(opened, ACT, NOW, grant_until=UNTIL)
    (aid,) = await aids(store, other)
    with pytest.raises(NotAllowedError):
        await store.hand_out(other, aid, ACT, NOW)
    with pytest.raises(NotFoundError):
        await store.hand_out(opened, aid, ACT, NOW)


@pytest.mark.parametrize("state", [AttachmentState.DAMAGED, AttachmentState.GONE])
async def test_what_is_not_whole_here_is_not_handed_out(
    store: TransactionalStore,
    state: AttachmentState,
) -> None:
    whole = await received(store, PeerLog(), 100)
    (aid,) = await aids(store, whole)
    await store.log_access(whole, ACT, NOW, grant_until=UNTIL)
    await store.mark_attachment(whole, aid, state)
    expected = DamagedError if state is AttachmentState.DAMAGED else ConflictError
    with pytest.raises(expected):
        await store.hand_out(whole, aid, ACT, NOW)
    assert await exports(store, whole) == []


async def test_what_still_comes_or_was_set_aside_is_not_handed_out(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100)
    await offer(store, log, item)
    with pytest.raises(ConflictError):
        await store.hand_out(item.id, item.attachments[0].aid, ACT, NOW)
    whole = await received(store, log, 100)
    await store.log_access(whole, ACT, NOW, grant_until=UNTIL)
    await store.quarantine(whole, PEER, "cannot-open", NOW)
    with pytest.raises(ConflictError, match="quarantined"):
        await store.hand_out(whole, (await aids(store, whole))[0], ACT, NOW)


async def test_our_own_evidence_is_read_in_the_same_way(
    store: TransactionalStore,
) -> None:
    queued = await accepted(store)
    held = sent_with(await complete_upload(store), message=held_draft())
    await store.accept(held, NOW)
    for message in (queued, held):
        (aid,) = await aids(store, message.id)
        with pytest.raises(NotAllowedError):
            await store.hand_out(message.id, aid, ACT, NOW)
        await store.log_access(message.id, ACT, NOW, grant_until=UNTIL)
        handed = await store.hand_out(message.id, aid, ACT, NOW)
        assert handed.sealed.id == message.id
        assert len(await exports(store, message.id)) == 1


async def test_of_a_message_without_files_there_is_nothing_to_read(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)
    await store.log_access(message.id, ACT, NOW, grant_until=UNTIL)
    with pytest.raises(NotFoundError):
        await store.hand_out(message.id, "ab" * 16, ACT, NOW)
    with pytest.raises(NotFoundError):
        await store.mark_attachment(message.id, "ab" * 16, AttachmentState.DAMAGED)
