"""What each legal basis asks of a request is missed, and named with its article."""

from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.codelists import code_list
from gateway.mla.problems import ProblemCode
from gateway.mla.treaty.contents import (
    Duty,
    content_problems,
    duties,
    with_articles,
)
from gateway.mla.treaty.model import Mark
from gateway.mla.treaty.page import treaty_page
from gateway.mla.treaty.table import INSTRUMENTS, OPENING_TYPES
from gateway.mla.types import message_type
from gateway.mla.validate import refusing, validate
from tests.support.forms import (
    sample,
    sample_messages,
    whole_messages,
    with_value,
    without,
)
from tests.support.made_forms import made_message

PAGE = Path(__file__).parents[2] / "docs" / "treaties.md"

CELLS = [
    pytest.param(msg_type, duty, id=f"{msg_type} {duty.article} {duty.demand.words}")
    for msg_type in sorted(OPENING_TYPES)
    for code in INSTRUMENTS
    for duty in duties(msg_type, code)
]


def base_of(msg_type: str) -> JsonObject:
    declared = message_type(msg_type)
    assert declared is not None
    return made_message(declared)


def emptied(value: JsonValue, steps: list[str]) -> None:
    """Remove what a path leads to, in place."""
    step, *rest = steps
    if step == "*":
        if isinstance(value, list) and rest:
            for item in value:
                emptied(item, rest)
        elif isinstance(value, list):
            value.clear()
    elif isinstance(value, dict) and step in value:
        if rest:
            emptied(value[step], rest)
        else:
            del value[step]


def asked(msg_type: str, duty: Duty) -> JsonObject:
    """Return a form of which the duty is asked, and which lacks what it asks for."""
    form = base_of(msg_type) | {"instrument": [duty.article.split(" ")[0]]}
    demand = duty.demand
    payload = form["payload"]
    assert isinstance(payload, dict)
    if "measures" in payload:
        kind = min(demand.assist) if demand.assist else "A99"
        measure: JsonObject = {"measure_id": "M1", "assist": kind, "description": []}
        payload["measures"] = [measure]
    if demand.each == "/payload/offences/*":
        payload["offences"] = [{"title": []}]
    if demand.each == "/payload/assets/*":
        payload["assets"] = [{"asset_id": "B1"}]
    if demand.condition is not None and demand.condition.path == "/urgency":
        form["urgency"] = demand.condition.values[0]
    if demand.condition is not None and demand.condition.path.startswith("/payload"):
        payload["assets"] = [{"asset_id": "B1", "basis": "EQUIVALENT"}]
    for field in demand.fields:
        path = f"{demand.each}/{field}" if demand.each else field
        emptied(form, path.split("/")[1:])
    return form


@pytest.mark.parametrize(("msg_type", "duty"), CELLS)
def test_a_broken_duty_is_named_with_its_article(msg_type: str, duty: Duty) -> None:
    found = [
        problem
        for problem in content_problems(asked(msg_type, duty))
        if duty.article in problem.article.split("; ")
    ]

    assert found, duty
    heaviest = max(found, key=lambda one: (one.blocking, one.refuses))
    if not duty.demand.where_possible:
        assert heaviest.blocking
    if duty.demand.mark is Mark.VERIFIED:
        assert heaviest.refuses


HARD, SOFT = "refuses", "may be overridden, or advice"

