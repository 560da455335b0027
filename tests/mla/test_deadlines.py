"""What stops, restarts, moves and ends a deadline, and what none of it ever does."""

from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar, working_calendar
from gateway.mla.deadlines import (
    Deadline,
    DeadlineState,
    Terms,
    Unit,
    deadlines_of,
)
from gateway.mla.deadlines.announced import check_announced
from gateway.mla.deadlines.compute import MOST_OF_A_CASE
from gateway.mla.deadlines.counting import end_of_period
from gateway.mla.deadlines.pausing import MOST_PAUSES
from gateway.mla.docket import docket_entry
from gateway.mla.problems import select
from tests.support.dockets import (
    ASKED,
    ASKING,
    Said,
    at,
    decided,
    measures,
    said,
)
from tests.support.forms import sample_cases

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

EPOC = said("MLA_REQ", "2026-10-01", measures("A44"), instrument="EEV")
EIO = said("MLA_REQ", "2026-10-01", measures("A11", "A20"), instrument="EIO")
ASKED_BACK = said(
    "CLR_REQ",
    "2026-10-05",
    {"clock_effect": "SUSPENDS"},
    by=ASKED,
    to="MLA_REQ",
    instrument="EEV",
)
MADE_CLEAR = said("CLR_RSP", "2026-10-08", to="CLR_REQ", instrument="EEV")


def one(rule: str, *case: Said, now: str = "", terms: Terms | None = None) -> Deadline:
    """Return the deadline of a rule in a case."""
    moment = at(now) if now else max(message.accepted_at for message in case)
    (found,) = [
        deadline
        for deadline in deadlines_of(case, terms or Terms(), moment)
        if deadline.rule.name == rule
    ]
    return found


def _day(deadline: Deadline) -> date:
    assert deadline.due is not None
    return WorkingCalendar().day_of(deadline.due)


def _sample(number: int) -> list[Said]:
    """Return a sample case as its docket would hold it, all that it says at rest."""
    return [
        Said(
            str(message["msg_id"]),
            "out",
            "delivered",
            at(str(message["created_at"])[:16]),
            docket_entry(message),
        )
        for _, message in select(sample_cases()[number], "messages/*")
        if isinstance(message, dict)
    ]


def test_a_clarification_stops_the_clock_until_it_is_answered() -> None:
    asked = one("D06", EPOC, ASKED_BACK, now="2026-10-06")
    clear = one("D06", EPOC, ASKED_BACK, MADE_CLEAR)

    assert asked.state is DeadlineState.SUSPENDED
    assert _day(one("D06", EPOC)) == date(2026, 10, 12)
    # Three days stood still: 14 October, a Wednesday.
    assert _day(clear) == date(2026, 10, 14)
    assert clear.state is DeadlineState.OPEN
    assert [(pause.began_at, pause.ended_at) for pause in clear.pauses] == [
        (at("2026-10-05"), at("2026-10-08"))
    ]


def test_a_suspended_deadline_is_never_overdue() -> None:
    waiting = one("D06", EPOC, ASKED_BACK, now="2027-01-05")

    assert waiting.state is DeadlineState.SUSPENDED
    assert waiting.due is not None
    assert waiting.due > at("2027-01-05")


def test_a_clarification_that_lets_the_clock_run_changes_nothing() -> None:
    runs = said(
        "CLR_REQ", "2026-10-05", {"clock_effect": "RUNS"}, by=ASKED, to="MLA_REQ"
    )

    assert not one("D06", EPOC, runs).pauses


def test_a_rule_that_no_clarification_stops_runs_on() -> None:
    asked = said(
        "CLR_REQ",
        "2026-10-05",
        {"clock_effect": "SUSPENDS"},
        by=ASKED,
        to="MLA_REQ",
    )

    assert not one("D02", EIO, asked).pauses


def test_who_asks_when_it_is_too_late_stops_nothing() -> None:
    late = said(
        "CLR_REQ", "2026-10-20", {"clock_effect": "SUSPENDS"}, by=ASKED, to="MLA_REQ"
    )

    assert one("D06", EPOC, late).state is DeadlineState.OVERDUE


def test_hours_run_without_a_pause_for_nights_but_stop_for_a_question() -> None:
    urgent = said("EMR_REQ", "2026-10-02T20:00", instrument="EEV", urgency="EMERGENCY")
    question = said(
        "CLR_REQ",
        "2026-10-02T21:00",
        {"clock_effect": "SUSPENDS"},
        by=ASKED,
        to="EMR_REQ",
    )
    answer = said("CLR_RSP", "2026-10-02T21:30", to="CLR_REQ")

    assert one("D06E", urgent).due == at("2026-10-03T04:00")
    assert one("D06E", urgent, question, answer).due == at("2026-10-03T04:30")


