"""Parts of forms: moments, buttons, what is known already, problems at their fields."""

import pytest

from gateway.console.forms.building import Setting, fields_of
from gateway.console.forms.drafting import Known, first_draft, item_of, taken_over
from gateway.console.forms.editing import Change, Edit, edit_of, edited
from gateway.console.forms.moments import moment_parts, moment_text
from gateway.console.forms.nodes import (
    Closed,
    Entry,
    Group,
    Rows,
    Widget,
    below,
    filled,
)
from gateway.console.forms.places import value_at
from gateway.console.forms.posting import draft_from
from gateway.console.forms.sections import Part, author_block, nodes_of, sections_of
from gateway.console.forms.telling import about_what_is_written, findings
from gateway.core.canonical import JsonObject
from gateway.core.errors import UsageError
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import Problem, ProblemCode
from gateway.mla.spellings import LOCAL_MOMENT, MOMENT
from gateway.mla.types import declared_type
from gateway.mla.validate import validate
from gateway.mla.wording import Language

REQUEST = declared_type("MLA_REQ")
BLOCK = author_block(REQUEST)


# --- moments ---


@pytest.mark.parametrize(
    ("local", "zone", "utc", "kept"),
    [
        ("2026-11-21T23:05", "UTC", "2026-11-21T23:05:00Z", "2026-11-21T23:05:00Z"),
        ("2026-11-21T23:05:09", "", "2026-11-21T23:05:09Z", "2026-11-21T23:05:09Z"),
        (
            *("2026-07-01T12:00", "Europe/Oslo"),
            *("2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00"),
        ),
        (
            *("2026-01-01T12:00", "Europe/Oslo"),
            *("2026-01-01T11:00:00Z", "2026-01-01T12:00:00+01:00"),
        ),
        (
            *("2026-01-01T00:30:00.25", "+5:30"),
            *("2025-12-31T19:00:00.25Z", "2026-01-01T00:30:00.25+05:30"),
        ),
        (
            *("2026-01-01T00:30", "-03:00"),
            *("2026-01-01T03:30:00Z", "2026-01-01T00:30:00-03:00"),
        ),
    ],
)
def test_a_moment_is_entered_as_people_read_their_clock(
    local: str, zone: str, utc: str, kept: str
) -> None:
    assert moment_text(local, zone, MOMENT) == utc
    assert moment_text(local, zone, LOCAL_MOMENT) == kept
    assert MOMENT.matches(utc)
    assert LOCAL_MOMENT.matches(kept)
    assert moment_text(*moment_parts(kept), LOCAL_MOMENT) == kept


@pytest.mark.parametrize(
    ("local", "zone"),
    [
        ("yesterday", "UTC"),
        ("2026-11-21T23:05", "Europe/Nowhere"),
        ("2026-13-41T23:05", "UTC"),
        ("0001-01-01T00:00", "+14:00"),
        ("2026-11-21T23:05", "+99:99:99"),
    ],
)
def test_what_is_no_moment_stays_what_it_was_and_is_told(local: str, zone: str) -> None:
    text = moment_text(local, zone, MOMENT)
    assert text.startswith(local)
    assert not MOMENT.matches(text)
    assert moment_text("", zone, MOMENT) == ""


# --- buttons ---


def _pressed(draft: JsonObject, button: str) -> tuple[JsonObject, str]:
    edit = edit_of(button)
    assert edit is not None
    return edited(draft, edit, BLOCK)


def test_rows_get_short_ids_that_are_free() -> None:
    draft, at = _pressed({}, "add:payload.persons")
    draft, again = _pressed(draft, "add:payload.persons")
    draft, _ = _pressed(draft, "remove:payload.persons.0")
    draft, third = _pressed(draft, "add:payload.persons")

    assert (at, again, third) == (
        "/payload/persons/0",
        "/payload/persons/1",
        "/payload/persons/1",
    )
    assert value_at(draft, "/payload/persons") == [
        {"person_id": "P2"},
        {"person_id": "P1"},
    ]


def test_a_part_is_opened_closed_and_put_in_place_of_a_text() -> None:
    conducting = "payload.proceedings.authority_conducting"
    draft: JsonObject = {"payload": {"proceedings": {"authority_conducting": "Court"}}}

    opened, _ = _pressed(draft, f"open:{conducting}")
    assert value_at(opened, "/payload/proceedings/authority_conducting") == {}
    narrowed, _ = _pressed(opened, f"narrow:{conducting}")
    assert value_at(narrowed, "/payload/proceedings/authority_conducting") == ""
    costs, _ = _pressed(draft, "open:payload.costs")
    without, at = _pressed(costs, "remove:payload.costs")
    assert (without, at) == (draft, "/payload")
    top, _ = _pressed({"bilateral_treaty": {}}, "remove:bilateral_treaty")
    assert top == {}


