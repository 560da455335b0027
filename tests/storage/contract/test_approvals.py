"""Approvals: asked once, decided by another person, done once, each step logged."""

from dataclasses import replace

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.routing import HoldReason
from gateway.core.values import MessageId, UnixMs
from gateway.ports.alarms import AlarmFilter, AlarmKind
from gateway.ports.approvals import (
    RULES,
    Approval,
    ApprovalFilter,
    ApprovalKind,
    ApprovalState,
    NewApproval,
)
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, PEER, held_draft, new_id, sealing

KASK = Act("kask", "caseworker", "the court asks for it today")
SAAR = Act("saar", "approver", "seen and agreed")
LATER = UnixMs(NOW + 600_000)
READING = NewApproval(
    kind=ApprovalKind.OPEN,
    subject="message-1",
    case_id="case-1",
    message_id="message-1",
    peer=PEER,
    detail="SENSITIVE_PD",
)


async def leaves(store: TransactionalStore) -> list[JsonObject]:
    head = await store.log_head()
    found = []
    for entry in await store.entries(0, head.size):
        leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
        assert isinstance(leaf, dict)
        found.append(leaf)
    return found


async def kinds(store: TransactionalStore) -> list[str]:
    return [str(leaf["k"]) for leaf in await leaves(store)]


async def held_for_approval(
    store: TransactionalStore,
) -> tuple[MessageId, Approval]:
    message = replace(held_draft(), hold_reason=HoldReason.APPROVAL)
    await store.accept(message, NOW)
    new = NewApproval(
        kind=ApprovalKind.RELEASE,
        subject=message.id,
        message_id=message.id,
        peer=PEER,
        expires_at=message.draft_expires_at,
    )
    return message.id, await store.ask_approval(new, KASK, NOW)


async def test_what_is_asked_is_kept_with_its_entry(store: TransactionalStore) -> None:
    approval = await store.ask_approval(READING, KASK, NOW)

    assert approval.new == READING
    assert (approval.asked_by, approval.asked_at) == ("kask", NOW)
    assert approval.expires_at == NOW + RULES[ApprovalKind.OPEN].waits_ms
    assert approval.state is ApprovalState.WAITING
    assert await store.approval(approval.number) == approval
    (leaf,) = await leaves(store)
    assert (leaf["k"], leaf["res"], leaf["peer"]) == (
        "admin.approval-ask",
        "open",
        PEER,
    )
    assert leaf["i"] == approval.log_index
    assert b"case-1" not in canonical.encode(leaf)


async def test_asking_again_is_the_same_approval(store: TransactionalStore) -> None:
    first = await store.ask_approval(READING, KASK, NOW)

    assert await store.ask_approval(READING, KASK, LATER) == first
    other = await store.ask_approval(READING, Act("tamm", "caseworker"), LATER)
    assert other.number != first.number
    assert len(await kinds(store)) == 2


async def test_nobody_decides_what_they_asked_for(store: TransactionalStore) -> None:
    approval = await store.ask_approval(READING, KASK, NOW)
    act = replace(KASK, role="approver")

    for decide in (store.permit, store.settle_approval, store.reject_approval):
        with pytest.raises(NotAllowedError, match="another person"):
            await decide(approval.number, act, LATER)
    assert await kinds(store) == ["admin.approval-ask"]


async def test_nor_does_the_person_for_whom_a_system_asked(
    store: TransactionalStore,
) -> None:
    asked = Act(
        "court-system",
        "caseworker",
        "why",
        on_behalf_of='{"id":"saar","name":"Mari Saar","role":"judge"}',
    )
    approval = await store.ask_approval(READING, asked, NOW)

    assert approval.asked_for == "saar"
    with pytest.raises(NotAllowedError):
        await store.permit(approval.number, SAAR, LATER)


