"""Evidence that was handed over is restricted, given back, and confirmed."""

from typing import TYPE_CHECKING, cast

import pytest

from gateway.core.errors import (
    ConflictError,
    NeedsApprovalError,
    NotAllowedError,
    UsageError,
)
from gateway.core.values import MessageId, new_uuid7
from gateway.flows.disposing import Disposing
from gateway.flows.erasure import Following
from gateway.flows.recall import Action, Order, Recall
from gateway.mla.disposal import GivenBack
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import text_at, texts_at
from tests.flows.test_guarding import kinds, marked
from tests.support.evidence import arrived, content, fetched, uploaded
from tests.support.forms import evidence_item, in_form, sample, whole, with_value
from tests.support.pair import CASEWORKER, Side

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

Two = tuple[Side, Side]

DECISIONS = "/payload/decisions"
DATA = content(100_000)
RETURN = Order(Action.RETURN, "the order was quashed", "2999-12-31")
BY_COURIER = GivenBack("2026-11-28", "handed to the courier, seal 17")


async def passed_on(sender: Side, receiver: Side) -> None:
    await sender.deliver()
    await receiver.validation.validate_some()
    await receiver.telling.tell_due(receiver.other)


async def answered(two: Two) -> tuple[MessageId, MessageId, str]:
    """Ask, and be answered with an item; return both messages and the case."""
    ee, pt = two
    asked = (await ee.send(marked())).accepted.id
    await passed_on(ee, pt)
    case_id = (await ee.store.message(asked)).case_id
    accepted: JsonObject = {"measure_id": "M1", "outcome": "ACCEPT"}
    for said in (sample("ACK"), with_value(sample("DEC"), DECISIONS, [accepted])):
        in_case: JsonObject = {"case_id": case_id, "in_reply_to": asked}
        form = in_form(said, Form.AUTHOR) | in_case
        await pt.send(form | {"handling": ["TLP:AMBER"]})
        await passed_on(pt, ee)
    item = evidence_item("ledger.bin") | {"item_id": new_uuid7(pt.clock.now())}
    form = in_form(sample("RSP"), Form.AUTHOR)
    result: JsonObject = {
        "measure_id": "M1",
        "result": "EXECUTED",
        "done_on": "2026-09-24",
        "items": [item["item_id"]],
    }
    payload = cast("JsonObject", form["payload"])
    form |= {
        "case_id": case_id,
        "in_reply_to": asked,
        "payload": payload | {"final": False, "results": [result], "manifest": [item]},
    }
    upload = await uploaded(pt, "ledger.bin", DATA)
    answer = (await pt.send(form, uploads=(upload,))).accepted.id
    await arrived(pt, ee, answer)
    return asked, answer, case_id


async def opened(side: Side, message_id: MessageId) -> str:
    """Open a message with one file; return the id of the file."""
    plaintext = await side.open.open(message_id, CASEWORKER)
    (file,) = plaintext.attachments
    return file.described.aid


@pytest.mark.parametrize("action", ["RESTRICT", "DELETE", "RETURN"])
async def test_a_withdrawal_restricts_what_was_answered_with_items(
    two: Two, action: str
) -> None:
    ee, pt = two
    asked, answer, case_id = await answered(two)
    aid = await opened(ee, answer)
    assert await fetched(ee, answer, aid) == DATA
    form = in_form(whole("WDR"), Form.AUTHOR) | {"case_id": case_id}
    form |= {"in_reply_to": asked, "handling": ["TLP:AMBER"]}
    payload = cast("JsonObject", form["payload"]) | {"data_action": action}

    await ee.send(form | {"payload": payload})

    # At once, though it was opened: neither the answer nor its file is given any more.
    assert "msg.restrict opened" in await kinds(ee, answer)
    with pytest.raises(NotAllowedError, match="restricted"):
        await fetched(ee, answer, aid)
    with pytest.raises(NeedsApprovalError):
        await ee.open.open(answer, CASEWORKER)
    await passed_on(ee, pt)
    with pytest.raises(NeedsApprovalError):
        await pt.open.open(asked, CASEWORKER)
    assert "msg.restrict not-opened" in await kinds(pt, asked)
    disposing = Disposing(ee.exchange)
    match = {"RESTRICT": "nothing is to be", "DELETE": "erased", "RETURN": "given back"}
    with pytest.raises(ConflictError, match=match[action]):
        await disposing.report(case_id)
    if action == "RETURN":
        report = await disposing.report(case_id, BY_COURIER)
        (item,) = texts_at(report.form, "/payload/items/*/item_id")
        assert (await ee.send(report.form)).accepted.state == "queued"
        assert item
        with pytest.raises(ConflictError, match="or that is confirmed"):
            await disposing.report(case_id, BY_COURIER)


