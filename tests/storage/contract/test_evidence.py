"""Evidence of peers: waited for, received whole, let go, asked for again."""

from dataclasses import replace

import pytest

from gateway.core.delivery import InboundState
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import NoSuchMessageError
from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.evidence import Attachment, AttachmentState, BlobUse
from gateway.ports.inbox import InboundStatus
from gateway.storage.store import TransactionalStore
from tests.support.evidence_rows import (
    TWO_PARTS,
    WEEK,
    coming,
    evidence_item,
    new_blob,
    offer,
    received,
    send_parts,
)
from tests.support.storing import (
    ACT,
    DAY_MS,
    NOW,
    ORIGIN,
    OTHER_PEER,
    PEER,
    PeerLog,
)

AFTER = UnixMs(WEEK + 1)
HOUR_MS = 3_600_000


async def leaves(store: TransactionalStore, message_id: MessageId) -> list[Leaf]:
    """Return the entries about a message."""
    indices = await store.log_indices(message_id)
    pages = [await store.entries(index, 1) for index in indices]
    return [parse_leaf(one.data, log=ORIGIN) for page in pages for one in page]


async def kinds(store: TransactionalStore, message_id: MessageId) -> list[str]:
    return [leaf.kind for leaf in await leaves(store, message_id)]


async def states(store: TransactionalStore, message_id: MessageId) -> list[str]:
    return [row.state.value for row in await store.attachments(message_id)]


async def test_a_message_with_evidence_waits_without_a_receipt(
    store: TransactionalStore,
) -> None:
    item = evidence_item(PeerLog(), TWO_PARTS, 100)

    result = await offer(store, PeerLog(), item)

    (hold,) = await leaves(store, item.id)
    row = await store.message(item.id)
    assert result.status is InboundStatus.INCOMPLETE
    assert result.missing == tuple(one.aid for one in item.attachments)
    assert hold.kind == "msg.hold"
    assert hold.fields == {
        "m": item.id,
        "peer": PEER,
        "dig": item.digest,
        "res": "attachments",
    }
    assert (row.state, row.log_index) == (InboundState.PENDING, hold.index)
    assert (row.attachments, row.attachment_bytes) == (2, TWO_PARTS + 100)
    assert row.pending_until == WEEK
    assert tuple(await store.attachments(item.id)) == item.attachments


async def test_what_waits_is_not_checked_yet(store: TransactionalStore) -> None:
    await offer(store, PeerLog(), evidence_item(PeerLog(), 100))
    assert await store.begin_checks(10, NOW) == []
    assert await store.begin_evidence_check(NOW) is None


async def test_offering_again_tells_what_is_missing_and_writes_nothing(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100, TWO_PARTS)
    await offer(store, log, item)
    await send_parts(store, log, item, but=1)
    size = (await store.log_head()).size

    again = await offer(store, log, item)
    (known,) = (await store.known_inbound(PEER, [item.id]))[item.id]

    assert again.status is InboundStatus.INCOMPLETE
    assert again.missing == (item.attachments[1].aid,)
    assert known.result == again
    assert (await store.log_head()).size == size


async def test_a_message_whose_files_are_whole_is_received_once(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, TWO_PARTS)
    held = await offer(store, log, item)
    await send_parts(store, log, item)
    assert (await store.message(item.id)).state is InboundState.PENDING

    result = await offer(store, log, item)
    again = await offer(store, log, item)

    _, receipt = await leaves(store, item.id)
    row = await store.message(item.id)
    assert (result.status, result.log_index) == (InboundStatus.RECEIVED, receipt.index)
    assert (again.status, again.log_index) == (InboundStatus.ALREADY, receipt.index)
    assert receipt.kind == "msg.receive"
    assert receipt.fields["ref"] == held.log_index
    assert (row.state, row.pending_until) == (InboundState.RECEIVED, NEVER)
    (check,) = await store.begin_checks(10, NOW)
    assert check.id == item.id


# --- parts ---


async def test_a_list_of_parts_is_kept_once(store: TransactionalStore) -> None:
    log = PeerLog()
    item = evidence_item(log, TWO_PARTS)
    (row,) = item.attachments
    await offer(store, log, item)
    first = await store.announce_parts(PEER, item.id, row.aid, b"1" * 64)
    again = await store.announce_parts(PEER, item.id, row.aid, b"2" * 64)
    assert first == again == replace(row, part_list=b"1" * 64)
    assert await store.waiting_attachment(PEER, item.id, row.aid) == first


async def test_parts_count_one_by_one_and_the_last_makes_it_stored(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, TWO_PARTS)
    (row,) = item.attachments
    await offer(store, log, item)
    await store.announce_parts(PEER, item.id, row.aid, b"1" * 64)
    for index, missing, state in ((1, [0], "coming"), (0, [], "stored")):
        for _ in range(2):  # again is harmless
            after = await store.add_part(PEER, item.id, row.aid, index, WEEK)
            assert (after.parts.missing(), after.state.value) == (missing, state)
            assert await store.attachments(item.id) == [after]