def test_a_text_gets_a_translation_beside_it() -> None:
    draft, at = _pressed({"language": "et"}, "add:payload.facts.summary")
    assert at == "/payload/facts/summary/1"
    assert value_at(draft, "/payload/facts/summary") == [
        {"lang": "et", "text": ""},
        {"is_translation": True},
    ]


def test_a_button_for_what_is_gone_changes_nothing() -> None:
    draft: JsonObject = {"payload": {"persons": [{"person_id": "P1"}]}}
    assert _pressed(draft, "remove:payload.persons.7")[0] == draft
    assert _pressed(draft, "remove:payload.costs")[0] == draft
    assert _pressed(draft, "add:payload.costs")[0] == draft
    assert _pressed(draft, "open:payload.persons.9.birth_place")[0] == draft
    full: JsonObject = {"approval": [{}] * 10}
    assert _pressed(full, "add:approval")[0] == full


@pytest.mark.parametrize("button", ["add:", "add:nothing", f"add:{'x.' * 400}"])
def test_a_button_for_no_place_is_refused(button: str) -> None:
    with pytest.raises(UsageError):
        _pressed({}, button)


def test_other_buttons_change_nothing() -> None:
    assert edit_of("check") is None
    assert edit_of("move:payload") is None
    assert edit_of("add:payload.persons") == Edit(Change.ADD, "/payload/persons")


# --- what is known already ---


def test_a_fresh_request_says_what_needs_no_decision() -> None:
    draft = first_draft(REQUEST, Known(language="fr", instruments=("UNTOC",)))

    assert draft["instrument"] == ["UNTOC"]
    assert draft["urgency"] == "ROUTINE"
    assert draft["approval"] == [{}]
    assert value_at(draft, "/payload/measures") == [{"measure_id": "M1"}]
    assert "purpose" not in draft


def test_a_decision_begins_with_a_row_for_each_measure() -> None:
    decision = declared_type("DEC")
    known = Known(language="en", case_id="c", reply_to="m", measures=("M1", "M2"))
    draft = first_draft(decision, known)
    assert value_at(draft, "/payload/decisions") == [
        {"measure_id": "M1"},
        {"measure_id": "M2"},
    ]

    answered: JsonObject = {
        "purpose": "TRIAL",
        "instrument": ["COE1959"],
        "sender_ref": "THEIRS",
        "payload": {"measures": [{"measure_id": "M7"}, {"measure_id": 3}, "x"]},
    }
    taken = taken_over(draft, decision, answered)
    assert (taken["purpose"], taken["instrument"]) == ("TRIAL", ["COE1959"])
    assert taken["recipient_ref"] == "THEIRS"
    assert value_at(taken, "/payload/decisions") == [{"measure_id": "M7"}]

    written: JsonObject = {"decisions": [{"measure_id": "M1", "outcome": "ACCEPT"}]}
    kept = taken_over(draft | {"payload": written}, decision, answered)
    assert kept["payload"] == written
    assert taken_over(draft, decision, {})["payload"] == draft["payload"]


def test_rows_that_are_numbered_number_themselves() -> None:
    questions = declared_type("CLR_REQ")
    draft = first_draft(questions, Known(language="en"))
    assert value_at(draft, "/payload/items") == [{"item": 1}]
    edit = Edit(Change.ADD, "/payload/items")
    more, _ = edited(draft, edit, author_block(questions))
    assert value_at(more, "/payload/items") == [{"item": 1}, {"item": 2}]

    answers = declared_type("CLR_RSP")
    asked: JsonObject = {"payload": {"items": [{"item": 3}, {"item": 5}, {}]}}
    answer = taken_over(first_draft(answers, Known(language="en")), answers, asked)
    assert value_at(answer, "/payload/answers") == [{"item": 3}, {"item": 5}]


def test_an_item_begins_with_its_file_and_not_with_a_measure() -> None:
    evidence = declared_type("EVD")
    draft = first_draft(evidence, Known(language="en", measures=("M1", "M2")))
    assert draft["payload"] == {}
    item = item_of(draft | {"purpose": "TRIAL"}, "a.pdf")
    assert item["custody"] == [{"seq": 1}]
    assert (item["file_name"], item["purpose"]) == ("a.pdf", "TRIAL")


# --- what is shown ---


def _fields(draft: JsonObject, **changes: object) -> dict[str, Entry | Group | Rows]:
    setting = Setting(draft=draft, **changes)  # type: ignore[arg-type]
    nodes = nodes_of(sections_of(REQUEST, setting))
    return {
        inner.head.pointer: inner
        for node in nodes
        for inner in below(node)
        if isinstance(inner, Entry | Group | Rows)
    }


