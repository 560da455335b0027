"""What markings demand, and what received data may be used for: tables tried whole."""

import re
from pathlib import Path

import pytest

from gateway.core.canonical import JsonObject
from gateway.mla.docket import docket_entry
from gateway.mla.handling import (
    HANDLING_RULES,
    NEVER_KEPT_WAITING,
    SPECIAL,
    Demand,
    Stricter,
    demands_of,
    release_reasons,
)
from gateway.mla.necessity import is_stated
from gateway.mla.purposes import (
    EXCEPTIONS,
    CaseMessage,
    Use,
    conditions_on,
    consents,
    refusal_of,
)

SPECIFICATION = Path(__file__).parents[2] / "docs" / "specification.md"
ITEM = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
OTHER_ITEM = "6ba7b811-9dad-41d1-80b4-00c04fd430c8"


def carrying(marking: str, *, in_item: bool = False) -> JsonObject:
    """Return a message with a marking, or with a special category of data."""
    holder: JsonObject = (
        {"personal_data": [{"category": "HEALTH"}], "handling": ["TLP:AMBER"]}
        if marking == SPECIAL
        else {"handling": [marking]}
    )
    if in_item:
        return {"msg_type": "RSP", "payload": {"manifest": [holder]}}
    return {"msg_type": "RSP"} | holder


@pytest.mark.parametrize("in_item", [False, True])
@pytest.mark.parametrize("rule", HANDLING_RULES, ids=lambda rule: rule.marking)
def test_each_marking_demands_what_its_row_says(rule: object, in_item: bool) -> None:  # noqa: FBT001 - a parameter of the test
    wanted = next(one for one in HANDLING_RULES if one is rule)
    document = carrying(wanted.marking, in_item=in_item)
    assert demands_of(document) == wanted.demands
    assert release_reasons(document) == (wanted.marking,)


def test_the_specification_has_the_same_table() -> None:
    rows = re.findall(
        r"^\| `(\S+)` \| (yes)? ?\| (yes)? ?\| (yes)? ?\| (yes)? ?\| (.+?) \|$",
        SPECIFICATION.read_text(),
        re.MULTILINE,
    )
    columns = (Demand.RELEASE, Demand.OPENING, Demand.NAMED_READERS, Demand.NO_COPY)
    told = {
        (row[0], frozenset(d for d, y in zip(columns, row[1:5], strict=True) if y))
        for row in rows
    }
    assert told == {(rule.marking, rule.demands) for rule in HANDLING_RULES}


def test_what_only_acknowledges_or_stops_never_waits() -> None:
    for name in NEVER_KEPT_WAITING:
        assert release_reasons(carrying("EYES_ONLY") | {"msg_type": name}) == ()


def test_a_node_may_be_stricter() -> None:
    document: JsonObject = {"msg_type": "DEC", "handling": ["TLP:AMBER", "SEALED"]}
    assert release_reasons(document) == ()
    by_type = Stricter(types=frozenset({"DEC"}))
    assert release_reasons(document, by_type) == ("DEC",)
    by_marking = Stricter(markings=frozenset({"SEALED"}))
    assert release_reasons(document, by_marking) == ("SEALED",)


@pytest.mark.parametrize("text", ["", " ", "Necessary", "nécessaire ", "必要"])
def test_a_bare_word_states_nothing(text: str) -> None:
    assert not is_stated(text)


@pytest.mark.parametrize(
    "text", ["To find him", "для следствия", "捜査のために必要です"]
)
def test_a_statement_is_more_than_a_word(text: str) -> None:
    assert is_stated(text)


# --- purpose ---


def message(
    msg_type: str, msg_id: str, *, is_ours: bool, **fields: object
) -> CaseMessage:
    entry = {"msg_type": msg_type, "msg_id": msg_id, "case_id": "case-1", **fields}
    return CaseMessage(id=msg_id, is_ours=is_ours, entry=entry)  # type: ignore[arg-type]  # JSON


ANSWER = message(
    "RSP",
    "answer",
    is_ours=False,
    purpose="INVESTIGATION",
    instrument=["UNTOC"],
    sender_ref="LU-7",
    payload={
        "manifest": [
            {"item_id": ITEM, "purpose": "INVESTIGATION", "conditions": ["C01"]}
        ]
    },
)