async def test_what_is_recalled_is_restricted_returned_and_confirmed(two: Two) -> None:
    ee, pt = two
    _, answer, case_id = await answered(two)
    aid = await opened(ee, answer)
    recall = Recall(pt.exchange, pt.queue, pt.submit)

    done = await recall.recall(answer, RETURN, CASEWORKER)

    assert "" not in {done.order_id, done.return_id}
    again = await recall.recall(answer, RETURN, CASEWORKER)
    assert (again.order_id, again.return_id) == (done.order_id, done.return_id)
    await passed_on(pt, ee)
    await passed_on(pt, ee)
    with pytest.raises(NotAllowedError, match="restricted"):
        await fetched(ee, answer, aid)
    assert "msg.restricted opened" in await kinds(pt, answer)

    disposing = Disposing(ee.exchange)
    with pytest.raises(ConflictError, match="--returned-on"):
        await disposing.report(case_id)
    report = await disposing.report(case_id, BY_COURIER)
    assert [(one.action, one.by) for one in report.tasks] == [("RETURN", "2999-12-31")]
    assert text_at(report.form, "/in_reply_to") == done.return_id
    (item,) = texts_at(report.form, "/payload/items/*/disposal")
    assert item == "RETURNED"
    confirmed = (await ee.send(report.form)).accepted.id
    await passed_on(ee, pt)
    assert await pt.state(confirmed) == "received"
    with pytest.raises(ConflictError, match="or that is confirmed"):
        await disposing.report(case_id, BY_COURIER)


async def test_a_notice_to_erase_is_a_task_until_it_is_confirmed(two: Two) -> None:
    ee, pt = two
    _, answer, case_id = await answered(two)
    recall = Recall(pt.exchange, pt.queue, pt.submit)
    erase = Order(Action.DELETE, "sent by mistake")
    done = await recall.recall(answer, erase, CASEWORKER)
    await passed_on(pt, ee)
    disposing = Disposing(ee.exchange)
    with pytest.raises(ConflictError, match="has been erased since"):
        await disposing.report(case_id)
    with pytest.raises(ConflictError, match="asked for anything of this case back"):
        await disposing.report(case_id, BY_COURIER)

    assert await ee.check.check_one()
    plan = await ee.erasure.plan([answer], unseen=True)
    await ee.erasure.erase(plan, "LED-16", CASEWORKER, Following(takes_unseen=True))

    report = await disposing.report(case_id)
    assert [one.action for one in report.tasks] == ["ERASE"]
    assert text_at(report.form, "/in_reply_to") == done.order_id
    assert texts_at(report.form, "/payload/items/*/item_id") == {answer}
    await ee.send(report.form)
    with pytest.raises(ConflictError, match="nothing is to be confirmed"):
        await disposing.report(case_id)


async def test_only_items_can_be_returned_and_by_a_day(two: Two) -> None:
    ee, pt = two
    asked, answer, _ = await answered(two)
    with pytest.raises(UsageError, match="no evidence items"):
        await Recall(ee.exchange, ee.queue, ee.submit).recall(asked, RETURN, CASEWORKER)
    recall = Recall(pt.exchange, pt.queue, pt.submit)
    for day in ("", "soon", "2026-1-1"):
        with pytest.raises(UsageError, match="by: "):
            await recall.recall(answer, Order(Action.RETURN, "why", day), CASEWORKER)
    # Nothing was ordered by halves.
    assert "msg.restrict" not in " ".join(await kinds(ee, answer))