def test_a_field_that_a_condition_asks_for_comes_and_goes() -> None:
    urgent: JsonObject = {"urgency": "EMERGENCY"}
    assert "/payload/emergency" in _fields(urgent)
    assert "/payload/emergency" not in _fields({"urgency": "ROUTINE"})
    # Opened by itself, and nothing in it: it goes when it is not asked for any more.
    pairs = [
        ("_open", "payload"),
        ("_open", "payload.emergency"),
        ("urgency", "URGENT"),
    ]
    assert draft_from(pairs, BLOCK)["payload"] == {}
    written = [*pairs, ("payload.emergency.facts.0.text", "A bomb")]
    kept = draft_from(written, BLOCK)
    assert value_at(kept, "/payload/emergency/facts/0/text") == "A bomb"


def test_short_ids_of_the_form_are_offered_where_it_refers_to_them() -> None:
    draft: JsonObject = {
        "payload": {
            "persons": [{"person_id": "P1", "surname": "Tamm"}],
            "measures": [{"measure_id": "M1", "person_ids": ["P1", "P9"]}],
        }
    }
    found = _fields(draft)
    persons = found["/payload/measures/0/person_ids"]
    assert isinstance(persons, Entry)
    assert persons.widget is Widget.CHECKS
    assert [one.label for one in persons.options] == ["P1 (Tamm)", "P9"]
    own = found["/payload/persons/0/person_id"]
    assert isinstance(own, Entry)
    assert own.widget is Widget.LINE


def test_what_an_instrument_asks_for_says_so() -> None:
    asked = {"/payload/special_procedure": "UNTOC 18(17)"}
    setting = Setting(draft={}, articles=asked)
    (node,) = [
        one
        for one in nodes_of(sections_of(REQUEST, setting))
        if one.head.pointer == "/payload/special_procedure"
    ]
    assert node.head.because == "UNTOC 18(17)"
    basis, content, *_ = sections_of(REQUEST, setting)
    assert (basis.part, content.part) == (Part.BASIS, Part.CONTENT)
    assert node in content.first


def test_only_what_is_filled_in_is_shown_to_be_looked_through() -> None:
    draft: JsonObject = {
        "purpose": "TRIAL",
        "payload": {"persons": [{"person_id": "P1"}, {}], "facts": {}},
    }
    nodes = filled(fields_of(BLOCK, Setting(draft=draft)))
    pointers = {inner.head.pointer for node in nodes for inner in below(node)}
    assert pointers == {
        *("/purpose", "/payload", "/payload/persons", "/payload/persons/0"),
        "/payload/persons/0/person_id",
    }
    assert not any(isinstance(one, Closed) for one in nodes)


# --- problems at their fields ---


def _found(draft: JsonObject, language: Language) -> dict[str, str]:
    nodes = nodes_of(sections_of(REQUEST, Setting(draft=draft)))
    problems = validate(draft, form=Form.AUTHOR)
    told = findings(problems, nodes, BLOCK, language)
    return {one.anchor: one.words for one in told.told}


def test_a_problem_is_told_at_its_field_in_the_readers_language() -> None:
    draft = first_draft(REQUEST, Known(language="English!"))
    english, french = (_found(draft, one) for one in Language)

    assert english["f-purpose"] == "Choose one"
    assert english["f-language"] == "Expected: a language code like en"
    assert english["f-payload-offences"] == "Add at least one"
    assert french["f-purpose"] == "À choisir"
    assert french["f-language"] == "Attendu : un code de langue comme fr"
    assert french["f-sender_ref"] == "À remplir"


def test_a_problem_deep_in_what_is_not_shown_is_told_at_what_is() -> None:
    draft = first_draft(REQUEST, Known(language="en"))
    nodes = nodes_of(sections_of(REQUEST, Setting(draft=draft)))
    problems = [
        Problem("/payload/costs/items/3/amount", ProblemCode.REF, "amount: odd"),
        Problem("", ProblemCode.STATE, "form: out of place in its case"),
        Problem(
            *("/purpose", ProblemCode.BASIS, "purpose: barred"), is_overridable=True
        ),
        Problem("/urgency", ProblemCode.CODE, "urgency: rarely", blocking=False),
    ]
    told = findings(problems, nodes, BLOCK, Language.ENGLISH)

    assert [one.anchor for one in told.told] == [
        *("", "f-purpose", "f-urgency", "f-payload-costs"),
    ]
    assert [one.words for one in told.overridable] == ["Barred"]
    assert [one.words for one in told.advice] == ["Rarely"]
    assert len(told.refusing) == 2
    assert [one.words for one in told.at("f-payload-costs")] == ["Odd"]


def test_what_nobody_has_come_to_yet_is_not_told() -> None:
    draft: JsonObject = {"purpose": "NONSENSE", "payload": {"facts": {}}}
    problems = validate(draft | {"msg_type": "MLA_REQ"}, form=Form.AUTHOR)
    written = about_what_is_written(problems, draft)

    assert [one.pointer for one in written] == ["/purpose"]