# One broken duty, one article; the legal bases of the sample cases.
VECTORS = [
    ("PRS_REQ", 0, "/payload/requesting_authority", "BUDAPEST 29(2)(a)", HARD),
    ("PRS_REQ", 0, "/payload/offences", "BUDAPEST 29(2)(b)", HARD),
    ("PRS_REQ", 0, "/payload/facts", "BUDAPEST 29(2)(b)", HARD),
    ("PRS_REQ", 0, "/payload/necessity", "BUDAPEST 29(2)(e)", HARD),
    ("PRS_REQ", 0, "/payload/followup_intended", "BUDAPEST 29(2)(f)", HARD),
    ("PRS_REQ", 0, "/payload/custodian", "BUDAPEST 29(2)(d)", SOFT),
    ("MLA_REQ", 0, "/payload/facts", "BUDAPEST 25(4), 27", SOFT),
    ("MLA_REQ", 1, "/payload/requesting_authority", "UNTOC 18(15)(a)", SOFT),
    ("MLA_REQ", 1, "/payload/proceedings", "UNTOC 18(15)(b)", SOFT),
    ("MLA_REQ", 1, "/payload/facts", "UNTOC 18(15)(c)", SOFT),
    ("MLA_REQ", 1, "/payload/facts", "UNCAC 46(15)(c)", SOFT),
    ("MLA_REQ", 1, "/payload/measures", "UNCAC 46(15)(d)", SOFT),
    ("MLA_REQ", 1, "/payload/persons", "UNTOC 18(15)(e)", SOFT),
    ("MLA_REQ", 1, "/purpose", "UNTOC 18(15)(f)", SOFT),
    ("CR_REQ", 0, "/payload/cr_purpose", "ECRIS 6(1)", SOFT),
    ("CR_REQ", 0, "/payload/person", "ECRIS 6, Annex form", SOFT),
    ("CR_NOT", 0, "/payload/conviction", "ECRIS 11(1)(a)", SOFT),
    ("HRG_REQ", 0, "/payload/facts", "COE1959 14(2)", SOFT),
    ("HRG_REQ", 0, "/payload/hearing", "COE2001 9(3)", SOFT),
    ("HRG_REQ", 0, "/payload/persons/0/addresses", "COE1959 14(1)(d)", SOFT),
]


@pytest.mark.parametrize(
    ("msg_type", "number", "pointer", "article", "weight"), VECTORS
)
def test_the_samples_without_one_duty(
    msg_type: str, number: int, pointer: str, article: str, weight: str
) -> None:
    broken = without(sample(msg_type, number), pointer)

    found = [one for one in content_problems(broken) if article in one.article]

    assert found
    assert any(one.refuses for one in found) is (weight == HARD)


def test_the_samples_break_no_duty() -> None:
    for message in sample_messages():
        assert [one for one in content_problems(message) if one.blocking] == []


def test_facts_that_are_missing_name_the_article_of_each_convention() -> None:
    broken = without(sample("MLA_REQ", 1), "/payload/facts")

    problems = with_articles(broken, validate(broken))

    (told,) = [one for one in problems if one.pointer == "/payload/facts"]
    assert told.article == "UNTOC 18(15)(c); UNCAC 46(15)(c)"
    assert told.refuses


@pytest.mark.parametrize("kind", ["A10", "A12"])
def test_service_and_records_are_asked_for_without_facts(kind: str) -> None:
    request = without(sample("MLA_REQ", 1), "/payload/facts")
    request = without(request, "/payload/offences/0/statute_text")
    payload = request["payload"]
    assert isinstance(payload, dict)
    payload["measures"] = [{"measure_id": "M1", "assist": kind}]

    places = [one.pointer for one in content_problems(request) if one.blocking]

    assert "/payload/facts" not in places
    assert not any("statute_text" in place for place in places)


def test_facts_are_asked_for_as_soon_as_something_else_is() -> None:
    request = without(sample("MLA_REQ", 1), "/payload/facts")
    payload = request["payload"]
    assert isinstance(payload, dict)
    payload["measures"] = [{"assist": "A10"}, {"assist": "A45"}]

    places = [one.pointer for one in content_problems(request)]

    assert "/payload/facts" in places


def test_e_evidence_refuses_what_others_let_pass_with_a_reason() -> None:
    request = without(sample("MLA_REQ", 0), "/payload/remedies")

    for code, is_hard in (("EEV", True), ("EIO", False)):
        found = content_problems(request | {"instrument": [code]})
        (remedies,) = [one for one in found if one.pointer == "/payload/remedies"]
        assert remedies.refuses is is_hard
        assert remedies.blocking


def test_a_reason_is_no_way_round_what_one_of_two_instruments_refuses() -> None:
    request = without(sample("MLA_REQ", 0), "/payload/remedies")
    request["instrument"] = ["EIO", "EEV"]

    (told,) = [
        one for one in content_problems(request) if one.pointer == "/payload/remedies"
    ]

    assert told.refuses
    assert told.article == "EIO Annex A section J; EEV 13(3), 18"


