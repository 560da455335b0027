"""Figures: counted from what cases keep, the same from either side."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject
from gateway.core.values import AuthorityId, UnixMs
from gateway.mla.deadlines import Terms
from gateway.mla.docket import docket_entry
from gateway.mla.problems import text_at
from gateway.mla.statistics.facts import DeadlineFact, RequestFacts, facts_of
from gateway.mla.statistics.figures import FIGURES
from gateway.mla.statistics.report import (
    DIMENSIONS,
    ReportQuery,
    ReportRow,
    as_csv,
    report,
)
from tests.support.forms import sample_cases

DAY_MS = 86_400_000
NOW = UnixMs(1_900_000_000_000)
ALL = ReportQuery(0, NOW, ())


@dataclass(frozen=True)
class Row:
    id: str
    box: str
    peer: AuthorityId
    entry: JsonObject
    state: str = "delivered"
    accepted_at: UnixMs = NOW
    problems: int = 0


def rows_of(key: str, *, seen_by_opener: bool = True) -> list[Row]:
    """Return a sample case as the docket of one of its sides."""
    (case,) = [one for one in sample_cases() if one["key"] == key]
    messages = case["messages"]
    assert isinstance(messages, list)
    opener = text_at(messages[0], "from/authority_id")
    rows = []
    for message in messages:
        assert isinstance(message, dict)
        from_opener = text_at(message, "from/authority_id") == opener
        box = "out" if from_opener is seen_by_opener else "in"
        entry = docket_entry(message)
        rows.append(Row(str(message["msg_id"]), box, AuthorityId("peer"), entry))
    return rows


def facts(key: str, *, seen_by_opener: bool = True) -> list[RequestFacts]:
    return facts_of(rows_of(key, seen_by_opener=seen_by_opener), Terms(), NOW)


def values(rows: list[ReportRow], figure: str) -> dict[str, Decimal | None]:
    return {row.code: row.value for row in rows if row.figure == figure}


def test_a_case_of_two_requests_is_two() -> None:
    preservation, request = facts("cyb-0001")
    assert (preservation.msg_type, request.msg_type) == ("PRS_REQ", "MLA_REQ")
    assert (request.direction, request.country) == ("sent", "PT")
    assert request.assists == ("A42", "A43")
    assert request.clarifications == 1
    assert request.decisions == ("ACCEPT_COND", "ACCEPT_COND")
    assert request.feedback == ("USED_CHARGE", "USED_INVESTIGATION")
    assert request.is_closed
    assert preservation.data_types == ("SUBSCRIBER", "TRAFFIC", "USER_ID")


@pytest.mark.parametrize("key", ["cyb-0001", "aml-0002", "crr-0003", "hrg-0004"])
def test_both_sides_count_the_same(key: str) -> None:
    ours = report(facts(key), ALL)
    theirs = report(facts(key, seen_by_opener=False), ALL)
    assert ours == theirs
    assert {one.direction for one in facts(key, seen_by_opener=False)} == {"received"}


def test_times_are_those_of_the_messages() -> None:
    rows = report(facts("cyb-0001"), ALL)
    (answer,) = [row for row in rows if row.figure == "time_decision_to_answer"]
    assert answer.requests == 1
    assert answer.value == answer.median == answer.longest


def test_the_last_result_of_a_measure_counts() -> None:
    (request,) = facts("aml-0002")
    assert "PENDING" not in request.results
    rows = report([request], ALL)
    assert values(rows, "outcomes") == {"full": Decimal(1)}
    assert values(rows, "assets_value") == {"FROZEN EUR": Decimal("398211.07")}
    assert values(rows, "use_answers") == {"CONDITIONS": Decimal(1)}


def test_a_criminal_record_deadline_is_met() -> None:
    record, _notification = facts("crr-0003")
    assert DeadlineFact("D18", "met") in record.deadlines


def test_what_had_no_effect_is_not_counted() -> None:
    rows = rows_of("hrg-0004")
    undelivered = [
        Row(row.id, row.box, row.peer, row.entry, state="expired") for row in rows
    ]
    assert facts_of(undelivered, Terms(), NOW) == []


def made(**changed: object) -> RequestFacts:
    known: dict[str, object] = {
        "direction": "sent",
        "peer": "pgr.pt",
        "country": "PT",
        "msg_type": "MLA_REQ",
        "instrument": "EEV",
        "assists": ("A42",),
        "offences": (),
        "data_types": ("SUBSCRIBER",),
        "urgency": "ROUTINE",
        "language": "en",
        "opened_at": 10 * DAY_MS,
    }
    return RequestFacts(**{**known, **changed})  # type: ignore[arg-type]


def test_orders_under_the_regulation_have_figures_of_their_own() -> None:
    orders = [
        made(results=("EXECUTED",), answered_at=12 * DAY_MS),
        made(urgency="EMERGENCY", withdrawals=("VALIDATION_REFUSED",)),
        made(msg_type="PRS_REQ"),
        made(instrument="UNTOC"),
    ]
    rows = report(orders, ALL)
    assert values(rows, "E-a") == {
        "EPOC": Decimal(1),
        "EPOC emergency": Decimal(1),
        "EPOC-PR": Decimal(1),
    }
    assert values(rows, "E-c") == {"fulfilled": Decimal(1), "not fulfilled": Decimal(2)}
    assert values(rows, "E-e") == {"": Decimal(2)}
    assert values(rows, "E-i") == {"": Decimal(1)}


def test_only_requests_of_the_period_count() -> None:
    query = ReportQuery(10 * DAY_MS, 11 * DAY_MS, ())
    one_day = [made(opened_at=day * DAY_MS) for day in (9, 10, 11)]
    assert values(report(one_day, query), "requests") == {"MLA_REQ": Decimal(1)}


def test_a_request_of_two_measures_counts_once_under_each() -> None:
    rows = report([made(assists=("A42", "A43"))], ReportQuery(0, NOW, ("assist",)))
    counted = {row.split: row.value for row in rows if row.figure == "requests"}
    assert counted == {("A42",): Decimal(1), ("A43",): Decimal(1)}


def test_small_cells_are_left_out_of_what_is_published() -> None:
    query = ReportQuery(0, NOW, ("country",), is_published=True)
    many = [made() for _ in range(5)] + [made(country="EE")]
    rows = {row.split: row for row in report(many, query) if row.figure == "requests"}
    assert rows["PT",].value == Decimal(5)
    assert (rows["EE",].value, rows["EE",].requests) == (None, 0)


def test_spread_of_times() -> None:
    took = [made(acked_at=(10 + days) * DAY_MS) for days in range(1, 12)]
    (row,) = [row for row in report(took, ALL) if row.figure == "time_to_ack"]
    assert (row.value, row.median) == (Decimal(6), Decimal(6))
    assert (row.ninetieth, row.longest) == (Decimal(10), Decimal(11))


def test_csv_has_a_row_a_number_and_no_formula() -> None:
    rows = report([made(peer="=cmd")], ReportQuery(0, NOW, ("partner",)))
    head, *lines = as_csv(rows, ("partner",)).splitlines()
    assert head.startswith("figure,partner,code,unit,requests,value")
    assert len(lines) == len(rows)
    assert all(line.split(",")[1] == "'=cmd" for line in lines)


def test_every_figure_is_said_in_both_languages_and_named_once() -> None:
    assert len({one.name for one in FIGURES}) == len(FIGURES)
    for one in FIGURES:
        assert all(one.words)
        assert (one.amounts is None) is not (one.times is None)


@given(
    st.lists(
        st.builds(
            made,
            assists=st.lists(st.sampled_from(["A42", "A43"]), max_size=3).map(tuple),
            urgency=st.sampled_from(["ROUTINE", "EMERGENCY"]),
            acked_at=st.none() | st.integers(0, 20 * DAY_MS),
            results=st.lists(st.sampled_from(["EXECUTED", "NO_DATA"])).map(tuple),
        ),
        max_size=12,
    ),
    st.lists(st.sampled_from(sorted(DIMENSIONS)), unique=True, max_size=3),
)
def test_the_order_of_facts_changes_nothing(
    given_facts: list[RequestFacts], by: list[str]
) -> None:
    query = ReportQuery(0, NOW, tuple(by))
    assert report(given_facts, query) == report(given_facts[::-1], query)