def test_the_sample_of_criminal_records_comes_out_as_it_says() -> None:
    rows = _sample(2)
    by_type = {str(row.entry["msg_type"]): row for row in rows}
    terms = Terms()

    def d18(until: str) -> Deadline:
        known = rows[: rows.index(by_type[until]) + 1]
        return one("D18", *known)

    assert d18("ACK").starts_at // 1000 == at("2026-10-05") // 1000 + 3
    assert _day(d18("ACK")) == date(2026, 10, 19)
    assert d18("CR_RAI").state is DeadlineState.SUSPENDED
    assert d18("CR_RAR").restarted_by == by_type["CR_RAR"].id
    assert _day(d18("CR_RAR")) == date(2026, 10, 21)
    answered_then = d18("CR_RSP")
    assert answered_then.met_at is not None
    assert terms.calendar("").day_of(answered_then.met_at) == date(2026, 10, 12)
    assert not answered_then.is_late
    assert WorkingCalendar().day_of(answered_then.first_due or UnixMs(0)) == date(
        2026, 10, 19
    )


@pytest.mark.parametrize("number", range(4))
def test_the_samples_announce_what_the_rules_give(number: int) -> None:
    rows = _sample(number)
    found = deadlines_of(rows, Terms(), rows[-1].accepted_at)

    for row in rows:
        assert not list(check_announced(row.entry, found, Terms()))


@pytest.mark.parametrize("number", range(4))
def test_nobody_owes_the_samples_an_answer(number: int) -> None:
    rows = _sample(number)
    pending = [
        deadline
        for deadline in deadlines_of(rows, Terms(), rows[-1].accepted_at)
        if deadline.is_pending
    ]

    assert not pending


def test_an_announcement_that_differs_is_advice() -> None:
    ack = said(
        "ACK",
        "2026-10-02",
        {
            "deadlines": [
                {"rule": "D06", "due": "2026-10-20T23:59:59Z"},
                {"rule": "D15", "starts": "2026-10-01T08:00:00Z", "due": "2026-12-01"},
                {"rule": "D26"},
                {"rule": "D99", "due": "2026-10-20T23:59:59Z"},
            ]
        },
        by=ASKED,
        to="MLA_REQ",
    )
    found = deadlines_of([EPOC, ack], Terms(), at("2026-10-02"))
    problems = list(check_announced(ack.entry, found, Terms()))

    assert [problem.pointer for problem in problems] == [
        "/payload/deadlines/0/due",
        "/payload/deadlines/1/due",
    ]
    assert not any(problem.blocking for problem in problems)
    assert "2026-10-12" in problems[0].sentence


def test_days_are_those_of_who_has_to_act() -> None:
    late = said(
        "CR_REQ", "2026-10-05T22:30", {"cr_purpose": "CRIM"}, instrument="ECRIS"
    )
    vilnius = working_calendar("Europe/Vilnius", holidays=["2026-10-12"])
    terms = Terms({ASKED: vilnius, ASKING: working_calendar("America/Santiago")})
    found = one("D18", late, terms=terms)

    # There it is 6 October already, and the 12th is not worked.
    assert found.due == vilnius.end_of(date(2026, 10, 21))
    assert not found.is_calendar_assumed
    assert one("D18", late).is_calendar_assumed


def test_an_end_moves_only_under_an_instrument_that_says_so() -> None:
    assert _day(one("D06", EPOC)) == date(2026, 10, 12)
    assert _day(one("D06", EPOC, terms=Terms(moving=frozenset()))) == date(2026, 10, 11)


def test_a_period_begins_with_what_the_acknowledgement_tells() -> None:
    ack = said(
        "ACK",
        "2026-10-06",
        {"received_at": "2026-10-05T09:00:00Z"},
        by=ASKED,
        to="MLA_REQ",
    )
    forged = said(
        "ACK",
        "2026-10-06",
        {"received_at": "2027-10-05T09:00:00Z"},
        by=ASKED,
        to="MLA_REQ",
    )
    early = said(
        "ACK",
        "2026-10-06",
        {"received_at": "2026-01-05T09:00:00Z"},
        by=ASKED,
        to="MLA_REQ",
    )

    assert one("D01", EIO, ack).starts_at == at("2026-10-05T09:00")
    assert one("D01", EIO, forged).starts_at == at("2026-10-06")
    assert one("D01", EIO, early).starts_at == at("2026-10-01T07:55")


