"""The schemas say of a document's shape what the node says."""

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla import spellings
from gateway.mla.checking import Place, check_value
from gateway.mla.codelists import code_list
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Kind, Spelling, When, fields_below
from gateway.mla.problems import text_at
from gateway.mla.schema import holds, schema_of, schema_of_all
from gateway.mla.types import all_types, message_type
from gateway.mla.types.model import MessageType
from gateway.mla.validate import blocking, validate
from tests.support.forms import (
    declared_places,
    in_form,
    sample,
    whole_messages,
    with_value,
    without,
)

MESSAGES = whole_messages()
FORMS = list(Form)
OTHER_VALUES: list[JsonValue] = [
    "",
    " x",
    "x\ny",
    "x\n",
    "NO_SUCH_CODE",
    "2026-13-01",
    "2026",
    "x" * 40_000,
    -1,
    True,
    [],
    ["x"],
    {},
]
WORDS = st.sampled_from(["", "A", "B", "C"])


@cache
def _schema(msg_type: str, form: Form) -> Draft202012Validator:
    declared = message_type(msg_type)
    assert declared is not None
    return _validator(schema_of(declared, form))


def _validator(schema: JsonObject) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(
        schema, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _fits(document: JsonObject, form: Form) -> bool:
    return _schema(str(document["msg_type"]), form).is_valid(document)


def _has_right_shape(document: JsonObject, form: Form) -> bool:
    """Tell whether nothing is wrong that hangs on the declaration alone."""
    declared = message_type(text_at(document, "msg_type") or "")
    assert declared is not None
    place = Place(document, node_has_added=form is Form.COMPLETE)
    return not list(check_value(document, message_block(declared, form), place))


def _places(document: JsonObject, form: Form) -> list[tuple[str, Kind]]:
    declared = message_type(str(document["msg_type"]))
    assert declared is not None
    block = message_block(declared, form)
    found = [(pointer, kind) for pointer, kind, _ in declared_places(document, block)]
    return [(pointer, kind) for pointer, kind in found if pointer != "/msg_type"]


def _conditions() -> Iterator[When]:
    for declared in all_types():
        for _, field in fields_below(message_block(declared, Form.COMPLETE)):
            if field.condition is not None:
                yield field.condition


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("declared", all_types(), ids=lambda declared: declared.name)
def test_every_type_has_a_schema_that_is_one(declared: MessageType, form: Form) -> None:
    Draft202012Validator.check_schema(schema_of(declared, form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_whatever_the_node_accepts_fits_its_schema(number: int, form: Form) -> None:
    document = in_form(MESSAGES[number], form)

    assert not blocking(validate(document, form=form))
    assert _fits(document, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_each_mandatory_field_is_missed_by_both(number: int, form: Form) -> None:
    whole = in_form(MESSAGES[number], form)
    declared = message_type(str(whole["msg_type"]))
    assert declared is not None

    # Each message misses some of its fields, and all of them together every kind.
    places = list(declared_places(whole, message_block(declared, form)))
    for pointer, _, field in places[number % 3 :: 3]:
        if field is None or pointer == "/msg_type":
            continue
        document = without(whole, pointer)
        assert _fits(document, form) == _has_right_shape(document, form), pointer


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_is_of_another_shape_is_refused_by_both(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMS))
    document = in_form(data.draw(st.sampled_from(MESSAGES)), form)
    places = dict(_places(document, form))
    for _ in range(data.draw(st.integers(1, 2))):
        pointer = data.draw(st.sampled_from(sorted(places)))
        value = data.draw(st.sampled_from(OTHER_VALUES))
        try:
            document = with_value(document, pointer, value)
        except (AssertionError, IndexError, KeyError, ValueError):
            continue  # the place went with what stood above it

    assert _fits(document, form) == _has_right_shape(document, form)


@pytest.mark.parametrize("pointer", ["/langage", "/payload/persns"])
def test_an_unknown_field_fits_no_schema(pointer: str) -> None:
    for form in FORMS:
        document = with_value(in_form(sample("MLA_REQ"), form), pointer, "x")
        assert not _fits(document, form)


def test_an_author_may_leave_in_what_the_node_gives() -> None:
    assert _fits(sample("MLA_REQ") | {"seq": "anything"}, Form.AUTHOR)
    assert not _fits(sample("MLA_REQ") | {"seq": "anything"}, Form.COMPLETE)


def test_a_field_that_hangs_on_another_place_is_asked_for_there() -> None:
    document = sample("MLA_REQ")
    bare = without(document, "/payload/offences/0/statute_text")
    measures = [
        pointer
        for pointer, _ in _places(bare, Form.COMPLETE)
        if pointer.startswith("/payload/measures/") and pointer.endswith("/assist")
    ]
    served = bare
    for pointer in measures:
        served = with_value(served, pointer, "A10")  # needs no text of law

    assert not _fits(bare, Form.COMPLETE)
    assert _fits(served, Form.COMPLETE)


def _values_about(condition: When) -> st.SearchStrategy[JsonValue]:
    """Return values in which a condition may hold or not."""
    words: list[JsonValue] = [*condition.values, "OTHER", "", ["x"], 1]
    found: st.SearchStrategy[JsonValue] = st.sampled_from(words)
    for step in reversed([step for step in condition.path.split("/") if step]):
        if step == "*":
            found = st.lists(found, max_size=3)
        else:
            found = st.dictionaries(st.sampled_from([step, "x"]), found)
    return found


@given(
    condition=st.sampled_from(sorted(set(_conditions()), key=str)),
    data=st.data(),
)
def test_a_condition_holds_in_the_schema_where_it_holds_for_the_node(
    condition: When, data: st.DataObject
) -> None:
    document = _values_about(condition)
    found = data.draw(document)

    whole = found if isinstance(found, dict) else {}
    expected = condition.holds(whole, whole)
    assert Draft202012Validator(holds(condition)).is_valid(whole) is expected


@given(st.data())
def test_patterns_tell_what_the_node_tells(data: st.DataObject) -> None:
    kinds = [one for one in vars(spellings).values() if isinstance(one, Spelling)]
    kind = data.draw(st.sampled_from(kinds))
    text = data.draw(st.from_regex(kind.pattern) | st.text(max_size=12))
    fits = Draft202012Validator({"pattern": kind.pattern}).is_valid(text)

    if kind.matches(text):
        assert fits
    elif fits and len(text) <= kind.max_chars:
        # Only what no calendar has, or what the profile of all messages refuses.
        assert kind.json_format or kind == spellings.PARTIAL_DATE, text


def test_every_form_of_text_that_is_declared_has_a_pattern() -> None:
    for declared in all_types():
        for path, field in fields_below(message_block(declared, Form.COMPLETE)):
            if isinstance(field.kind, Spelling):
                assert field.kind.pattern, path


@pytest.mark.parametrize(
    ("code", "is_known"), [("1704 00", True), ("1700 00", True), ("17x4 00", False)]
)
def test_a_code_that_refines_a_category_fits(code: str, *, is_known: bool) -> None:
    document = with_value(sample("MLA_REQ"), "/payload/offences/0/ecris", code)

    assert (code in code_list("OFF_ECRIS")) is is_known
    assert _fits(document, Form.COMPLETE) is is_known


def test_one_schema_for_all_tells_the_type_by_its_name() -> None:
    schema = _validator(schema_of_all(all_types(), Form.COMPLETE))

    for message in MESSAGES:
        assert schema.is_valid(message)
        broken = without(message, "/payload")
        assert not schema.is_valid(broken)
    assert not schema.is_valid({"msg_type": "NONSENSE"})
    assert not schema.is_valid({})