async def test_what_is_permitted_is_used_once_by_who_asked(
    store: TransactionalStore,
) -> None:
    approval = await store.ask_approval(READING, KASK, NOW)
    assert await store.use_approval(ApprovalKind.OPEN, "message-1", KASK, NOW) is None

    granted = await store.permit(approval.number, SAAR, LATER)

    assert granted.state is ApprovalState.APPROVED
    assert (granted.decided_by, granted.decided_at) == ("saar", LATER)
    assert granted.expires_at == LATER + RULES[ApprovalKind.OPEN].valid_ms
    use = store.use_approval
    assert await use(ApprovalKind.OPEN, "message-1", SAAR, LATER) is None
    assert await use(ApprovalKind.OPEN, "message-2", KASK, LATER) is None
    assert await use(ApprovalKind.SEARCH, "message-1", KASK, LATER) is None
    used = await use(ApprovalKind.OPEN, "message-1", KASK, LATER)
    assert used is not None
    assert used.state is ApprovalState.DONE
    assert await use(ApprovalKind.OPEN, "message-1", KASK, LATER) is None
    assert await kinds(store) == [
        "admin.approval-ask",
        "admin.approval-approve",
        "admin.approval-use",
    ]


async def test_what_was_granted_ends(store: TransactionalStore) -> None:
    approval = await store.ask_approval(READING, KASK, NOW)
    granted = await store.permit(approval.number, SAAR, LATER)
    too_late = UnixMs(granted.expires_at + 1)

    assert (
        await store.use_approval(ApprovalKind.OPEN, "message-1", KASK, too_late) is None
    )
    (ended,) = await store.expire_approvals(too_late, 10)
    assert (ended.number, ended.state) == (approval.number, ApprovalState.EXPIRED)
    assert await store.expire_approvals(too_late, 10) == []
    assert (await kinds(store))[-1] == "admin.approval-expire"
    # It can be asked for again.
    again = await store.ask_approval(READING, KASK, too_late)
    assert again.number != approval.number


async def test_what_nobody_decided_in_time_can_no_longer_be(
    store: TransactionalStore,
) -> None:
    approval = await store.ask_approval(READING, KASK, NOW)
    too_late = UnixMs(approval.expires_at + 1)

    with pytest.raises(ConflictError, match="time has passed"):
        await store.permit(approval.number, SAAR, too_late)
    assert len(await store.expire_approvals(too_late, 10)) == 1
    with pytest.raises(ConflictError, match="it is expired"):
        await store.permit(approval.number, SAAR, too_late)


async def test_what_is_decided_stays_so(store: TransactionalStore) -> None:
    approval = await store.ask_approval(READING, KASK, NOW)
    rejected = await store.reject_approval(approval.number, SAAR, LATER)

    assert rejected.state is ApprovalState.REJECTED
    for decide in (store.permit, store.settle_approval, store.reject_approval):
        with pytest.raises(ConflictError, match="it is rejected"):
            await decide(approval.number, SAAR, LATER)
    with pytest.raises(NotFoundError):
        await store.permit(99, SAAR, LATER)
    with pytest.raises(NotFoundError):
        await store.approval(99)


async def test_a_message_that_waits_for_a_person_is_not_released_without(
    store: TransactionalStore,
) -> None:
    message_id, _ = await held_for_approval(store)

    assert await store.held(PEER, 10) == []
    assert (await store.message(message_id)).hold_reason == "approval"


async def test_approval_queues_the_message_in_one_transaction(
    store: TransactionalStore,
) -> None:
    message_id, approval = await held_for_approval(store)

    done = await store.release_approved(approval.number, sealing(), SAAR, LATER)

    assert done.state is ApprovalState.DONE
    row = await store.message(message_id)
    assert (row.state, row.hold_reason, row.seq) == ("queued", "", 1)
    assert await kinds(store) == [
        "msg.hold",
        "admin.approval-ask",
        "admin.approval-approve",
        "msg.send",
    ]
    with pytest.raises(ConflictError, match="it is done"):
        await store.release_approved(approval.number, sealing(), SAAR, LATER)


async def test_an_approved_message_may_have_to_wait_for_its_peer(
    store: TransactionalStore,
) -> None:
    message_id, approval = await held_for_approval(store)

    await store.release_approved(
        approval.number, None, SAAR, LATER, hold_reason=HoldReason.PEER_PAUSED.value
    )

    row = await store.message(message_id)
    assert (row.state, row.hold_reason) == ("held", "peer-paused")
    assert await store.held(PEER, 10) == [message_id]
    assert (await store.approval(approval.number)).state is ApprovalState.DONE