def asking(**payload: object) -> CaseMessage:
    asked = {"items": [ITEM], "new_purpose": "RELATED_PROC"} | payload
    return message("USE_REQ", "ask", is_ours=True, payload=asked)


def answering(answer: str, *, is_ours: bool = False, **payload: object) -> CaseMessage:
    told = {"answer": answer} | payload
    return message("USE_RSP", "told", is_ours=is_ours, in_reply_to="ask", payload=told)


def refused(use: Use, *case: CaseMessage) -> bool:
    return bool(refusal_of(use, ANSWER.entry, [ANSWER, *case]))


RELATED = Use(purpose="RELATED_PROC")


def test_the_own_purpose_and_case_need_nothing() -> None:
    assert not refused(Use(purpose="INVESTIGATION"))
    assert not refused(Use(purpose="INVESTIGATION", case_number="LU-7"))


def test_another_purpose_needs_an_answer_that_grants_it() -> None:
    assert refused(RELATED)
    assert refused(RELATED, asking())
    assert refused(RELATED, asking(), answering("DENIED"))
    assert not refused(RELATED, asking(), answering("GRANTED"))
    assert not refused(RELATED, asking(), answering("CONDITIONS", conditions=["C02"]))
    assert refused(Use(purpose="TRIAL"), asking(), answering("GRANTED"))
    assert refused(RELATED, asking(items=[OTHER_ITEM]), answering("GRANTED"))
    assert refused(RELATED, asking(), answering("GRANTED", items=[OTHER_ITEM]))


def test_nobody_grants_themselves_anything() -> None:
    theirs = message("USE_REQ", "ask", is_ours=False, payload=asking().entry["payload"])
    assert refused(RELATED, theirs, answering("GRANTED", is_ours=True))
    assert refused(RELATED, asking(), answering("GRANTED", is_ours=True))
    assert refused(RELATED, theirs, answering("GRANTED"))


def test_another_case_needs_a_grant_that_names_it() -> None:
    other = Use(purpose="RELATED_PROC", case_number="SI-K-2026-560")
    assert refused(Use(purpose="INVESTIGATION", case_number="SI-K-2026-560"))
    assert refused(other, asking(), answering("GRANTED"))
    granted = asking(case_number="SI-K-2026-560")
    assert not refused(other, granted, answering("GRANTED"))


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda one: one.purpose)
def test_a_treaty_makes_its_exceptions(exception: object) -> None:
    row = next(one for one in EXCEPTIONS if one is exception)
    use = Use(purpose=row.purpose)
    for instrument in ("UNTOC", "UNCAC", "ECRIS", "BUDAPEST"):
        entry = ANSWER.entry | {"instrument": [instrument]}
        assert bool(refusal_of(use, entry, [])) is (instrument not in row.instruments)


def test_conditions_follow_the_data() -> None:
    decision = message(
        "DEC",
        "dec",
        is_ours=False,
        payload={"conditions": [{"id": "K1", "code": "C03"}]},
    )
    ours = message("CND_RSP", "ok", is_ours=True, payload={"conditions": ["C99"]})
    told = answering("CONDITIONS", conditions=["C02"])
    found = conditions_on(ANSWER, [ANSWER, decision, ours, asking(), told])
    assert [(one.code, one.message_id, one.item_id) for one in found] == [
        ("C01", "answer", ITEM),
        ("C03", "dec", ""),
        ("C02", "told", ""),
    ]


def test_a_grant_has_its_country_and_conditions() -> None:
    told = answering("CONDITIONS", conditions=["C02"])
    (consent,) = consents([asking(new_country="CL"), told])
    assert (consent.country, consent.conditions) == ("CL", frozenset({"C02"}))
    assert consent.covers(frozenset({ITEM}))
    assert not consent.covers(frozenset({OTHER_ITEM}))


def test_what_the_rules_look_at_is_kept_beside_sealed_content() -> None:
    document: JsonObject = {
        "msg_type": "RSP",
        "purpose": "INVESTIGATION",
        "handling": ["TLP:AMBER"],
        "personal_data": [{"category": "HEALTH", "justification": "secret words"}],
        "payload": {
            "manifest": [
                {"handling": ["EYES_ONLY"], "conditions": ["C01"], "item_id": ITEM}
            ]
        },
    }
    entry = docket_entry(document)
    assert demands_of(entry) == demands_of(document)
    assert "secret words" not in str(entry)
