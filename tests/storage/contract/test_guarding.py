"""Restrictions are obeyed once, told and in force; readers and origins are kept."""

from dataclasses import replace

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NeedsApprovalError, NotFoundError
from gateway.core.limits import MAX_CASE_READERS, MAX_LEAF_BYTES
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.guarding import (
    ItemTag,
    Opened,
    Ordered,
    RestrictionOrder,
)
from gateway.ports.inbox import CheckDone
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    index_of,
)

KASK = Act("kask", "caseworker", "asked for by the court")
SAAR = Act("saar", "approver", "seen and agreed")
LATER = UnixMs(NOW + 60_000)


async def arrived(store: TransactionalStore, log: PeerLog, *, seq: int) -> MessageId:
    """Return a message of a peer that the node has begun to look at."""
    item = log.item(seq=seq)
    await store.commit_inbound(log.link(), [item], NOW)
    await store.begin_checks(10, NOW)
    return item.id


async def two_messages(store: TransactionalStore) -> tuple[MessageId, MessageId]:
    """Return a message of a peer, and a later one that can order something of it."""
    log = PeerLog()
    return await arrived(store, log, seq=1), await arrived(store, log, seq=2)


def ordering(by: MessageId, *targets: MessageId, ordered: Ordered) -> CheckDone:
    order = RestrictionOrder(targets=targets, ordered=ordered, by=by, at=LATER)
    return CheckDone(by, PEER, index_of(), 0, order=order)


async def restrict(
    store: TransactionalStore, by: MessageId, *targets: MessageId
) -> None:
    await store.finish_checks([ordering(by, *targets, ordered=Ordered.RESTRICT)])


async def last_leaf(store: TransactionalStore) -> JsonObject:
    head = await store.log_head()
    (entry,) = await store.entries(head.size - 1, 1)
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    assert isinstance(leaf, dict)
    return leaf


async def test_an_order_restricts_and_says_that_nobody_had_opened_it(
    store: TransactionalStore,
) -> None:
    target, by = await two_messages(store)
    await restrict(store, by, target)

    leaf = await last_leaf(store)
    assert (leaf["k"], leaf["m"], leaf["res"]) == (
        "msg.restrict",
        target,
        "not-opened",
    )
    kept = await store.restriction(target, PEER)
    assert kept is not None
    assert (kept.by, kept.opened, kept.log_index) == (by, Opened.NOT, leaf["i"])
    assert await store.restriction(target, OTHER_PEER) is None
    (event,) = await store.events_due(PEER, 10)
    assert (event.message_id, event.log_index) == (target, leaf["i"])
    with pytest.raises(NeedsApprovalError):
        await store.log_access(target, KASK, LATER)
    assert (await store.message(target)).state == "received"


async def test_an_opening_before_is_told_with_its_entry(
    store: TransactionalStore,
) -> None:
    target, by = await two_messages(store)
    opened = await store.log_access(target, KASK, NOW)
    await restrict(store, by, target)

    leaf = await last_leaf(store)
    assert (leaf["res"], leaf["ref"]) == ("opened", opened.access_index)


async def test_an_approval_opens_it_once(store: TransactionalStore) -> None:
    target, by = await two_messages(store)
    early = NewApproval(kind=ApprovalKind.OPEN, subject=target, message_id=target)
    before = await store.ask_approval(early, KASK, NOW)
    await store.permit(before.number, SAAR, NOW)
    await restrict(store, by, target)

    # What was granted before it was restricted is no more.
    with pytest.raises(NeedsApprovalError):
        await store.log_access(target, KASK, LATER, uses_approval=True)
    asked = await store.ask_approval(early, KASK, LATER)
    await store.permit(asked.number, SAAR, LATER)
    await store.log_access(target, KASK, LATER, uses_approval=True)
    with pytest.raises(NeedsApprovalError):
        await store.log_access(target, KASK, LATER, uses_approval=True)


async def test_reading_an_order_again_changes_nothing(
    store: TransactionalStore,
) -> None:
    target, by = await two_messages(store)
    await restrict(store, by, target)
    size = (await store.log_head()).size
    await restrict(store, by, target)
    assert (await store.log_head()).size == size


async def test_a_restriction_is_lifted_by_another_order(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    target = await arrived(store, log, seq=1)
    by, later = await arrived(store, log, seq=2), await arrived(store, log, seq=3)
    await restrict(store, by, target)
    await store.finish_checks([ordering(later, target, ordered=Ordered.LIFT)])

    assert await store.restriction(target, PEER) is None
    assert (await last_leaf(store))["res"] == "lifted"
    await store.log_access(target, KASK, LATER)


async def test_messages_of_others_are_left_alone(store: TransactionalStore) -> None:
    target, by = await two_messages(store)
    done = ordering(by, target, ordered=Ordered.RESTRICT)
    with pytest.raises(NotFoundError):
        await store.finish_checks([replace(done, peer=AuthorityId(OTHER_PEER))])
    assert await store.restriction(target, PEER) is None


async def test_an_order_that_was_quicker_waits_for_its_message(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    by = await arrived(store, log, seq=2)
    late = log.item(seq=1)
    size = (await store.log_head()).size
    await restrict(store, by, late.id)
    kept = await store.restriction(late.id, PEER)
    assert kept is not None
    assert kept.opened is Opened.NOT_HERE
    assert (await store.log_head()).size == size

    await store.commit_inbound(log.link(), [late], NOW)
    with pytest.raises(NeedsApprovalError):
        await store.log_access(late.id, KASK, LATER)
    await store.begin_checks(10, NOW)
    await store.finish_checks([CheckDone(late.id, PEER, index_of(), 0)])
    leaf = await last_leaf(store)
    assert (leaf["m"], leaf["res"]) == (late.id, "not-opened")
    (event,) = await store.events_due(PEER, 10)
    assert event.log_index == leaf["i"]


async def test_readers_are_named_once_and_taken_off(
    store: TransactionalStore,
) -> None:
    reader = await store.grant_reader("case-1", "kask", SAAR, NOW)
    assert await store.grant_reader("case-1", "kask", SAAR, LATER) == reader
    assert await store.case_readers("case-1") == [reader]
    assert await store.case_readers("case-2") == []
    assert b"case-1" not in canonical.encode(await last_leaf(store))
    await store.revoke_reader("case-1", "kask", SAAR, LATER)
    assert await store.case_readers("case-1") == []
    with pytest.raises(NotFoundError):
        await store.revoke_reader("case-1", "kask", SAAR, LATER)


async def test_a_list_of_readers_is_bounded(store: TransactionalStore) -> None:
    for number in range(MAX_CASE_READERS):
        await store.grant_reader("case-1", f"reader-{number}", SAAR, NOW)
    with pytest.raises(ConflictError, match="are named"):
        await store.grant_reader("case-1", "one-more", SAAR, NOW)


async def test_an_item_is_found_by_its_digest_and_by_its_id(
    store: TransactionalStore,
) -> None:
    target, _ = await two_messages(store)
    tag = b"t" * 16
    done = CheckDone(target, PEER, index_of("case-1"), 0, items=(ItemTag("i-1", tag),))
    await store.finish_checks([done])

    for tags, ids in (([tag], []), ([], ["i-1"]), ([tag], ["i-1"])):
        (origin,) = await store.origins(tags, ids, 10)
        assert (origin.message_id, origin.peer, origin.case_id, origin.item_id) == (
            target,
            PEER,
            "case-1",
            "i-1",
        )
    assert await store.origins([b"x" * 16], ["i-2"], 10) == []