def test_the_executing_authority_decides_from_when_it_has_it() -> None:
    ack = said(
        "ACK",
        "2026-10-06",
        {"received_at": "2026-10-01T08:00:00Z", "forwarded_to": {"on": "2026-10-06"}},
        by=ASKED,
        to="MLA_REQ",
    )

    assert _day(one("D02", EIO, ack)) == date(2026, 11, 5)
    assert _day(one("D01", EIO, ack)) == date(2026, 10, 8)


def test_a_decision_meets_once_every_measure_has_one() -> None:
    first = said("DEC", "2026-10-12", decided("ACCEPT"), by=ASKED, to="MLA_REQ")
    second = said(
        "DEC.2", "2026-10-20", decided("REFUSE", "M2"), by=ASKED, to="MLA_REQ"
    )

    assert one("D02", EIO, first).state is DeadlineState.OPEN
    assert one("D02", EIO, first, second).met_at == at("2026-10-20")


def test_a_measure_that_was_withdrawn_needs_no_decision() -> None:
    narrowed = said(
        "WDR", "2026-10-05", {"scope": "SOME", "measure_ids": ["M2"]}, to="MLA_REQ"
    )
    decision = said("DEC", "2026-10-12", decided("ACCEPT"), by=ASKED, to="MLA_REQ")

    assert one("D02", EIO, narrowed, decision).met_at == at("2026-10-12")


def test_who_decides_may_take_thirty_days_more_and_says_so() -> None:
    told = said(
        "DLX_REQ",
        "2026-10-20",
        {"rule": "D02", "old": "2026-11-02T23:59:59Z", "new": "2026-12-31T23:59:59Z"},
        by=ASKED,
        to="MLA_REQ",
    )
    not_theirs = said(
        "DLX_REQ",
        "2026-10-20",
        {"rule": "D02", "new": "2026-12-31T23:59:59Z"},
        to="MLA_REQ",
    )
    found = one("D02", EIO, told)

    assert _day(found) == date(2026, 12, 2)
    assert found.extension is not None
    assert found.extension.is_cut
    assert one("D02", EIO, not_theirs).extension is None


def test_a_date_moves_when_both_agree() -> None:
    request = said(
        "MLA_REQ", "2026-10-01", measures("A11") | {"needed_by": "2026-10-30"}
    )
    wish = said(
        "DLX_REQ",
        "2026-10-20",
        {"rule": "D26", "old": "2026-10-30T23:59:59Z", "new": "2026-11-20T23:59:59Z"},
        by=ASKED,
        to="MLA_REQ",
    )
    granted = said("DLX_RSP", "2026-10-21", {"answer": "GRANTED"}, to="DLX_REQ")
    denied = said("DLX_RSP", "2026-10-21", {"answer": "DENIED"}, to="DLX_REQ")

    assert _day(one("G01", request, wish)) == date(2026, 10, 30)
    assert _day(one("G01", request, wish, denied)) == date(2026, 10, 30)
    assert _day(one("G01", request, wish, granted)) == date(2026, 11, 20)
    other: JsonObject = {"answer": "GRANTED", "new": "2026-11-10T23:59:59Z"}
    partly = said("DLX_RSP", "2026-10-21", other, to="DLX_REQ")
    assert _day(one("G01", request, wish, partly)) == date(2026, 11, 10)


def test_a_preservation_is_extended_once() -> None:
    request = said("PRS_REQ", "2026-09-03", instrument="EEV")
    longer = said("PRS_EXT", "2026-10-20", {"days": 30}, to="PRS_REQ")
    again = said("PRS_EXT.2", "2026-11-20", {"days": 30}, to="PRS_REQ")

    assert _day(one("D10", request, longer)) == date(2026, 12, 2)
    assert _day(one("D10", request, longer, again)) == date(2026, 12, 2)


