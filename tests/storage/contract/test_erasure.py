"""Erasing messages: what goes, what stays, and when it is refused; on every store."""

from dataclasses import replace

import pytest

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotErasableError,
    NotFoundError,
)
from gateway.core.limits import MIB
from gateway.core.values import MessageId, UnixMs, format_time
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.approvals import ApprovalFilter, ApprovalKind, NewApproval
from gateway.ports.erasure import Erased, ErasureOrder
from gateway.ports.evidence import AttachmentState
from gateway.ports.inbox import CheckDone, EventStanding, InboundItem, InboundStatus
from gateway.ports.messages import MessageFilter, MessageIndex
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
    DAY_MS,
    NOW,
    ORIGIN,
    PEER,
    PeerLog,
    claim,
    deliver,
    held_draft,
    index_of,
    outbound,
)

UNTIL = UnixMs(NOW + 126 * DAY_MS)
LATER = UnixMs(NOW + 60_000)
SECURITY = Act("saar", "security", "end of the retention period")
ORDER = ErasureOrder(basis="retention-10y", until=UNTIL, act=SECURITY)
READER = Act("tamm", "caseworker", "answering the request", "K-17/2026")


async def erase(store: TransactionalStore, *ids: MessageId) -> Erased:
    return await store.erase(ids, ORDER, LATER)


async def leaf_at(store: TransactionalStore, index: int) -> Leaf:
    (entry,) = await store.entries(index, 1)
    return parse_leaf(entry.data, log=ORIGIN)


async def told(store: TransactionalStore, message_id: MessageId) -> list[str]:
    """Return everything that entries about a message still disclose."""
    indices = await store.log_indices(message_id)
    sealed = [one for index in indices for one in await store.disclosures(index)]
    read = [read_disclosure(one.encoded) for one in sealed]
    return [f"{one.name}={one.value}" for one in read]


async def delivered(
    store: TransactionalStore,
    log: PeerLog,
    message: NewOutbound | None = None,
) -> NewOutbound:
    """Return a message of ours that a peer has taken."""
    sent = message or outbound()
    await store.accept(sent, NOW)
    await deliver(store, log, sent)
    return sent


async def opened(
    store: TransactionalStore,
    log: PeerLog,
    case_id: str = "case-7",
    *,
    seq: int = 1,
) -> InboundItem:
    """Return a message of a peer that was checked, and opened by a person."""
    item = log.item(seq=seq)
    await store.commit_inbound(log.link(), [item], NOW)
    await store.begin_checks(10, NOW)
    index = replace(
        index_of(case_id),
        sender_ref="Js 4711/26",
        recipient_ref="K-17/2026",
        in_reply_to="an earlier one",
    )
    await store.finish_checks([CheckDone(item.id, PEER, index, 0)])
    await store.log_access(item.id, READER, NOW)
    return item


# --- what goes, what stays ---


