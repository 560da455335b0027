"""Assignments of cases: made once, changed with an entry, forgotten with the case."""

from dataclasses import replace

import pytest

from gateway.core.canonical import encode_typed
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import NeedsApprovalError, NotAllowedError, NotFoundError
from gateway.core.units import NOBODY, Assignee, Scope
from gateway.core.values import HexDigest, MessageId, UnixMs
from gateway.flows.trust import TrustNote, trust_entry
from gateway.ports.approvals import ApprovalKind, ApprovalState, NewApproval
from gateway.ports.messages import MessageFilter
from gateway.ports.people import Beside, Leaving, Moved, Settling, Using
from gateway.ports.trust import TrustChange
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, PEER, index_of, outbound

ANNA = Act("anna", "caseworker", "she has the other ones")
BERT = Act("bert", "security")
NORTH, SOUTH = Assignee(unit="north"), Assignee(unit="south")


def entry() -> EntryDraft:
    note = TrustNote(TrustChange.UNITS_CHANGED, BERT)
    return trust_entry(HexDigest("0" * 64), note, NOW)


async def accepted(
    store: TransactionalStore, assignee: Assignee | None, case_id: str = ""
) -> tuple[MessageId, str]:
    """Store a message of ours that opens a case, or goes on with one."""
    index = replace(index_of(case_id, case_seq=2 if case_id else 1), msg_type="MLA_REQ")
    draft = outbound(index=index)
    entry = encode_typed({"msg_id": draft.id, "msg_type": "MLA_REQ"})
    message = replace(draft, docket=entry, assignee=assignee)
    await store.accept(message, NOW)
    return message.id, message.index.case_id


async def test_a_case_is_assigned_once_with_an_entry(store: TransactionalStore) -> None:
    _, case = await accepted(store, NORTH)
    await accepted(store, SOUTH, case)
    (known,) = await store.assignments_of([case, "another"])
    assert (known.assignee, known.by, known.peer) == (NORTH, "node", PEER)
    (one,) = await store.entries(known.log_index, 1)
    assert one.kind == "admin.case-assign"


async def test_without_units_nothing_is_assigned(store: TransactionalStore) -> None:
    _, case = await accepted(store, None)
    assert await store.assignments_of([case]) == []


async def test_a_person_assigns_it_to_others(store: TransactionalStore) -> None:
    _, case = await accepted(store, NOBODY)
    people = Assignee(people=("anna", "bert"))
    done = await store.assign(case, PEER, people, ANNA, NOW)
    assert (done.assignee, done.by) == (people, "anna")
    size = (await store.log_head()).size
    assert await store.assign(case, PEER, people, ANNA, NOW) == done
    assert (await store.log_head()).size == size
    with pytest.raises(NotFoundError):
        await store.assign("another", PEER, NORTH, ANNA, NOW)


async def test_somebody_sees_what_is_theirs_or_nobodys(
    store: TransactionalStore,
) -> None:
    north, _ = await accepted(store, NORTH)
    nobody, _ = await accepted(store, None)
    named, _ = await accepted(store, Assignee(people=("anna",)))
    ids = [north, nobody, named]
    for scope, seen in (
        (Scope("anna", frozenset()), {nobody, named}),
        (Scope("bert", frozenset({"north", "west"})), {north, nobody}),
        (Scope("carl", frozenset()), {nobody}),
    ):
        assert await store.seen(ids, scope) == seen
        page = await store.messages(MessageFilter(), cursor="", limit=9, scope=scope)
        assert {row.id for row in page.rows} == seen
        assert page.next_cursor == ""


async def test_pages_of_what_is_seen_go_on_where_they_ended(
    store: TransactionalStore,
) -> None:
    ours = []
    for number in range(6):
        message, _ = await accepted(store, NORTH if number % 2 else SOUTH)
        ours += [message] if number % 2 else []
    scope, cursor, found = Scope("anna", frozenset({"north"})), "", list[MessageId]()
    for _ in range(3):
        page = await store.messages(
            MessageFilter(), cursor=cursor, limit=1, scope=scope
        )
        found += [row.id for row in page.rows]
        cursor = page.next_cursor
    assert (sorted(found), cursor) == (sorted(ours), "")


async def test_a_case_of_somebody_who_leaves_goes_to_the_heir(
    store: TransactionalStore,
) -> None:
    _, alone = await accepted(store, Assignee(people=("anna",)))
    _, shared = await accepted(store, Assignee(people=("anna", "carl")))
    leaving = Leaving("anna", "bert", BERT)
    moved = await store.commit_trust(entry(), Beside(leaving=leaving), NOW)
    assert sorted(moved, key=lambda one: one.subject) == sorted(
        [Moved("case", alone, "bert"), Moved("case", shared, "bert")],
        key=lambda one: one.subject,
    )
    found = {
        one.case_id: one.assignee for one in await store.assignments_of([alone, shared])
    }
    assert found == {
        alone: Assignee(people=("bert",)),
        shared: Assignee(people=("carl", "bert")),
    }
    last = Leaving("bert", "", ANNA)
    await store.commit_trust(entry(), Beside(leaving=last), NOW)
    (one,) = await store.assignments_of([alone])
    assert one.assignee == NOBODY


async def test_a_change_of_trust_settles_what_allowed_it_or_is_not_made(
    store: TransactionalStore,
) -> None:
    new = NewApproval(kind=ApprovalKind.TRUST, subject="add-peer 1")
    asked = await store.ask_approval(new, ANNA, NOW, order=b"{}")
    assert await store.order_of(asked.number) == b"{}"
    size = (await store.log_head()).size
    own = Settling(number=asked.number, act=ANNA)
    with pytest.raises(NotAllowedError):
        await store.commit_trust(entry(), Beside(settles=own), NOW)
    assert (await store.log_head()).size == size
    other = Settling(number=asked.number, act=BERT)
    await store.commit_trust(entry(), Beside(settles=other), NOW)
    assert (await store.approval(asked.number)).state is ApprovalState.DONE
    assert await store.order_of(asked.number) == b""
    size = (await store.log_head()).size
    using = Using(ApprovalKind.LOGIN, "token x for carl", ANNA)
    with pytest.raises(NeedsApprovalError):
        await store.commit_trust(entry(), Beside(uses=using), NOW)
    assert (await store.log_head()).size == size


async def test_orders_go_when_nobody_decides(store: TransactionalStore) -> None:
    new = NewApproval(kind=ApprovalKind.ROLES, subject="set-roles 1")
    asked = await store.ask_approval(new, ANNA, NOW, order=b"{}")
    await store.expire_approvals(UnixMs(NOW + 8 * 86_400_000), 9)
    assert await store.order_of(asked.number) == b""


async def test_the_last_use_of_a_token_is_kept(store: TransactionalStore) -> None:
    await store.note_token_use("anna", "desk", NOW)
    await store.note_token_use("anna", "desk", UnixMs(NOW + 1))
    await store.note_token_use("bert", "desk", NOW)
    assert await store.token_uses() == {
        ("anna", "desk"): NOW + 1,
        ("bert", "desk"): NOW,
    }