async def test_rejection_cancels_the_message(store: TransactionalStore) -> None:
    message_id, approval = await held_for_approval(store)

    await store.reject_approval(approval.number, SAAR, LATER)

    assert (await store.message(message_id)).state == "cancelled"
    assert (await kinds(store))[-2:] == ["admin.approval-reject", "msg.cancel"]


async def test_whoever_asked_lets_no_message_go(store: TransactionalStore) -> None:
    message_id, approval = await held_for_approval(store)

    with pytest.raises(NotAllowedError):
        await store.release_approved(approval.number, sealing(), KASK, LATER)
    assert (await store.message(message_id)).state == "held"


async def test_what_a_cancelled_message_waited_for_is_withdrawn(
    store: TransactionalStore,
) -> None:
    message_id, approval = await held_for_approval(store)

    await store.cancel(message_id, KASK, LATER)

    kept = await store.approval(approval.number)
    assert kept.state is ApprovalState.WITHDRAWN
    assert await store.open_approvals_of(message_id) == []
    with pytest.raises(ConflictError, match="it is withdrawn"):
        await store.release_approved(approval.number, sealing(), SAAR, LATER)


async def test_a_message_that_expires_takes_its_approval_with_it(
    store: TransactionalStore,
) -> None:
    message_id, approval = await held_for_approval(store)
    too_late = UnixMs(approval.expires_at + 1)

    assert await store.expire_due(too_late, 10) == [message_id]

    kept = await store.approval(approval.number)
    assert kept.state is ApprovalState.WITHDRAWN


async def test_an_approval_of_release_without_its_message_fails_whole(
    store: TransactionalStore,
) -> None:
    new = NewApproval(
        kind=ApprovalKind.RELEASE, subject="x", message_id=new_id(), peer=PEER
    )
    approval = await store.ask_approval(new, KASK, NOW)

    with pytest.raises(NotFoundError):
        await store.release_approved(approval.number, sealing(), SAAR, LATER)
    assert (await store.approval(approval.number)).state is ApprovalState.WAITING


async def test_who_passes_over_the_second_person_is_reviewed(
    store: TransactionalStore,
) -> None:
    message_id, approval = await held_for_approval(store)

    done = await store.release_approved(
        approval.number, sealing(), KASK, LATER, is_override=True
    )

    assert done.is_override
    assert (await store.message(message_id)).state == "queued"
    wanted = AlarmFilter(kind=AlarmKind.BREAK_GLASS_REVIEW.value)
    (alarm,) = await store.alarms(wanted, before=None, limit=10)
    assert (alarm.raised_by, alarm.new.message_id) == ("kask", message_id)
    assert "admin.approval-override" in await kinds(store)


async def test_lists_are_filtered_and_paged(store: TransactionalStore) -> None:
    first = await store.ask_approval(READING, KASK, NOW)
    other = replace(READING, subject="message-2", case_id="case-2", message_id="m2")
    second = await store.ask_approval(other, KASK, NOW)
    await store.reject_approval(second.number, SAAR, LATER)

    async def listed(wanted: ApprovalFilter, before: int | None = None) -> list[int]:
        rows = await store.approvals(wanted, before=before, limit=10)
        return [one.number for one in rows]

    assert await listed(ApprovalFilter()) == [second.number, first.number]
    assert await listed(ApprovalFilter(), second.number) == [first.number]
    assert await listed(ApprovalFilter(state="waiting")) == [first.number]
    assert await listed(ApprovalFilter(kind="release")) == []
    assert await listed(ApprovalFilter(case_id="case-2")) == [second.number]
    assert await listed(ApprovalFilter(message_id="message-1")) == [first.number]
    assert await store.open_approval_counts() == {"open": 1}
    (waiting,) = await store.open_approvals_of(MessageId("message-1"))
    assert waiting == first
