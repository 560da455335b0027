"""People as tags, legal holds, requests and disposals; the same on every store."""

from dataclasses import replace

import pytest

from gateway.core.delivery import Obstacle
from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.errors import (
    ConflictError,
    NotAllowedError,
    NotErasableError,
    NotFoundError,
)
from gateway.core.values import MessageId, UnixMs
from gateway.mla.disposal import id_digests
from gateway.mla.subjects import SubjectKind
from gateway.ports.erasure import ErasureOrder
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.inbox import CheckDone
from gateway.ports.outbox import NewOutbound
from gateway.ports.subject_requests import (
    RequestKind,
    RequestOutcome,
    RequestVia,
    SubjectRequest,
)
from gateway.ports.subjects import SubjectTag, WantedTag
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, PEER, PeerLog, deliver, index_of, outbound

ANNA = Act("anna", "caseworker", "appeal is pending")
SAAR = Act("saar", "security", "the judgment is final")
ORDER = ErasureOrder(basis="x", until=NOW, act=SAAR)
NAME, BORN, SURNAME = SubjectKind.NAME, SubjectKind.BORN, SubjectKind.SURNAME


def tag_of(kind: SubjectKind, text: str, person: int = 0, role: str = "") -> SubjectTag:
    return SubjectTag(kind, text.encode().ljust(16, b"\0"), person, role)


def wanted(*pairs: tuple[SubjectKind, str]) -> tuple[WantedTag, ...]:
    return tuple(WantedTag(kind, tag_of(kind, text).tag) for kind, text in pairs)


def hold(scope: HoldScope, target: str = "", **changed: object) -> LegalHold:
    standing = LegalHold(
        hold_id="h1",
        scope=scope,
        target=target,
        held_by="anna",
        reason="appeal is pending",
        since=NOW,
        review_on="2027-06-30",
    )
    return replace(standing, **changed)  # type: ignore[arg-type]


async def sent(
    store: TransactionalStore, log: PeerLog, *tags: SubjectTag, case_id: str = ""
) -> NewOutbound:
    index = index_of(case_id, case_seq=2 if case_id else 1)
    message = replace(outbound(index=index), subjects=tags)
    await store.accept(message, NOW)
    await deliver(store, log, message)
    return message


async def obstacle(store: TransactionalStore, message: MessageId) -> Obstacle | None:
    (item,) = await store.erasure_items([message])
    return item.obstacle


async def test_a_person_is_found_by_what_agrees(store: TransactionalStore) -> None:
    log = PeerLog()
    message = await sent(
        store,
        log,
        tag_of(NAME, "anna tamm", 0, "SUSPECT"),
        tag_of(BORN, "=1970", 0, "SUSPECT"),
        tag_of(BORN, "=1980", 1, "WITNESS"),
    )
    found = await store.find_subjects(
        wanted((NAME, "anna tamm"), (BORN, "=1970"), (BORN, "=1980")), 9
    )
    assert [(one.person, one.role, one.kinds) for one in found] == [
        (0, "SUSPECT", frozenset({NAME, BORN})),
        (1, "WITNESS", frozenset({BORN})),
    ]
    assert {one.id for one in found} == {message.id}
    assert found[0].case_id == message.index.case_id
    assert await store.find_subjects(wanted((NAME, "=1970")), 9) == []
    assert await store.unsearchable() == 0