async def test_nothing_of_the_content_stays_and_its_place_in_the_log_does(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = await opened(store, log)

    erased = await erase(store, item.id)

    row = await store.message(item.id)
    assert row.state is InboundState.ERASED
    assert row.index == MessageIndex(
        msg_type="REQ", case_id="", case_seq=0, urgency="routine"
    )
    assert await store.envelope(item.id) == b""
    assert (row.digest, row.content_digest) == (item.digest, item.content_digest)
    assert len(await store.proofs(item.id)) == 1
    with pytest.raises(ConflictError, match="erased"):
        await store.log_access(item.id, READER, LATER)
    (note,) = erased.notes
    leaf = await leaf_at(store, note.log_index)
    assert leaf.kind == "msg.erase"
    assert leaf.fields == {
        "m": item.id,
        "basis": "retention-10y",
        "count": 2,  # the envelope, and the case number of the access
        "until": format_time(UNTIL),
    }
    assert await store.all_erased() == [note]


async def test_who_read_it_when_and_why_is_still_shown(
    store: TransactionalStore,
) -> None:
    item = await opened(store, PeerLog())
    assert "case=K-17/2026" in await told(store, item.id)

    await erase(store, item.id)

    still = await told(store, item.id)
    assert {"actor=tamm", "role=caseworker", "purpose=answering the request"} <= {
        *still
    }
    assert {"actor=saar", "purpose=end of the retention period"} <= {*still}
    assert not [one for one in still if one.startswith("case=")]


async def test_lists_do_not_find_it_by_what_was_erased(
    store: TransactionalStore,
) -> None:
    message = replace(outbound(), idempotency_key="K-17/2026-1", request_digest="d")
    case = message.index.case_id
    log = PeerLog()
    await delivered(store, log, message)

    await erase(store, message.id)

    for wanted in (
        MessageFilter(case_id=case),
        MessageFilter(idempotency_key="K-17/2026-1"),
    ):
        assert (await store.messages(wanted, cursor="", limit=9)).rows == ()
    listed = await store.messages(MessageFilter(msg_type="REQ"), cursor="", limit=9)
    assert [row.id for row in listed.rows] == [message.id]
    assert (await store.case_head(case, PEER)).opener is None


async def test_the_feed_and_the_count_of_states_tell_it(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    sent = await delivered(store, log)
    item = await opened(store, log)

    erased = await erase(store, sent.id, item.id)

    steps = await store.changes(0, 100)
    assert [(one.id, one.state, one.log_index) for one in steps[-2:]] == [
        (note.id, "erased", note.log_index) for note in erased.notes
    ]
    counts = await store.conservation(None)
    assert counts.accepted == sum(count for _, count in counts.by_state) == 1
    assert dict(counts.by_state)["erased"] == 1


# --- cases and their rings ---


async def test_a_cases_ring_goes_with_the_last_of_its_messages(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    first = await opened(store, log, "case-7")
    second = await opened(store, log, "case-7", seq=2)
    other = await opened(store, log, "case-8", seq=3)
    before = set(await store.rings())

    assert (await erase(store, first.id)).rings == ()
    assert "case=K-17/2026" in await told(store, second.id)
    (ring,) = (await erase(store, second.id)).rings

    assert before - set(await store.rings()) == {ring}
    assert "case=K-17/2026" in await told(store, other.id)


async def test_a_case_that_goes_on_gets_another_ring(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    first = await opened(store, log)
    (old,) = (await erase(store, first.id)).rings

    again = await opened(store, log, seq=2)

    assert "case=K-17/2026" in await told(store, again.id)
    assert old not in await store.rings()


# --- approvals and named readers ---


async def test_who_was_named_for_a_case_is_forgotten_with_its_last_message(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    first = await opened(store, log)
    second = await opened(store, log, seq=2)
    for case in ("case-7", "case-8"):
        await store.grant_reader(case, "tamm", SECURITY, NOW)

    await erase(store, first.id)
    assert [one.name for one in await store.case_readers("case-7")] == ["tamm"]
    await erase(store, second.id)

    assert await store.case_readers("case-7") == []
    assert [one.name for one in await store.case_readers("case-8")] == ["tamm"]


async def test_of_approvals_it_is_kept_that_they_were_decided(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = await opened(store, log)
    stays = await opened(store, log, seq=2)
    asked = [
        await store.ask_approval(_reading(one), READER, NOW)
        for one in (item.id, stays.id)
    ]
    await store.reject_approval(asked[0].number, SECURITY, NOW)
    waiting = await store.ask_approval(_reading(item.id), READER, NOW)

    await erase(store, item.id)

    decided = await store.approval(asked[0].number)
    assert (decided.state, decided.decided_by) == ("rejected", "saar")
    ended = await store.approval(waiting.number)
    assert ended.state == "withdrawn"
    for one in (decided, ended):
        assert (one.new.subject, one.new.message_id) == (item.id, item.id)
        assert (one.new.case_id, one.new.detail) == ("", "")
    assert await store.approval(asked[1].number) == asked[1]
    assert await store.approvals(
        ApprovalFilter(case_id="case-7"), before=None, limit=9
    ) == [asked[1]]


async def test_alarms_forget_the_case_and_stay_to_be_looked_at(
    store: TransactionalStore,
) -> None:
    item = await opened(store, PeerLog())
    review = NewAlarm(
        kind=AlarmKind.BREAK_GLASS_REVIEW, subject="approval 1", case_id="case-7"
    )
    of_message = NewAlarm(
        kind=AlarmKind.EMERGENCY,
        subject=item.id,
        case_id="case-7",
        message_id=item.id,
    )
    other = replace(review, subject="approval 2", case_id="case-8")
    for new in (review, of_message, other):
        await store.raise_alarm(new, SECURITY, NOW)

    await erase(store, item.id)

    kept = [one.new for one in await store.open_alarms(after=0, limit=9)]
    assert kept == [
        replace(review, case_id=""),
        replace(of_message, case_id=""),
        other,
    ]


async def test_approvals_about_a_whole_case_end_with_it(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = await opened(store, log)
    new = NewApproval(
        kind=ApprovalKind.ERASE, subject="1a2b", case_id="case-7", detail="1 message(s)"
    )
    used = await store.ask_approval(new, SECURITY, NOW)
    await store.permit(used.number, replace(SECURITY, actor="mets"), NOW)
    await store.use_approval(ApprovalKind.ERASE, "1a2b", SECURITY, NOW)
    waiting = await store.ask_approval(new, replace(SECURITY, actor="rebane"), NOW)
    other = await store.ask_approval(
        replace(new, subject="3c", case_id="case-8"), SECURITY, NOW
    )

    size = (await store.log_head()).size
    await erase(store, item.id)

    blank = replace(new, subject="", case_id="", detail="")
    states = {used.number: "done", waiting.number: "withdrawn"}
    for number, state in states.items():
        kept = await store.approval(number)
        assert (kept.new, kept.state) == (blank, state)
    assert await store.approval(other.number) == other
    added = range(size, (await store.log_head()).size)
    leaves = [await leaf_at(store, index) for index in added]
    assert [leaf.kind for leaf in leaves] == ["msg.erase", "admin.approval-withdraw"]
    sealed = [one for index in added for one in await store.disclosures(index)]
    texts = [read_disclosure(one.encoded) for one in sealed]
    assert not [one for one in texts if "case-7" in one.value or "1a2b" in one.value]


def _reading(message_id: MessageId) -> NewApproval:
    return NewApproval(
        kind=ApprovalKind.OPEN,
        subject=message_id,
        case_id="case-7",
        message_id=message_id,
        peer=PEER,
        detail="SOURCE_PROTECTED",
    )


# --- what is refused ---


async def test_what_is_not_ended_is_not_erased_and_nothing_else_either(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    sent = await delivered(store, log)
    queued, draft = outbound(), held_draft()
    await store.accept(queued, NOW)
    await store.accept(draft, NOW)
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    pending = replace(evidence_item(log, MIB), seq=2)
    await offer(store, log, pending)
    expected = {
        sent.id: None,
        queued.id: "under-way",
        draft.id: "under-way",
        item.id: "unopened",
        pending.id: "evidence-coming",
    }

    items = await store.erasure_items(list(expected))
    assert {one.id: one.obstacle for one in items} == expected
    size = (await store.log_head()).size
    for message_id, obstacle in expected.items():
        if obstacle:
            with pytest.raises(NotErasableError, match=obstacle):
                await erase(store, sent.id, message_id)
    with pytest.raises(NotFoundError):
        await erase(store, sent.id, outbound().id)
    assert (await store.log_head()).size == size
    assert (await store.message(sent.id)).state is OutboundState.DELIVERED


async def test_an_expired_message_that_may_have_arrived_is_kept(
    store: TransactionalStore,
) -> None:
    log, message = PeerLog(), outbound()
    await store.accept(message, NOW)
    await claim(store)
    unknown = log.outcome(message, OutcomeKind.UNKNOWN)
    await store.record_outcomes(PEER, [unknown], None, NOW)
    await store.expire_due(UnixMs(NOW + 2 * DAY_MS), 9)

    with pytest.raises(NotErasableError, match="under-way"):
        await erase(store, message.id)


async def test_what_the_node_has_still_to_look_at_is_kept(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    await store.log_access(item.id, READER, NOW)

    with pytest.raises(NotErasableError, match="being-checked"):
        await erase(store, item.id)


async def test_erasing_again_changes_nothing(store: TransactionalStore) -> None:
    sent = await delivered(store, PeerLog())
    await erase(store, sent.id)
    size = (await store.log_head()).size

    assert await erase(store, sent.id, sent.id) == Erased((), (), ())
    assert (await store.log_head()).size == size


async def test_an_older_copy_is_erased_as_far_as_it_can_be(
    store: TransactionalStore,
) -> None:
    """As after a restore: unopened there means that its opening was forgotten."""
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    queued = outbound()
    await store.accept(queued, NOW)

    order = replace(ORDER, is_repeated=True)
    erased = await store.erase([item.id, queued.id], order, LATER)

    assert [note.id for note in erased.notes] == [item.id]
    assert await store.erased_ids([item.id, queued.id]) == [item.id]


# --- what must not come back ---


async def test_a_used_idempotency_key_stays_used_and_cannot_be_read(
    store: TransactionalStore,
) -> None:
    message = replace(outbound(), idempotency_key="K-17/2026-1", request_digest="d")
    await delivered(store, PeerLog(), message)
    await erase(store, message.id)

    with pytest.raises(ConflictError, match="erased"):
        await store.find_accepted(message.submitter, "K-17/2026-1", "d")
    again = replace(outbound(), idempotency_key="K-17/2026-1", request_digest="d")
    with pytest.raises(ConflictError, match="erased"):
        await store.accept(again, LATER)
    await store.accept(replace(again, submitter="another"), LATER)


async def test_a_repeated_offer_is_answered_as_before(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = await opened(store, log)
    arrival = (await store.message(item.id)).log_index
    await erase(store, item.id)

    known = await store.known_inbound(PEER, [item.id])
    (again,) = await store.commit_inbound(log.link(), [item], LATER)

    assert [one.result for one in known[item.id]] == [again]
    assert (again.status, again.log_index) == (InboundStatus.ALREADY, arrival)
    assert await store.envelope(item.id) == b""


async def test_what_the_peer_tells_later_changes_nothing(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    sent = await delivered(store, log)
    await erase(store, sent.id)

    event = log.event("msg.access", sent.id)
    assert await store.commit_events(log.link(), [event], LATER) == [
        EventStanding.NOTED
    ]
    assert (await store.message(sent.id)).state is OutboundState.ERASED


# --- evidence ---


async def test_files_are_named_to_be_removed_and_cannot_be_fetched(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    message_id = await received(store, log, MIB, 3 * MIB)
    await store.begin_checks(10, NOW)
    await store.finish_checks([CheckDone(message_id, PEER, index_of(), 0)])
    until = UnixMs(NOW + DAY_MS)
    await store.log_access(message_id, READER, NOW, grant_until=until)
    with pytest.raises(NotErasableError, match="being-checked"):
        await erase(store, message_id)
    rows = await store.attachments(message_id)
    for row in rows:
        await store.mark_attachment(message_id, row.aid, AttachmentState.VERIFIED)
    (plan,) = await store.erasure_items([message_id])

    erased = await erase(store, message_id)

    assert (plan.files, plan.file_bytes) == (len(rows), sum(r.length for r in rows))
    assert erased.blobs == tuple(row.blob for row in rows)
    assert await store.blobs() == {}
    assert await store.evidence_bytes(PEER) == 0
    after = await store.attachments(message_id)
    assert {(one.state, one.blob, one.part_list) for one in after} == {
        (AttachmentState.GONE, "", b"")
    }
    with pytest.raises((ConflictError, NotAllowedError)):
        await store.hand_out(message_id, rows[0].aid, READER, LATER)


async def test_the_upload_of_a_file_is_forgotten_with_it(
    store: TransactionalStore,
) -> None:
    used = await complete_upload(store, key="a-file")
    message = sent_with(used)
    await store.accept(message, NOW)
    await deliver(store, PeerLog(), message)

    erased = await erase(store, message.id)

    assert erased.blobs == (used.blob,)
    assert await store.find_upload(used.owner, "a-file", "announced") is None


async def test_nothing_is_kept_of_a_message_whose_files_never_came(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = evidence_item(log, MIB)
    await offer(store, log, item)
    assert await store.envelope(item.id)

    await store.drop_pending(UnixMs(NOW + 90 * DAY_MS), 9)

    assert await store.envelope(item.id) == b""
    with pytest.raises(NotErasableError, match="let-go"):
        await erase(store, item.id)
    await offer(store, log, item)
    assert await store.envelope(item.id) == item.envelope
