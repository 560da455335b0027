"""The desk by a virtual clock: emergencies, persons on call, receipts, deadlines."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.core import canonical
from gateway.core.entries.disclosures import Act
from gateway.core.errors import UnreachableError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.values import NEVER, UnixMs
from gateway.flows.deadline_book import DeadlineFilter
from gateway.flows.desk_policy import UNDELIVERED_AFTER_MS
from gateway.flows.desk_watch import MOST_RECEIPT_ALARMS
from gateway.flows.reviews import overdue_reviews
from gateway.mla.calendars import working_calendar
from gateway.mla.deadlines import DeadlineState, Terms
from gateway.mla.roster import Roster
from gateway.ports.alarms import AlarmKind, Outcome
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.subject_requests import RequestKind, RequestVia, SubjectRequest
from tests.flows.test_numbers import Gauges
from tests.support.desks import (
    DeskOf,
    RecordedProgram,
    emergency_request,
    needed_by,
    on_call,
)
from tests.support.pair import Side

Two = tuple[Side, Side]
MINUTE_S = 60.0
DAY_S = 86_400.0
ANN = Act("ann", "caseworker", "on the phone with them")


def _day(side: Side, days: int) -> str:
    at = datetime.fromtimestamp(side.clock.now() / 1000, UTC) + timedelta(days=days)
    return at.date().isoformat()


async def _deliver(sender: Side, receiver: Side) -> None:
    await sender.deliver()
    await receiver.validation.validate_some()


class TestEmergencies:
    async def test_one_that_goes_out_asks_persons_on_call_until_one_claims(
        self, two: Two
    ) -> None:
        ee, _ = two
        desk = DeskOf(ee, roster=on_call("saar", "kask"))
        await ee.send(emergency_request())
        await desk.pass_time(5)

        (alarm,) = await desk.alarms()
        assert (alarm.new.kind, alarm.person) == (AlarmKind.EMERGENCY, "saar")
        assert [told["person"] for told in desk.program.told] == [
            {"name": "saar", "contact": "tel:saar"}
        ]

        await desk.pass_time(9 * MINUTE_S)
        assert [a.person for a in await desk.alarms("emergency")] == ["saar"]
        await desk.pass_time(MINUTE_S)
        assert [a.person for a in await desk.alarms("emergency")] == ["kask"]
        await desk.pass_time(10 * MINUTE_S)
        assert [a.person for a in await desk.alarms("emergency")] == ["saar"]

        await ee.store.claim_alarm(alarm.number, ANN, ee.clock.now())
        told = len([one for one in desk.program.told if one["kind"] == "emergency"])
        await desk.pass_time(30 * MINUTE_S)
        (claimed,) = await desk.alarms("emergency")
        assert (claimed.asked, claimed.claimed_by) == (3, "ann")
        emergencies = [one for one in desk.program.told if one["kind"] == "emergency"]
        assert len(emergencies) == told == 3

    async def test_one_that_comes_in_is_an_alarm_within_seconds(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(pt, roster=on_call("silva"))
        await ee.send(emergency_request())
        await _deliver(ee, pt)
        await desk.pass_time(5)

        (alarm,) = await desk.alarms()
        row = await pt.row(alarm.new.message_id)
        assert (row.box, alarm.new.peer) == ("in", "moj.ee")
        assert alarm.new.case_id == row.case_id
        assert desk.program.told[0]["urgent"] is True

    async def test_a_routine_message_is_no_alarm(self, two: Two) -> None:
        ee, pt = two
        await ee.send()
        await _deliver(ee, pt)
        for side in two:
            desk = DeskOf(side, roster=on_call("saar"))
            await desk.pass_time(5)
            assert await desk.alarms() == []

    async def test_the_sender_is_warned_within_two_minutes_if_the_peer_is_away(
        self, two: Two
    ) -> None:
        ee, _ = two
        desk = DeskOf(ee, roster=on_call("saar"))
        sent = await ee.send(emergency_request())
        ee.wire.is_cut = True
        with pytest.raises(UnreachableError):
            await ee.deliver()
        await desk.pass_time(100)
        assert await desk.kinds() == ["emergency"]

        await desk.pass_time(20)
        assert await desk.kinds() == ["emergency", "emergency-undelivered"]
        (alarm,) = await desk.alarms("emergency-undelivered")
        assert alarm.new.message_id == sent.accepted.id
        assert alarm.raised_at - (await ee.row(sent.accepted.id)).accepted_at < 120_000
        assert UNDELIVERED_AFTER_MS < 120_000
        assert [one["kind"] for one in desk.program.told] == [
            "emergency",
            "emergency-undelivered",
        ]

        ee.wire.is_cut = False
        ee.clock.advance(300)
        await ee.deliver()
        await desk.desk.look()
        assert await desk.kinds() == ["emergency"]

    async def test_one_that_is_taken_at_once_warns_of_nothing(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(ee, roster=on_call("saar"))
        await ee.send(emergency_request())
        await _deliver(ee, pt)
        await desk.pass_time(5 * MINUTE_S)

        assert await desk.kinds() == ["emergency"]

    async def test_without_a_roster_the_program_is_told_of_nobody(
        self, two: Two
    ) -> None:
        ee, _ = two
        desk = DeskOf(ee)
        await ee.send(emergency_request())
        await desk.pass_time(MINUTE_S)

        (told,) = desk.program.told
        assert "person" not in told

    async def test_a_restart_goes_on_where_it_was(self, two: Two) -> None:
        ee, _ = two
        desk = DeskOf(ee, roster=on_call("saar", "kask"))
        await ee.send(emergency_request())
        # Raised, and then the process dies before anybody is asked.
        await desk.watch.look_for_emergencies(tells=False)
        (alarm,) = await desk.alarms()
        assert (alarm.asked, alarm.tell_at) == (0, NEVER)
        desk.restart()
        await desk.desk.attend()
        # Asked, and then it dies before anybody is told.
        desk.restart()
        await desk.desk.tell()
        assert [one["asked"] for one in desk.program.told] == [1]

        ee.clock.advance(10 * MINUTE_S)
        desk.restart()
        await desk.pass_time(5)
        told = [one for one in desk.program.told if one["kind"] == "emergency"]
        assert [one["asked"] for one in told] == [1, 2]

    async def test_the_first_answer_is_due_in_two_hours(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(pt)
        await ee.send(emergency_request())
        await _deliver(ee, pt)
        await desk.desk.look()
        assert await desk.alarms("deadline-ahead") == []

        pt.clock.advance(70 * MINUTE_S)
        await desk.desk.look()
        (ahead,) = await desk.alarms("deadline-ahead")
        assert ahead.new.rule == "D27.emergency"
        pt.clock.advance(60 * MINUTE_S)
        await desk.desk.look()
        (missed,) = await desk.alarms("deadline-overdue")
        assert missed.new.rule == "D27.emergency"
        assert await desk.alarms("deadline-ahead") == []


class TestTelling:
    async def test_a_program_that_fails_is_run_again_later(self, two: Two) -> None:
        ee, _ = two
        gauges = Gauges()
        object.__setattr__(ee.exchange, "metrics", gauges)
        desk = DeskOf(ee, RecordedProgram("exit status 1"), on_call("saar"))
        await ee.send(emergency_request())
        await ee.deliver()
        await desk.pass_time(MINUTE_S)

        assert len(desk.program.told) == 3  # after 15 s and 30 s more
        (alarm,) = await desk.alarms("emergency")
        assert alarm.tries == 3
        desk.program.failure = ""
        await desk.pass_time(MINUTE_S)
        assert len(desk.program.told) == 4
        assert (await desk.alarms("emergency"))[0].tell_at == NEVER
        assert gauges.values["mla_alarms", "emergency", "no"] == 1

    async def test_what_is_told_holds_no_content_and_no_id(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(pt, roster=on_call("silva"))
        sent = await ee.send(emergency_request())
        await _deliver(ee, pt)
        await desk.pass_time(5)
        pt.clock.advance(3 * 3_600)
        await desk.desk.look()
        await desk.desk.tell()

        text = json.dumps(desk.program.told)
        row = await pt.row(sent.accepted.id)
        assert row.index is not None
        for secret in (sent.accepted.id, row.case_id, row.index.sender_ref, "threat"):
            assert secret
            assert secret not in text
        assert {one["kind"] for one in desk.program.told} == {
            "emergency",
            "deadline-overdue",
        }

    async def test_without_a_program_nothing_waits_to_be_told(self, two: Two) -> None:
        ee, _ = two
        program = RecordedProgram(is_configured=False)
        desk = DeskOf(ee, program, on_call("saar"))
        await ee.send(emergency_request())
        await desk.pass_time(5)

        assert program.told == []
        assert (await desk.alarms())[0].tell_at == NEVER


class TestReceipts:
    async def test_one_that_is_overdue_is_an_alarm_and_on_record(
        self, two: Two
    ) -> None:
        ee, _ = two
        desk = DeskOf(ee)
        sent = (await ee.send()).accepted
        ee.wire.is_cut = True
        with pytest.raises(UnreachableError):
            await ee.deliver()
        ee.clock.advance(59 * MINUTE_S)  # the sample is urgent
        await desk.watch.look_for_receipts()
        assert await desk.alarms() == []
        ee.clock.advance(120)
        await desk.watch.look_for_receipts()

        (alarm,) = await desk.alarms()
        assert alarm.new.kind is AlarmKind.RECEIPT_OVERDUE
        (entry,) = await ee.store.entries(alarm.lack_index, 1)
        leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
        assert isinstance(leaf, dict)
        assert (leaf["k"], leaf["m"], leaf["res"]) == (
            "msg.unreceived",
            sent.id,
            "receipt",
        )
        attempts = (await ee.row(sent.id)).attempts
        assert (leaf["ref"], leaf["count"]) == (sent.log_index, attempts)
        assert alarm.lack_index in await ee.store.log_indices(sent.id)

        ee.wire.is_cut = False
        ee.clock.advance(300)
        await ee.deliver()
        await desk.watch.withdraw_settled()
        (gone,) = await desk.alarms(is_open=False)
        assert gone.outcome is Outcome.GONE

    async def test_a_peer_that_is_away_raises_a_few_not_all(self, two: Two) -> None:
        ee, _ = two
        desk = DeskOf(ee)
        for _ in range(MOST_RECEIPT_ALARMS + 3):
            await ee.send()
        ee.clock.advance(2 * DAY_S)
        for _ in range(2):
            await desk.watch.look_for_receipts()

        assert len(await desk.alarms("receipt-overdue")) == MOST_RECEIPT_ALARMS

    async def test_an_acknowledgement_that_is_overdue_is_on_record(
        self, two: Two
    ) -> None:
        ee, pt = two
        desk = DeskOf(ee)
        sent = (await ee.send()).accepted
        await _deliver(ee, pt)
        ee.clock.advance(6 * DAY_S)
        await desk.desk.look()

        (alarm,) = await desk.alarms("deadline-overdue")
        assert (alarm.new.rule, alarm.new.owner) == ("D27.ack", "pgr.pt")
        (entry,) = await ee.store.entries(alarm.lack_index, 1)
        leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
        assert isinstance(leaf, dict)
        assert (leaf["m"], leaf["res"]) == (sent.id, "ack")


class TestDeadlines:
    async def test_a_date_is_warned_of_then_missed_then_met(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(pt)
        await ee.send(needed_by(_day(ee, 30)))
        await _deliver(ee, pt)
        await desk.desk.look()
        assert [a.new.rule for a in await desk.alarms()] == []

        pt.clock.advance(24 * DAY_S)
        await desk.desk.look()
        rules = [alarm.new.rule for alarm in await desk.alarms("deadline-ahead")]
        assert "G01" in rules
        before = len(await desk.alarms(is_open=None))
        await desk.desk.look()
        assert len(await desk.alarms(is_open=None)) == before

        pt.clock.advance(8 * DAY_S)
        await desk.desk.look()
        overdue = [alarm.new.rule for alarm in await desk.alarms("deadline-overdue")]
        assert "G01" in overdue
        assert "G01" not in [a.new.rule for a in await desk.alarms("deadline-ahead")]

    async def test_the_other_side_is_not_warned_of_ours(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(ee)
        await ee.send(needed_by(_day(ee, 30)))
        await _deliver(ee, pt)
        ee.clock.advance(24 * DAY_S)
        await desk.desk.look()

        assert await desk.alarms("deadline-ahead") == []
        ee.clock.advance(10 * DAY_S)
        await desk.desk.look()
        overdue = {alarm.new.rule for alarm in await desk.alarms("deadline-overdue")}
        assert overdue == {"G01", "D27.ack"}

    async def test_while_the_time_is_in_doubt_nothing_is_late(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(ee)
        await ee.send(needed_by(_day(ee, 30)))
        await _deliver(ee, pt)
        ee.clock.advance(400 * DAY_S)
        ee.exchange.clock_hold.is_held = True
        await desk.desk.look()

        assert await desk.alarms() == []

    async def test_another_calendar_counts_again(self, two: Two) -> None:
        ee, pt = two
        terms = [Terms()]
        desk = DeskOf(pt, terms=lambda: terms[0])
        await ee.send()
        await _deliver(ee, pt)
        await desk.book.refresh()
        (before,) = [line for line in desk.book.lines() if line.rule == "D27.ack"]
        days = [_day(pt, day) for day in range(1, 10)]
        terms[0] = Terms({"pgr.pt": working_calendar("UTC", holidays=days)})
        await desk.book.refresh()

        (after,) = [line for line in desk.book.lines() if line.rule == "D27.ack"]
        assert after.due > before.due

    async def test_what_is_overdue_is_listed_first(self, two: Two) -> None:
        ee, pt = two
        desk = DeskOf(pt)
        await ee.send()
        await _deliver(ee, pt)

        async def listed(state: DeadlineState | None) -> list[str]:
            wanted = DeadlineFilter(state=state, owner="pgr.pt")
            found, _ = await desk.book.page(wanted, cursor="", limit=50)
            return [one.deadline.rule.name for one in found]

        assert await listed(DeadlineState.OVERDUE) == []
        pt.clock.advance(6 * DAY_S)
        assert await listed(DeadlineState.OVERDUE) == ["D27.ack"]
        assert (await listed(None))[0] == "D27.ack"
        assert "D27.ack" not in await listed(DeadlineState.OPEN)

    async def test_an_alarm_about_a_deadline_that_moved_is_withdrawn(
        self, two: Two
    ) -> None:
        ee, pt = two
        terms = [Terms()]
        desk = DeskOf(pt, terms=lambda: terms[0])
        await ee.send()
        await _deliver(ee, pt)
        pt.clock.advance(6 * DAY_S)
        await desk.desk.look()
        (alarm,) = await desk.alarms("deadline-overdue")
        days = [_day(pt, day) for day in range(-6, 30)]
        terms[0] = Terms({"pgr.pt": working_calendar("UTC", holidays=days)})
        await desk.desk.look()

        assert (await pt.store.alarm(alarm.number)).outcome is Outcome.GONE


async def test_an_empty_roster_asks_nobody() -> None:
    assert Roster().next_to_ask(0, UnixMs(0)) is None


class TestReviews:
    async def test_a_hold_whose_day_has_passed_is_told_until_it_is_looked_at(
        self, two: Two
    ) -> None:
        ee, _ = two
        desk = DeskOf(ee)
        sent = await ee.send()
        hold = LegalHold(
            hold_id="h1",
            scope=HoldScope.MESSAGE,
            target=sent.accepted.id,
            held_by="saar",
            reason="appeal",
            since=ee.clock.now(),
            review_on=_day(ee, 1),
        )
        await ee.store.add_hold(hold, ANN)
        await desk.desk.look()
        ee.clock.advance(DAY_S)
        await desk.desk.look()
        assert await desk.alarms("review-overdue") == []

        ee.clock.advance(DAY_S)
        for _ in range(2):
            await desk.desk.look()

        (alarm,) = await desk.alarms("review-overdue")
        assert alarm.new.subject == f"hold:h1:{hold.review_on}"
        assert (alarm.new.case_id, alarm.new.message_id) == ("", "")
        await ee.store.lift_hold("h1", Act("mets", "security"), ee.clock.now())
        await desk.desk.look()
        assert await desk.alarms("review-overdue") == []

    def test_open_requests_are_told_by_answer_and_by_delay(self) -> None:
        asked = SubjectRequest(
            request_id="r1",
            kind=RequestKind.ACCESS,
            via=RequestVia.PERSON,
            reference="7/26",
            received_on="2026-01-01",
            due_on="2026-02-01",
            delay="D1",
            review_on="2026-01-20",
        )
        late = overdue_reviews([], [asked], date(2026, 1, 21))
        assert late == {"delay:r1:2026-01-20"}
        assert overdue_reviews([], [asked], date(2026, 1, 20)) == frozenset()
        assert len(overdue_reviews([], [asked], date(2026, 2, 2))) == 2