async def test_who_is_in_a_received_message_is_found_once_it_was_read(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    index = index_of()
    done = CheckDone(item.id, PEER, index, 0, b"", (tag_of(NAME, "x"),))
    await store.finish_checks([done])
    await store.finish_checks([done])  # after a restart, again
    (found,) = await store.find_subjects(wanted((NAME, "x")), 9)
    assert found.id == item.id


async def test_newest_messages_come_first_and_no_more_than_asked(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    ids = [(await sent(store, log, tag_of(NAME, "x"))).id for _ in range(3)]
    found = await store.find_subjects(wanted((NAME, "x")), 2)
    assert [one.id for one in found] == [ids[2], ids[1]]


async def test_tags_go_with_their_message(store: TransactionalStore) -> None:
    log = PeerLog()
    message = await sent(store, log, tag_of(NAME, "x"))
    await store.erase([message.id], ORDER, NOW)
    assert await store.find_subjects(wanted((NAME, "x")), 9) == []


@pytest.mark.parametrize("scope", list(HoldScope))
async def test_nothing_on_hold_is_erased_until_another_person_lifts_it(
    store: TransactionalStore, scope: HoldScope
) -> None:
    log = PeerLog()
    message = await sent(store, log, tag_of(NAME, "x"), tag_of(BORN, "=1970"))
    other = await sent(store, log, tag_of(BORN, "=1970"))
    target = {
        HoldScope.CASE: message.index.case_id,
        HoldScope.MESSAGE: message.id,
        HoldScope.PERSON: "",
    }[scope]
    tags = wanted((NAME, "x"), (BORN, "=1970")) if scope is HoldScope.PERSON else ()
    standing = hold(scope, target, tags=tags)
    await store.add_hold(standing, ANNA)
    assert await store.holds() == [standing]
    assert await obstacle(store, message.id) is Obstacle.ON_HOLD
    assert await obstacle(store, other.id) is None
    with pytest.raises(NotErasableError, match=r"on-legal-hold.*hold list"):
        await store.erase([other.id, message.id], ORDER, NOW)
    with pytest.raises(NotAllowedError):
        await store.lift_hold("h1", replace(SAAR, actor="anna"), NOW)
    await store.lift_hold("h1", SAAR, NOW)
    assert await store.holds() == []
    assert len((await store.erase([message.id], ORDER, NOW)).notes) == 1


async def test_a_hold_is_logged_and_names_its_case_only_while_that_is_kept(
    store: TransactionalStore,
) -> None:
    message = await sent(store, PeerLog())
    case_id = message.index.case_id
    index = await store.add_hold(hold(HoldScope.CASE, case_id), ANNA)
    (entry,) = await store.entries(index, 1)
    assert entry.kind == "admin.hold"
    told = [read_disclosure(one.encoded) for one in await store.disclosures(index)]
    assert {one.name: one.value for one in told} == {
        "actor": "anna",
        "role": "caseworker",
        "purpose": "appeal is pending",
        "detail": "hold h1 on a case",
        "case": case_id,
    }


async def test_a_hold_needs_something_to_be_on(store: TransactionalStore) -> None:
    message = await sent(store, PeerLog())
    for nothing in (
        hold(HoldScope.CASE, "no-such-case"),
        hold(HoldScope.MESSAGE, outbound().id),
    ):
        with pytest.raises(NotFoundError):
            await store.add_hold(nothing, ANNA)
    with pytest.raises(NotFoundError):
        await store.lift_hold("h9", SAAR, NOW)
    assert await obstacle(store, message.id) is None


def request(**changed: object) -> SubjectRequest:
    entered = SubjectRequest(
        request_id="r1",
        kind=RequestKind.ACCESS,
        via=RequestVia.PERSON,
        reference="DP-17",
        received_on="2026-11-01",
        due_on="2026-12-01",
        entered_by="anna",
        changed_by="anna",
    )
    return replace(entered, **changed)  # type: ignore[arg-type]


async def test_requests_are_kept_and_changed_with_an_entry(
    store: TransactionalStore,
) -> None:
    first = request()
    earlier = request(request_id="r2", due_on="2026-11-15")
    for one in (first, earlier):
        await store.put_subject_request(one, ANNA, NOW, is_new=True)
    assert await store.subject_requests(is_open=True) == [earlier, first]
    closed = request(outcome=RequestOutcome.NO_DATA, closed_on="2026-11-20")
    index = await store.put_subject_request(closed, SAAR, NOW, is_new=False)
    (entry,) = await store.entries(index, 1)
    assert entry.kind == "admin.subject-request"
    assert await store.subject_requests(is_open=True) == [earlier]
    assert await store.subject_requests(is_open=False) == [earlier, closed]
    assert await store.subject_request("r1") == closed


async def test_no_request_is_entered_twice_or_changed_before_it_is_entered(
    store: TransactionalStore,
) -> None:
    with pytest.raises(NotFoundError):
        await store.subject_request("r1")
    with pytest.raises(NotFoundError):
        await store.put_subject_request(request(), ANNA, NOW, is_new=False)
    await store.put_subject_request(request(), ANNA, NOW, is_new=True)
    with pytest.raises(ConflictError):
        await store.put_subject_request(request(), ANNA, NOW, is_new=True)


async def test_what_was_erased_of_a_case_is_told_while_some_of_it_stays(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    first = await sent(store, log)
    case_id = first.index.case_id
    second = await sent(store, log, case_id=case_id)
    index = index_of(case_id, case_seq=3)
    third = replace(
        outbound(index=index),
        docket=b'{"payload":{"manifest":[{"item_id":"I1"}]},"evidence":["I2"]}',
    )
    await store.accept(third, NOW)
    await deliver(store, log, third)
    await store.erase([third.id], ORDER, NOW)
    (told,) = await store.disposals(case_id)
    assert (told.messages, told.items) == ((third.id,), ("I1", "I2"))
    order = replace(ORDER, rule="wdr-delete")
    await store.erase([first.id], order, UnixMs(NOW + 5))
    (_, told) = await store.disposals(case_id)
    assert told.digests == id_digests([first.id])
    assert (told.rule, told.basis, told.erased_at) == ("wdr-delete", "x", NOW + 5)
    await store.erase([second.id], order, NOW)
    assert await store.disposals(case_id) == []


async def test_a_review_is_kept_until_the_case_is_gone(
    store: TransactionalStore,
) -> None:
    message = await sent(store, PeerLog())
    case_id = message.index.case_id
    assert await store.case_review(case_id) is None
    index = await store.record_review(case_id, SAAR, NOW)
    (entry,) = await store.entries(index, 1)
    assert entry.kind == "admin.case-review"
    assert await store.case_review(case_id) == NOW
    with pytest.raises(NotFoundError):
        await store.record_review("no-such-case", SAAR, NOW)
    await store.erase([message.id], ORDER, NOW)
    assert await store.case_review(case_id) is None


async def test_what_nobody_opened_goes_only_where_the_order_says_so(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    index = index_of()
    await store.finish_checks([CheckDone(item.id, PEER, index, 0, b"")])
    assert await obstacle(store, item.id) is Obstacle.UNOPENED
    (unseen,) = await store.erasure_items([item.id], unseen=True)
    assert unseen.obstacle is None
    with pytest.raises(NotErasableError):
        await store.erase([item.id], ORDER, NOW)
    order = replace(ORDER, takes_unseen=True)
    assert len((await store.erase([item.id], order, NOW)).notes) == 1


async def test_what_is_still_to_be_checked_never_goes_unseen(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    with pytest.raises(NotErasableError, match="being-checked"):
        await store.erase([item.id], replace(ORDER, takes_unseen=True), NOW)