async def test_every_part_lengthens_the_wait_in_steps_of_an_hour(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, TWO_PARTS)
    (row,) = item.attachments
    await offer(store, log, item)
    for until, expected in (
        (WEEK + HOUR_MS, WEEK),
        (WEEK + HOUR_MS + 1, WEEK + HOUR_MS + 1),
        (WEEK, WEEK + HOUR_MS + 1),
    ):
        await store.add_part(PEER, item.id, row.aid, 0, UnixMs(until))
        assert (await store.message(item.id)).pending_until == expected


async def _refuses_parts(
    store: TransactionalStore,
    item_id: MessageId,
    aid: str,
) -> None:
    for peer, one, other in (
        (PEER, item_id, aid),
        (OTHER_PEER, item_id, aid),
        (PEER, item_id, "ef" * 16),
    ):
        with pytest.raises(NoSuchMessageError):
            await store.waiting_attachment(peer, one, other)
        with pytest.raises(NoSuchMessageError):
            await store.announce_parts(peer, one, other, b"1" * 64)
        with pytest.raises(NoSuchMessageError):
            await store.add_part(peer, one, other, 0, WEEK)


async def test_parts_are_taken_only_while_a_message_waits_for_them(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    plain = log.item()
    await offer(store, log, plain)
    await _refuses_parts(store, plain.id, "ab" * 16)
    whole = await received(store, log, 100)
    await _refuses_parts(store, whole, (await store.attachments(whole))[0].aid)
    dropped = evidence_item(log, 100)
    await offer(store, log, dropped)
    await store.drop_pending(AFTER, 10)
    await _refuses_parts(store, dropped.id, dropped.attachments[0].aid)


async def test_parts_are_taken_from_the_peer_that_offered_the_message(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100)
    await offer(store, log, item)
    aid = item.attachments[0].aid
    with pytest.raises(NoSuchMessageError):
        await store.waiting_attachment(OTHER_PEER, item.id, aid)
    with pytest.raises(NoSuchMessageError):
        await store.add_part(OTHER_PEER, item.id, aid, 0, WEEK)


# --- what is let go ---


async def test_what_did_not_come_in_time_is_let_go_with_its_entry(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, TWO_PARTS, 100)
    held = await offer(store, log, item)
    await send_parts(store, log, item, but=1)

    assert await store.drop_pending(WEEK, 10) == []
    dropped = await store.drop_pending(AFTER, 10)
    assert await store.drop_pending(AFTER, 10) == []

    _, expiry = await leaves(store, item.id)
    row = await store.message(item.id)
    assert dropped == [one.blob for one in item.attachments]
    assert (expiry.kind, expiry.fields["ref"]) == ("msg.expire", held.log_index)
    assert expiry.fields["res"] == "attachments"
    assert (row.state, row.pending_until) == (InboundState.EXPIRED, NEVER)
    assert await states(store, item.id) == ["gone", "gone"]
    assert await store.blobs() == {}


async def test_the_longest_waiting_are_let_go_first(store: TransactionalStore) -> None:
    log = PeerLog()
    young = evidence_item(log, 100)
    old = replace(evidence_item(log, 100), pending_until=UnixMs(WEEK - 1))
    for item in (young, old):
        await offer(store, log, item)
    assert await store.drop_pending(AFTER, 1) == [old.attachments[0].blob]
    assert await store.drop_pending(AFTER, 1) == [young.attachments[0].blob]


@pytest.mark.parametrize("is_sealed_anew", [False, True])
async def test_what_was_let_go_can_be_offered_again_from_its_start(
    store: TransactionalStore,
    *,
    is_sealed_anew: bool,
) -> None:
    log = PeerLog()
    item = evidence_item(log, TWO_PARTS)
    await offer(store, log, item)
    await send_parts(store, log, item, but=1)
    await store.drop_pending(AFTER, 10)
    assert await store.known_inbound(PEER, [item.id]) == {}

    again = evidence_item(log, TWO_PARTS, message_id=item.id)
    if not is_sealed_anew:
        again = replace(again, digest=item.digest, envelope=item.envelope)
    result = await offer(store, log, again, AFTER)

    assert result.missing == (again.attachments[0].aid,)
    assert (await store.message(item.id)).digest == again.digest
    assert await store.envelope(item.id) == again.envelope
    assert tuple(await store.attachments(item.id)) == again.attachments
    await send_parts(store, log, again)
    assert (await offer(store, log, again, AFTER)).status is InboundStatus.RECEIVED
    assert await kinds(store, item.id) == [
        "msg.hold",
        "msg.expire",
        "msg.hold",
        "msg.receive",
    ]


async def test_what_was_let_go_may_come_back_with_fewer_files(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100, 200)
    await offer(store, log, item)
    await store.drop_pending(AFTER, 10)
    again = evidence_item(log, 300, message_id=item.id)
    await offer(store, log, again, AFTER)
    assert tuple(await store.attachments(item.id)) == again.attachments
    await send_parts(store, log, again)
    assert (await offer(store, log, again, AFTER)).status is InboundStatus.RECEIVED


async def test_what_was_let_go_and_is_then_refused_stays_let_go(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100)
    await offer(store, log, item)
    await store.drop_pending(AFTER, 10)
    refused = await offer(store, log, replace(item, refusal="expired"), AFTER)
    assert (refused.status, refused.code) == (InboundStatus.REFUSED, "expired")
    assert await kinds(store, item.id) == ["msg.hold", "msg.expire", "msg.reject"]
    assert (await store.message(item.id)).state is InboundState.EXPIRED


# --- what is lost ---


async def test_a_lost_blob_of_coming_parts_is_asked_for_again(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100, TWO_PARTS)
    await offer(store, log, item)
    await send_parts(store, log, item)
    lost, fresh = item.attachments[1].blob, new_blob()
    assert (await store.blobs())[lost] == BlobUse(TWO_PARTS, is_coming=True)

    assert await store.lose_blob(lost, fresh)

    kept, again = await store.attachments(item.id)
    assert (kept.state, kept.parts.is_whole) == (AttachmentState.STORED, True)
    assert (again.blob, again.state) == (fresh, AttachmentState.COMING)
    assert again.parts.missing() == [0, 1]
    assert (await offer(store, log, item)).missing == (again.aid,)
    assert not await store.lose_blob(lost, new_blob())  # nothing names it any more


async def test_a_lost_blob_of_a_whole_file_marks_it_as_damaged(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, 100)
    await offer(store, log, item)
    assert not await store.lose_blob(item.attachments[0].blob, None)
    assert await states(store, item.id) == ["coming"]
    whole = await received(store, log, 100)
    (row,) = await store.attachments(whole)
    assert (await store.blobs())[row.blob] == BlobUse(100, is_coming=False)
    assert not await store.lose_blob(row.blob, new_blob())
    (lost,) = await store.attachments(whole)
    # Its name is kept, so that it can be put back.
    assert (lost.state, lost.blob) == (AttachmentState.DAMAGED, row.blob)
    assert (await store.message(whole)).state is InboundState.RECEIVED
    assert await store.begin_evidence_check(NOW) is None
    assert await store.look_again() == 1
    (again,) = await store.attachments(whole)
    assert again.state is AttachmentState.STORED


# --- whose disk it is ---


async def test_evidence_counts_until_somebody_opens_it(
    store: TransactionalStore,
) -> None:
    log, other = PeerLog(), PeerLog(OTHER_PEER)
    waiting = evidence_item(log, 100)
    await offer(store, log, waiting)
    whole = await received(store, log, 2_000)
    await received(store, other, 40_000)
    assert await store.evidence_bytes(PEER) == 2_100
    await store.log_access(whole, ACT, NOW, grant_until=UnixMs(NOW + DAY_MS))
    assert await store.evidence_bytes(PEER) == 100
    await store.drop_pending(AFTER, 10)
    assert await store.evidence_bytes(PEER) == 0
    assert await store.evidence_bytes(OTHER_PEER) == 40_000


# --- checking ---


async def next_checked(store: TransactionalStore) -> Attachment:
    handed = await store.begin_evidence_check(NOW)
    assert handed is not None
    assert handed.sealed.access_index == (await store.log_head()).size - 1
    return handed.attachment


async def test_received_files_are_checked_one_by_one_each_with_its_entry(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    first, second = await received(store, log, 100, 200), await received(store, log, 9)
    seen = []
    for message_id, state in (
        (first, AttachmentState.VERIFIED),
        (first, AttachmentState.DAMAGED),
        (second, AttachmentState.VERIFIED),
    ):
        row = await next_checked(store)
        assert row == await next_checked(store)  # until what it showed is recorded
        seen.append(row.aid)
        await store.mark_attachment(message_id, row.aid, state)
        check = (await leaves(store, message_id))[-1]
        assert (check.kind, check.fields["res"]) == ("msg.check", row.aid)
    assert await store.begin_evidence_check(NOW) is None
    assert len(set(seen)) == 3
    assert await states(store, first) == ["verified", "damaged"]
    assert await states(store, second) == ["verified"]


async def test_evidence_of_a_message_that_is_set_aside_is_not_checked_further(
    store: TransactionalStore,
) -> None:
    whole = await received(store, PeerLog(), 100, 200)
    await store.quarantine(whole, PEER, "cannot-open", NOW)
    assert await store.begin_evidence_check(NOW) is None


async def test_a_confirmed_message_is_checked_all_the_same(
    store: TransactionalStore,
) -> None:
    whole = await received(store, PeerLog(), 100)
    await store.confirm(whole, ACT, NOW)
    assert (await next_checked(store)).length == 100


def test_no_two_attachments_share_a_blob() -> None:
    rows = coming(1, 2, 3)
    assert len({row.blob for row in rows}) == len({row.aid for row in rows}) == 3