@pytest.mark.parametrize(
    ("code", "article"), [("COE1978", "COE1978 1"), ("UNTOC", "UNTOC 18(22)")]
)
def test_a_barred_ground_is_named_with_the_provision(code: str, article: str) -> None:
    refusal = sample("DEC")
    refusal["instrument"] = [code]
    payload = refusal["payload"]
    assert isinstance(payload, dict)
    payload["decisions"] = [
        {"measure_id": "M1", "outcome": "REFUSE", "refusal": ["R07"]}
    ]

    (told,) = content_problems(refusal)

    assert told.pointer == "/payload/decisions/0/refusal/0"
    assert (told.code, told.article) == (ProblemCode.BASIS, article)


def test_bank_secrecy_is_refused_with_the_article_that_bars_it() -> None:
    refusal = sample("DEC")
    payload = refusal["payload"]
    assert isinstance(payload, dict)
    decision = deepcopy(payload["decisions"])
    assert isinstance(decision, list)
    assert isinstance(decision[0], dict)
    payload["decisions"] = [decision[0] | {"outcome": "REFUSE", "refusal": ["R21"]}]
    refusal["instrument"] = ["UNTOC"]

    told = with_articles(refusal, validate(refusal))

    assert "UNTOC 18(8)" in [one.article for one in refusing(told)]


def test_types_that_open_no_case_have_no_duties() -> None:
    for message in whole_messages():
        if message["msg_type"] not in OPENING_TYPES and message["msg_type"] != "DEC":
            assert content_problems(message) == []


def test_the_table_has_every_instrument_and_cites_an_article_for_every_demand() -> None:
    assert set(INSTRUMENTS) == set(code_list("INSTRUMENT").rows)
    for instrument in INSTRUMENTS.values():
        for demand in instrument.demands:
            assert demand.article
            assert demand.words
            assert demand.fields


def test_every_demand_falls_on_some_type() -> None:
    for code, instrument in INSTRUMENTS.items():
        met = {
            (duty.demand.article, duty.demand.words)
            for msg_type in OPENING_TYPES
            for duty in duties(msg_type, code)
        }
        wanted = {(demand.article, demand.words) for demand in instrument.demands}
        assert met == wanted, code


def test_the_page_is_written_from_the_table() -> None:
    """Made by: python -c 'from gateway.mla.treaty.page import treaty_page as p;
    print(p(), end="")' > docs/treaties.md
    """
    assert PAGE.read_text(encoding="utf-8") == treaty_page()


_junk = st.recursive(
    st.text(max_size=12) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["measures", "assist", "offences", "facts", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(OPENING_TYPES)),
    st.lists(st.sampled_from(sorted(INSTRUMENTS)) | st.text(max_size=4), max_size=4),
    _junk,
)
def test_nothing_is_raised_whatever_a_document_holds(
    msg_type: str, bases: list[str], payload: JsonValue
) -> None:
    document: JsonObject = {
        "msg_type": msg_type,
        "instrument": list(bases),
        "payload": payload,
    }

    problems = content_problems(document)

    assert len({one.pointer for one in problems}) == len(problems)
    assert all(one.article for one in problems)
    with_articles(document, validate(document))


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(OPENING_TYPES)),
    st.lists(st.sampled_from(sorted(INSTRUMENTS)), min_size=1, max_size=3, unique=True),
)
def test_more_instruments_never_ask_for_less(msg_type: str, bases: list[str]) -> None:
    form = base_of(msg_type)
    alone = {
        one.pointer
        for code in bases
        for one in content_problems(form | {"instrument": [code]})
    }

    together = content_problems(form | {"instrument": list(bases)})

    assert {one.pointer for one in together} == alone


def test_what_is_asked_where_possible_is_advice() -> None:
    request = without(sample("MLA_REQ", 1), "/payload/persons")

    (told,) = [
        one for one in content_problems(request) if one.pointer == "/payload/persons"
    ]

    assert not told.blocking


def test_an_unknown_legal_basis_asks_for_nothing() -> None:
    request = with_value(sample("MLA_REQ", 1), "/instrument", ["NO_SUCH"])

    assert content_problems(request) == []
