"""Where a quick test passes a value, a closer look would have found nothing."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.checking import Place, check_value
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import (
    Block,
    Either,
    Kind,
    ListOf,
    Whole,
    may,
    must,
    must_if,
    when,
)
from gateway.mla.quick_tests import quick_test
from gateway.mla.spellings import FLAG, TEXT
from gateway.mla.types import message_type
from tests.support.forms import declared_places, whole_messages, with_value, without

MESSAGES = whole_messages()
OTHER_VALUES: list[JsonValue] = ["", "x\ny", "x" * 40_000, -1, True, [], ["x"], {}]
BLOCK = Block(
    "Example",
    (
        must("title", TEXT, "Title", "Titre"),
        may("flag", FLAG, "Flag", "Drapeau"),
        must_if(when("title", "other"), "other", TEXT, "Other", "Autre"),
    ),
)


def _places(message: JsonObject) -> list[tuple[str, Kind]]:
    declared = message_type(str(message["msg_type"]))
    assert declared is not None
    block = message_block(declared, Form.COMPLETE)
    return [(pointer, kind) for pointer, kind, _ in declared_places(message, block)]


def _at(value: JsonValue, pointer: str) -> JsonValue:
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value[step]
    return value


def _above(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


@settings(max_examples=300)
@given(st.data())
def test_nothing_is_wrong_in_a_block_or_list_that_is_passed(
    data: st.DataObject,
) -> None:
    message = data.draw(st.sampled_from(MESSAGES))
    places = dict(_places(message))
    pointer = data.draw(st.sampled_from([p for p in places if p != "/msg_type"]))
    value = data.draw(st.sampled_from([None, *OTHER_VALUES]))
    changed = (
        without(message, pointer)
        if value is None
        else with_value(message, pointer, value)
    )

    for above in list(_above(pointer))[1:]:
        kind, holder = places[above], _at(changed, above)
        if quick_test(kind)(holder):
            place = Place(changed, node_has_added=True)
            assert list(check_value(holder, kind, place)) == []


@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_every_plain_value_of_the_samples_is_passed(number: int) -> None:
    message = MESSAGES[number]

    for pointer, kind in _places(message):
        if not isinstance(kind, Block | ListOf | Either):
            assert quick_test(kind)(_at(message, pointer)), pointer


@pytest.mark.parametrize(
    ("value", "is_passed"),
    [
        ({"title": "t", "other": "o"}, True),
        ({"title": "t", "other": "o", "flag": True}, True),
        ({"title": "t", "other": "o", "flag": "yes"}, False),
        ({"title": "t", "other": "o", "flagg": True}, False),
        ({"other": "o"}, False),
        ("t", False),
    ],
)
def test_a_block_is_passed_with_declared_fields_only(
    value: JsonValue, *, is_passed: bool
) -> None:
    assert quick_test(BLOCK)(value) is is_passed


def test_a_block_that_lacks_a_conditional_field_is_looked_into() -> None:
    block: JsonObject = {"title": "t"}

    assert not quick_test(BLOCK)(block)
    assert list(check_value(block, BLOCK, Place(block, node_has_added=True))) == []


@pytest.mark.parametrize(
    ("value", "is_passed"),
    [([1], True), ([1, 3], True), ([], False), ([1, 2, 3], False), ([4], False)],
)
def test_a_list_is_passed_within_its_bounds(
    value: JsonValue, *, is_passed: bool
) -> None:
    kind = ListOf(Whole(1, 3), least=1, most=2)

    assert quick_test(kind)(value) is is_passed