def test_preserved_data_stay_until_the_request_is_decided() -> None:
    preserve = said("PRS_REQ", "2026-09-01", instrument="BUDAPEST")
    done = said(
        "PRS_RSP",
        "2026-09-01",
        {"results": [{"result": "PRESERVED"}]},
        by=ASKED,
        to="PRS_REQ",
        instrument="BUDAPEST",
    )
    request = said("MLA_REQ", "2026-10-01", measures("A44"), instrument="BUDAPEST")
    decision = said("DEC", "2026-12-01", decided("ACCEPT"), by=ASKED, to="MLA_REQ")

    lapsed = one("D15", preserve, done, now="2027-01-01")
    kept = one("D15", preserve, done, request, now="2027-01-01")
    over = one("D15", preserve, done, request, decision, now="2027-01-01")
    assert (lapsed.state, kept.state, over.state) == (
        DeadlineState.ENDED,
        DeadlineState.OPEN,
        DeadlineState.ENDED,
    )
    assert kept.due is None


def test_a_summons_is_due_as_early_as_the_state_declared() -> None:
    summons = said(
        "SVC_REQ",
        "2026-09-01",
        {"service": {"hearing_at": "2026-12-01T10:00:00+01:00"}},
        instrument="COE1959",
    )
    declared = Terms(summons_days={"BB": 30})

    assert _day(one("D25", summons, terms=declared)) == date(2026, 11, 1)
    assert one("D25", summons).state is DeadlineState.MET
    assert one("D25", summons).met_at == at("2026-09-01")


@pytest.mark.parametrize(
    "ending",
    [
        said("WDR", "2026-10-05", {"scope": "ALL"}, to="MLA_REQ"),
        said(
            "WDR",
            "2026-10-05",
            {"scope": "SOME", "measure_ids": ["M1", "M2"]},
            to="MLA_REQ",
        ),
        said("CLS", "2026-10-05"),
        said("ERR", "2026-10-05", by=ASKED, to="MLA_REQ"),
        said(
            "DEC", "2026-10-05", decided("REFUSE", "M1", "M2"), by=ASKED, to="MLA_REQ"
        ),
    ],
    ids=lambda ending: ending.id + str(ending.entry["payload"])[:20],
)
def test_nothing_is_owed_after_the_end(ending: Said) -> None:
    request = said("MLA_REQ", "2026-10-01", measures("A11", "A20"))

    assert one("D26", request).state is DeadlineState.OPEN
    assert one("D26", request, ending).state is DeadlineState.ENDED
    assert one("D27.status", request, ending).state is DeadlineState.ENDED


@pytest.mark.parametrize(
    "step",
    [
        said("WDR", "2026-10-05", {"scope": "SOME", "measure_ids": ["M1"]}),
        said("DEC", "2026-10-05", decided("REFUSE"), by=ASKED, to="MLA_REQ"),
        said("CLS", "2026-10-05", state="cancelled"),
    ],
    ids=["narrowed", "refused in part", "never sent"],
)
def test_what_is_left_is_still_owed(step: Said) -> None:
    request = said("MLA_REQ", "2026-10-01", measures("A11", "A20"))

    assert one("D26", request, step).state is DeadlineState.OPEN


def test_duties_outlive_the_case() -> None:
    request = said("MLA_REQ", "2026-10-01", measures("A11"))
    wanted = said("RET_REQ", "2026-10-05", by=ASKED, to="MLA_REQ")
    closed = said("CLS", "2026-10-06")

    assert one("D27.disposal", request, wanted, closed).state is DeadlineState.OPEN


def test_a_target_starts_anew_with_every_status() -> None:
    request = said("MLA_REQ", "2026-10-01", measures("A11"))
    status = said("STS", "2026-10-20", by=ASKED, to="MLA_REQ")

    assert _day(one("D27.status", request)) == date(2026, 10, 31)
    assert _day(one("D27.status", request, status)) == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("sent_at", "is_late"),
    [("2026-10-08T23:59:59.900Z", False), ("2026-10-09T00:00:00Z", True)],
)
def test_late_is_late_from_the_next_second_on(sent_at: str, *, is_late: bool) -> None:
    ack = said("ACK", "2026-10-09", by=ASKED, to="MLA_REQ")
    ack.entry["sent_at"] = sent_at

    assert one("D01", EIO, ack).is_late is is_late


def test_the_order_in_which_messages_arrive_changes_nothing() -> None:
    case = (EPOC, ASKED_BACK, MADE_CLEAR, said("DEC", "2026-10-09", by=ASKED))
    expected = deadlines_of(case, Terms(), at("2026-10-10"))

    for order in permutations(case):
        assert deadlines_of(order, Terms(), at("2026-10-10")) == expected


def test_a_circle_of_answers_ends() -> None:
    first = said("DEC", "2026-10-01", to="DEC.2")
    second = said("DEC.2", "2026-10-01", to="DEC")

    assert deadlines_of([first, second], Terms(), at("2026-10-02")) == []


