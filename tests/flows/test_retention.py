"""Following the table of classes: what goes by itself, what waits, what stays."""

from dataclasses import replace

import pytest

from gateway.core.canonical import JsonObject, JsonValue, encode_typed
from gateway.core.delivery import Obstacle
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import MessageId, UnixMs
from gateway.flows.days import day_of
from gateway.flows.disposing import Disposing
from gateway.flows.erasure import Following
from gateway.flows.retention import Retention, RetentionItem
from gateway.mla.disposal import id_digests
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import texts_at
from gateway.mla.retention import RULES, RetentionClass, Then
from gateway.mla.validate import blocking, validate
from gateway.ports.alarms import AlarmFilter, AlarmKind
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.inbox import CheckDone
from tests.support.pair import Side
from tests.support.storing import PEER, PeerLog, deliver, index_of, new_id, outbound

Two = tuple[Side, Side]

DAY_S = 86_400
SAAR = Act("saar", "security", "the period is over")
PERIODS = {rule.name: rule.days for rule in RULES}


def entry(message_id: str, msg_type: str, **payload: JsonValue) -> bytes:
    value: JsonObject = {
        "msg_id": message_id,
        "msg_type": msg_type,
        "instrument": ["BUDAPEST"],
        "purpose": "INVESTIGATION",
        "handling": ["TLP:AMBER"],
        "payload": payload,
    }
    return encode_typed(value)


