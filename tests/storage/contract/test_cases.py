"""Cases come to be and go with the messages that they keep something of."""

from dataclasses import replace

from gateway.core.canonical import JsonObject, encode_typed
from gateway.core.entries.disclosures import Act
from gateway.core.units import Assignee
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.cases import CaseFilter, CaseRow
from gateway.ports.erasure import ErasureOrder
from gateway.ports.inbox import CheckDone
from gateway.ports.messages import Box, MessageIndex
from gateway.ports.outbox import NewOutbound
from gateway.storage.store import TransactionalStore
from tests.support.storing import (
    NOW,
    OTHER_PEER,
    PEER,
    PeerLog,
    deliver,
    index_of,
    new_id,
    outbound,
)

ORDER = ErasureOrder(basis="x", until=NOW, act=Act("saar", "security", "end"))


def entry(message_id: MessageId, msg_type: str = "MLA_REQ") -> bytes:
    value: JsonObject = {"msg_id": message_id, "msg_type": msg_type}
    return encode_typed(value)


def request(
    case_id: str = "", peer: AuthorityId = PEER, *, case_seq: int = 1
) -> NewOutbound:
    index = replace(
        index_of(case_id, case_seq=case_seq),
        msg_type="MLA_REQ",
        sender_ref="EE-7",
    )
    message = outbound(peer, index=index)
    return replace(message, docket=entry(message.id))


def answer(message_id: MessageId, case_id: str) -> CheckDone:
    index = MessageIndex(
        msg_type="ACK",
        case_id=case_id,
        case_seq=1,
        urgency="routine",
        sender_ref="FR-9",
        recipient_ref="EE-7",
    )
    return CheckDone(message_id, PEER, index, 0, entry(message_id, "ACK"))


async def receive_answer(
    store: TransactionalStore, log: PeerLog, case_id: str, now: UnixMs
) -> MessageId:
    item = log.item()
    await store.commit_inbound(log.link(), [item], now)
    await store.finish_checks([answer(item.id, case_id)])
    return item.id


async def only_case(store: TransactionalStore) -> CaseRow:
    (row,) = await store.cases(CaseFilter(), before=None, limit=9)
    return row


async def test_a_message_of_ours_opens_a_case(store: TransactionalStore) -> None:
    message = request()
    await store.accept(message, NOW)
    row = await only_case(store)
    assert (row.case_id, row.peer, row.opener) == (
        message.index.case_id,
        PEER,
        Box.OUT,
    )
    assert (row.msg_type, row.messages, row.sender_ref) == ("MLA_REQ", 1, "EE-7")
    assert await store.cases_of(row.case_id) == [row]
    (kept,) = await store.docket(row.case_id, 9)
    assert (kept.id, kept.box, kept.state) == (message.id, Box.OUT, "queued")
    assert kept.entry == {"msg_id": message.id, "msg_type": "MLA_REQ"}


async def test_an_answer_joins_its_case(store: TransactionalStore) -> None:
    message = request()
    await store.accept(message, NOW)
    case_id = message.index.case_id
    later = UnixMs(NOW + 5)
    answered = await receive_answer(store, PeerLog(), case_id, later)
    row = await only_case(store)
    assert (row.messages, row.opened_at, row.last_at) == (2, NOW, later)
    assert (row.sender_ref, row.recipient_ref) == ("EE-7", "FR-9")
    kept = await store.docket(case_id, 9)
    assert [(one.id, one.problems) for one in kept] == [(message.id, 0), (answered, 0)]
    assert len(await store.docket(case_id, 1)) == 1


async def test_a_check_that_is_repeated_counts_once(
    store: TransactionalStore,
) -> None:
    log, case_id = PeerLog(), new_id()
    answered = await receive_answer(store, log, case_id, NOW)
    await store.finish_checks([answer(answered, case_id)])
    assert (await only_case(store)).messages == 1


async def test_what_came_before_its_request_is_told_by_it(
    store: TransactionalStore,
) -> None:
    log, case_id = PeerLog(), new_id()
    await receive_answer(store, log, case_id, NOW)
    early = await only_case(store)
    assert (early.msg_type, early.opener) == ("", Box.OUT)
    assert early.recipient_ref == "FR-9"
    item = log.item()
    await store.commit_inbound(log.link(), [item], NOW)
    opening = replace(answer(item.id, case_id).index, msg_type="MLA_REQ")
    await store.finish_checks([CheckDone(item.id, PEER, opening, 0, entry(item.id))])
    row = await only_case(store)
    assert (row.msg_type, row.opener, row.messages) == ("MLA_REQ", Box.IN, 2)


async def test_cases_are_listed_newest_first_and_in_pages(
    store: TransactionalStore,
) -> None:
    for peer in (PEER, OTHER_PEER, PEER, PEER):
        await store.accept(request(peer=peer), NOW)
    first = await store.cases(CaseFilter(), before=None, limit=3)
    rest = await store.cases(CaseFilter(), before=first[-1].number, limit=3)
    assert [row.number for row in (*first, *rest)] == [4, 3, 2, 1]
    of_peer = await store.cases(CaseFilter(peer=OTHER_PEER), before=None, limit=9)
    assert [row.number for row in of_peer] == [2]
    for nothing in (
        CaseFilter(msg_type="SPI"),
        CaseFilter(urgency="URGENT"),
        CaseFilter(since=UnixMs(NOW + 1)),
        CaseFilter(peer=PEER, since=UnixMs(NOW + 1)),
    ):
        assert await store.cases(nothing, before=None, limit=9) == []


async def test_erasure_takes_the_entry_and_at_last_the_case(
    store: TransactionalStore,
) -> None:
    log = PeerLog()
    first = replace(request(), assignee=Assignee(unit="north"))
    await store.accept(first, NOW)
    second = request(first.index.case_id, case_seq=2)
    await store.accept(second, NOW)
    assert len(await store.assignments_of([first.index.case_id])) == 1
    for message in (first, second):
        await deliver(store, log, message)
    await store.erase([first.id], ORDER, NOW)
    assert (await only_case(store)).messages == 1
    kept = await store.docket(first.index.case_id, 9)
    assert [one.id for one in kept] == [second.id]
    await store.erase([second.id], ORDER, NOW)
    assert await store.cases(CaseFilter(), before=None, limit=9) == []
    assert await store.docket(first.index.case_id, 9) == []
    assert await store.assignments_of([first.index.case_id]) == []


async def test_a_message_without_an_entry_makes_no_case(
    store: TransactionalStore,
) -> None:
    await store.accept(outbound(), NOW)
    assert await store.cases(CaseFilter(), before=None, limit=9) == []
