"""What looking at evidence has shown is kept with its message, on every store."""

from dataclasses import replace

import pytest

from gateway.core.errors import NotFoundError
from gateway.core.limits import MIB
from gateway.core.values import MessageId, UnixMs, new_uuid7
from gateway.ports.evidence import AttachmentState
from gateway.ports.findings import KeptFinding
from gateway.storage.store import TransactionalStore
from tests.support.evidence_rows import complete_upload, received, sent_with
from tests.support.storing import ACT, NOW, PEER, PeerLog

SEALED = b"sealed: names"


def finding(aid: str, report: bytes = b"{}", at: int = NOW) -> KeptFinding:
    return KeptFinding(aid, UnixMs(at), report, SEALED)


async def test_a_result_and_the_state_of_its_file_are_kept_together(
    store: TransactionalStore,
) -> None:
    message_id = await received(store, PeerLog(), MIB, 2 * MIB)
    first, second = await store.attachments(message_id)
    assert await store.findings(message_id) == []

    await store.record_finding(
        message_id, AttachmentState.VERIFIED, finding(second.aid)
    )

    assert await store.findings(message_id) == [finding(second.aid)]
    rows = await store.attachments(message_id)
    assert [row.state.value for row in rows] == ["stored", "verified"]
    await store.record_finding(message_id, AttachmentState.VERIFIED, finding(first.aid))
    # In the order of the files, whichever was looked at first.
    assert [one.aid for one in await store.findings(message_id)] == [
        first.aid,
        second.aid,
    ]


async def test_what_speaks_against_a_file_that_came_alarms_once_a_message(
    store: TransactionalStore,
) -> None:
    message_id = await received(store, PeerLog(), MIB, MIB)
    used = await complete_upload(store)
    ours = sent_with(used)
    await store.accept(ours, NOW)
    for one in (message_id, ours.id):
        for row in await store.attachments(one):
            await store.record_finding(
                one, AttachmentState.VERIFIED, finding(row.aid), is_faulty=True
            )

    (alarm,) = await store.open_alarms(after=0, limit=9)

    assert (alarm.new.kind, alarm.new.subject) == ("evidence-faulty", message_id)
    assert (alarm.new.message_id, alarm.new.peer) == (message_id, PEER)


async def test_who_opened_a_message_may_see_who_signed(
    store: TransactionalStore,
) -> None:
    message_id = await received(store, PeerLog(), MIB)
    assert not await store.has_opened(message_id, ACT.actor, NOW)

    await store.log_access(message_id, ACT, NOW, grant_until=UnixMs(NOW + 5))

    assert await store.has_opened(message_id, ACT.actor, UnixMs(NOW + 5))
    assert not await store.has_opened(message_id, ACT.actor, UnixMs(NOW + 6))
    assert not await store.has_opened(message_id, "somebody", NOW)
    with pytest.raises(NotFoundError):
        await store.has_opened(MessageId(new_uuid7(NOW)), ACT.actor, NOW)


async def test_the_newest_result_counts(store: TransactionalStore) -> None:
    message_id = await received(store, PeerLog(), MIB)
    (row,) = await store.attachments(message_id)
    await store.record_finding(message_id, AttachmentState.VERIFIED, finding(row.aid))
    later = finding(row.aid, b'{"decrypts":false}', NOW + 1)

    await store.record_finding(message_id, AttachmentState.DAMAGED, later)

    assert await store.findings(message_id) == [later]
    (row,) = await store.attachments(message_id)
    assert row.state is AttachmentState.DAMAGED


async def test_a_result_belongs_to_a_file_that_is_there(
    store: TransactionalStore,
) -> None:
    message_id = await received(store, PeerLog(), MIB)
    nobody = MessageId(new_uuid7(NOW))

    with pytest.raises(NotFoundError):
        await store.record_finding(
            message_id, AttachmentState.VERIFIED, finding("00" * 16)
        )
    with pytest.raises(NotFoundError):
        await store.record_finding(nobody, AttachmentState.VERIFIED, finding("00" * 16))
    with pytest.raises(NotFoundError):
        await store.findings(nobody)
    assert await store.findings(message_id) == []


async def test_what_was_seen_before_sending_is_kept_with_the_acceptance(
    store: TransactionalStore,
) -> None:
    used = [await complete_upload(store), await complete_upload(store)]
    message = sent_with(*used)
    # Of a file that is not the message's own, nothing is kept.
    known = (finding(used[1].aid), finding("ff" * 16))

    await store.accept(replace(message, findings=known), NOW)

    assert await store.findings(message.id) == [finding(used[1].aid)]