def test_dates_out_of_reach_are_left_out() -> None:
    far = said("MLA_REQ", "2026-10-01", {"needed_by": "9999-12-31"})
    no_day = said("MLA_REQ", "2026-10-01", {"needed_by": "2026-02-31"})
    served = said(
        "SVC_REQ",
        "2026-10-01",
        {"service": {"hearing_at": "0001-01-01T00:00:00Z"}},
        instrument="COE1959",
    )

    assert one("G01", far).due is not None
    assert one("G01", no_day).due is None
    assert "D25" not in [
        found.rule.id for found in deadlines_of([served], Terms(), at("2026-10-02"))
    ]


MOMENTS = st.integers(at("2026-01-01"), at("2027-01-01")).map(UnixMs)
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=5).map(
    lambda pairs: sorted((min(pair), max(pair)) for pair in pairs)
)
CALENDARS = st.builds(
    WorkingCalendar,
    zone=st.sampled_from(["UTC", "Europe/Oslo", "America/Santiago"]),
    weekend=st.sets(st.integers(0, 6), max_size=4).map(frozenset),
    holidays=st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=9).map(
        frozenset
    ),
)
COUNTED = st.sampled_from([Unit.CALENDAR_DAYS, Unit.WORKING_DAYS, Unit.HOURS])


@given(MOMENTS, st.integers(1, 90), COUNTED, CALENDARS, SPANS, st.booleans())
def test_a_pause_never_makes_an_end_earlier(
    start: UnixMs,
    length: int,
    unit: Unit,
    calendar: WorkingCalendar,
    spans: list[tuple[UnixMs, UnixMs]],
    moves: bool,  # noqa: FBT001 - as the library hands it
) -> None:
    ends = [
        end_of_period(start, length, unit, calendar, moves=moves, pauses=spans[:count])
        for count in range(len(spans) + 1)
    ]

    assert ends == sorted(ends)
    assert ends[0] > start


@given(MOMENTS, MOMENTS, st.integers(1, 90), COUNTED, CALENDARS, st.booleans())
def test_who_starts_later_ends_no_earlier(
    one_start: UnixMs,
    other_start: UnixMs,
    length: int,
    unit: Unit,
    calendar: WorkingCalendar,
    moves: bool,  # noqa: FBT001 - as the library hands it
) -> None:
    starts = sorted((one_start, other_start))
    ends = [
        end_of_period(start, length, unit, calendar, moves=moves) for start in starts
    ]

    assert ends == sorted(ends)
    longer = end_of_period(starts[0], length + 1, unit, calendar, moves=moves)
    assert longer >= ends[0]


@given(st.lists(st.integers(1, 80), min_size=2, max_size=6, unique=True).map(sorted))
def test_questions_never_make_a_case_due_earlier(days: list[int]) -> None:
    case = [EPOC]
    due = one("D06", EPOC).due or UnixMs(0)
    for number, (asked, clear) in enumerate(zip(days[::2], days[1::2], strict=False)):
        begin, end = (
            WorkingCalendar().start_of(date.fromordinal(739_525 + day))
            for day in (asked, clear)
        )
        for name, by, to, when in (
            (f"CLR_REQ.{number}", ASKED, "MLA_REQ", begin),
            (f"CLR_RSP.{number}", ASKING, f"CLR_REQ.{number}", end),
        ):
            day = WorkingCalendar().day_of(when).isoformat()
            case.append(said(name, day, {"clock_effect": "SUSPENDS"}, by=by, to=to))
        later = one("D06", *case).due or UnixMs(0)
        assert later >= due
        due = later


def test_a_case_without_end_is_counted_up_to_a_bound() -> None:
    case = [said("MLA_REQ", "2026-01-01", measures("A44"), instrument="EEV")]
    for number in range(900):
        when = f"2026-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}"
        payload: JsonObject = {"reply_by": "2026-12-01", "clock_effect": "SUSPENDS"}
        case.append(
            said(
                f"CLR_REQ.{number}",
                when,
                payload,
                by=ASKED,
                to="MLA_REQ",
                instrument="EEV",
            )
        )
    found = deadlines_of(case, Terms(), at("2027-01-01"))

    assert len(found) == MOST_OF_A_CASE
    (counted,) = [deadline for deadline in found if deadline.rule.name == "D06"]
    assert len(counted.pauses) <= MOST_PAUSES