class Case:
    """A case on one side, message by message; only what its docket says is real."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.log = PeerLog()
        self.case_id = ""
        self.seq = 0

    async def send(self, msg_type: str, **payload: JsonValue) -> MessageId:
        self.seq += 1
        index = replace(index_of(self.case_id, case_seq=self.seq), msg_type=msg_type)
        self.case_id = index.case_id
        message = outbound(index=index)
        message = replace(message, docket=entry(message.id, msg_type, **payload))
        store = self.side.exchange.store
        await store.accept(message, self.side.clock.now())
        await deliver(store, self.log, message)  # type: ignore[arg-type]  # the store of tests
        return message.id

    async def receive(self, msg_type: str, **payload: JsonValue) -> MessageId:
        store, item = self.side.exchange.store, self.log.item()
        await store.commit_inbound(self.log.link(), [item], self.side.clock.now())
        index = replace(index_of(self.case_id, case_seq=1), msg_type=msg_type)
        docket = entry(item.id, msg_type, **payload)
        done = CheckDone(item.id, PEER, index, 0, docket)
        await store.finish_checks([done])
        return item.id

    async def state(self, message_id: MessageId) -> str:
        return str((await self.side.exchange.store.message(message_id)).state)


def retention_of(side: Side) -> Retention:
    return Retention(side.exchange, side.erasure, periods=PERIODS, log_days=3_650)


async def due(side: Side, days: int = 0) -> list[RetentionItem]:
    until = UnixMs(side.clock.now() + days * DAY_S * 1000)
    return list((await retention_of(side).preview(until)).items)


async def withdrawn(side: Side) -> tuple[Case, MessageId, MessageId]:
    """Return a case whose answer is not wanted any more, unopened as it is."""
    case = Case(side)
    await case.send("MLA_REQ")
    answer = await case.receive("RSP")
    wdr = await case.send("WDR", data_action="DELETE", scope="ALL")
    return case, answer, wdr


async def test_withdrawn_data_goes_by_itself_and_can_be_confirmed(two: Two) -> None:
    ee, _ = two
    case, answer, wdr = await withdrawn(ee)
    with pytest.raises(ConflictError, match="has been erased since"):
        await Disposing(ee.exchange).report(case.case_id)

    await retention_of(ee).run_automatic()

    assert await case.state(answer) == "erased"
    assert await case.state(wdr) != "erased"
    report = await Disposing(ee.exchange).report(case.case_id)
    (disposed,) = report.disposals
    assert (disposed.rule, disposed.digests) == ("withdrawn-data", id_digests([answer]))
    assert report.form["in_reply_to"] == wdr
    payload = report.form["payload"]
    assert isinstance(payload, dict)
    assert payload["items"] == [
        {
            "item_id": answer,
            "disposal": "CRYPTO_ERASED",
            "date": day_of(ee.clock.now()).isoformat(),
            "method": "ciphertext, index and copies removed, keys destroyed",
            "digest": disposed.digests[0],
        },
    ]
    assert not blocking(validate(report.form, form=Form.AUTHOR))
    entries = await ee.exchange.store.log_indices(answer)
    (last,) = await ee.exchange.store.entries(entries[-1], 1)
    assert last.kind == "msg.erase"


async def test_it_looks_again_after_an_hour_and_not_before(two: Two) -> None:
    ee, _ = two
    keeping = retention_of(ee)
    await keeping.run_automatic()
    case, answer, _ = await withdrawn(ee)
    await keeping.run_automatic()
    assert await case.state(answer) == "received"
    ee.clock.advance(3_601)
    await keeping.run_automatic()
    assert await case.state(answer) == "erased"


async def test_a_hold_stops_what_would_go_by_itself_until_it_is_lifted(
    two: Two,
) -> None:
    ee, _ = two
    case, answer, _ = await withdrawn(ee)
    hold = LegalHold(
        hold_id="h1",
        scope=HoldScope.CASE,
        target=case.case_id,
        held_by="anna",
        reason="appeal",
        since=ee.clock.now(),
        review_on="2099-01-01",
    )
    await ee.exchange.store.add_hold(hold, SAAR)
    await retention_of(ee).run_automatic()
    assert await case.state(answer) == "received"
    (item,) = await due(ee)
    assert item.is_held
    assert item.kept == {answer: Obstacle.ON_HOLD}
    (done,) = await retention_of(ee).erase([item], SAAR)
    assert (done.digests, done.failed) == ((), "nothing of it can go now")
    ee.clock.advance(4 * DAY_S)
    await retention_of(ee).run_automatic()
    assert await reminders(ee) == [f"erasure:{answer}"]
    await ee.exchange.store.lift_hold("h1", SAAR, ee.clock.now())
    await retention_of(ee).run_automatic()
    assert await case.state(answer) == "erased"


async def test_nothing_else_goes_without_somebody_asking(two: Two) -> None:
    ee, _ = two
    case = Case(ee)
    asked = await case.send("MLA_REQ")
    closed = await case.receive("CLS")
    assert await due(ee, days=729) == []
    ee.clock.advance(731 * DAY_S)
    await retention_of(ee).run_automatic()
    assert await case.state(asked) == "delivered"
    (item,) = await due(ee)
    assert (item.due.rule.name, item.due.ids) == (
        RetentionClass.NO_DATA,
        (asked, closed),
    )
    # Nobody here has opened the closure: it stays, and its case with it.
    assert item.kept == {closed: Obstacle.UNOPENED}
    wanted = await retention_of(ee).due_for_erasure([RetentionClass.NO_DATA])
    (done,) = await retention_of(ee).erase(wanted, SAAR)
    assert done.digests == id_digests([asked])
    assert await retention_of(ee).due_for_erasure([RetentionClass.DRAFT]) == []


async def test_other_cases_are_to_be_looked_at_and_never_erased(two: Two) -> None:
    ee, _ = two
    case = Case(ee)
    await case.send("MLA_REQ")
    await case.receive("RSP")
    ee.clock.advance(1_097 * DAY_S)
    (item,) = await due(ee)
    assert item.due.rule.then is Then.REVIEW
    assert await retention_of(ee).due_for_erasure([]) == []
    await retention_of(ee).review(case.case_id, SAAR)
    assert await due(ee) == []
    with pytest.raises(NotFoundError):
        await retention_of(ee).review("no-such-case", SAAR)


async def test_the_log_is_told_when_it_is_older_than_it_need_be(two: Two) -> None:
    ee, _ = two
    now = ee.clock.now()
    assert (await retention_of(ee).preview(now)).prunable == 0
    looks = [EntryDraft("msg.list", now, {"count": one}) for one in range(300)]
    await ee.exchange.store.append(looks)
    size = (await ee.exchange.store.log_head()).size
    ee.clock.advance(3_651 * DAY_S)
    found = await retention_of(ee).preview(now)
    assert found.prunable == size - size % 256


async def test_what_nobody_asked_for_is_not_confirmed(two: Two) -> None:
    ee, _ = two
    case = Case(ee)
    await case.send("MLA_REQ")
    with pytest.raises(ConflictError, match="RET_REQ"):
        await Disposing(ee.exchange).report(case.case_id)
    with pytest.raises(NotFoundError):
        await Disposing(ee.exchange).report("no-such-case")


async def test_of_what_they_ask_back_only_what_was_erased_is_confirmed(
    two: Two,
) -> None:
    ee, _ = two
    case = Case(ee)
    await case.send("MLA_REQ")
    item, other = new_id(), new_id()
    answer = await case.receive("RSP", manifest=[{"item_id": item}])
    unrelated = await case.receive("RSP", manifest=[{"item_id": other}])
    await case.receive("RET_REQ", items=[item, new_id()], action="DESTROY", by="2027")
    with pytest.raises(ConflictError, match="has been erased since"):
        await Disposing(ee.exchange).report(case.case_id)
    for gone, named in ((unrelated, []), (answer, [item])):
        plan = await ee.erasure.plan([gone], unseen=True)
        await ee.erasure.erase(plan, "x", SAAR, Following(takes_unseen=True))
        if not named:
            with pytest.raises(ConflictError, match="none of the items"):
                await Disposing(ee.exchange).report(case.case_id)
    report = await Disposing(ee.exchange).report(case.case_id)
    assert [one.action for one in report.tasks] == ["DESTROY"]
    assert texts_at(report.form, "/payload/items/*/item_id") == {item}


async def reminders(side: Side) -> list[str]:
    wanted = AlarmFilter(kind=AlarmKind.REVIEW_OVERDUE.value)
    found = await side.store.alarms(wanted, before=None, limit=9)
    return [one.new.subject for one in found]


async def test_cases_to_be_looked_at_are_told_once_a_month(two: Two) -> None:
    ee, _ = two
    case = Case(ee)
    await case.send("MLA_REQ")
    await case.receive("RSP", manifest=[{"item_id": new_id()}])
    retention = retention_of(ee)
    await retention.run_automatic()
    assert await reminders(ee) == []

    ee.clock.advance(1_200 * DAY_S)
    for _ in range(3):
        await retention.run_automatic()
        ee.clock.advance(3_600)

    (subject,) = await reminders(ee)
    assert subject.startswith("retention:20")
    ee.clock.advance(31 * DAY_S)
    await retention.run_automatic()
    assert len(await reminders(ee)) == 2
