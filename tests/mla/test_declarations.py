"""Every declared field can be read by people of both working languages."""

import pytest

from gateway.mla.codelists import code_list, is_code
from gateway.mla.demanded import DEMANDS
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Block, ListOf, Need, fields_below
from gateway.mla.spellings import (
    DATE,
    DECIMAL,
    DURATION,
    ID,
    LANGUAGE,
    LOCAL_MOMENT,
    LONG_TEXT,
    MOMENT,
    PARTIAL_DATE,
    POINTER,
    TEXT,
)
from gateway.mla.types import all_types, message_type


def test_every_field_has_help_in_english_and_french() -> None:
    for declared in all_types():
        assert declared.title_en
        assert declared.title_fr
        for path, field in fields_below(message_block(declared, Form.COMPLETE)):
            assert field.help_en, path
            assert field.help_fr, path


def test_conditional_fields_and_only_they_have_a_condition() -> None:
    for declared in all_types():
        for path, field in fields_below(message_block(declared, Form.COMPLETE)):
            is_conditional = field.need is Need.CONDITIONAL
            assert is_conditional is (field.condition is not None), path


def test_no_block_declares_a_field_twice() -> None:
    for declared in all_types():
        block = message_block(declared, Form.COMPLETE)
        blocks = [block]
        for _, field in fields_below(block):
            kind = field.kind.item if isinstance(field.kind, ListOf) else field.kind
            if isinstance(kind, Block):
                blocks.append(kind)
        for each in blocks:
            names = [field.name for field in each.fields]
            assert len(names) == len(set(names)), each.name


def test_types_are_found_by_their_code() -> None:
    for declared in all_types():
        assert is_code("MSG_TYPE", declared.name)
        assert message_type(declared.name) is declared
        opens = code_list("MSG_TYPE").column(declared.name, "opens")
        assert declared.opens_case is (opens == "yes")
    assert message_type("NONSENSE") is None


def test_every_demand_of_the_list_of_assistance_is_declared() -> None:
    assist = code_list("ASSIST")

    demanded = {assist.column(code, "block") for code in assist.rows} - {""}

    assert demanded == set(DEMANDS)


@pytest.mark.parametrize(
    ("spelling", "good", "bad"),
    [
        (DATE, ["2026-02-28"], ["2026-02-29", "2026-02", "20260228", "2026-2-28", ""]),
        (PARTIAL_DATE, ["1981", "1981-05", "1981-05-02"], ["81", "1981-13", "0000"]),
        (
            MOMENT,
            ["2026-02-28T23:59:59Z", "2026-02-28T23:59:59.123Z"],
            [
                "2026-02-28T24:00:01Z",
                "2026-02-30T00:00:00Z",
                "2026-02-28T23:59:59",
                "2026-02-28T23:59:59+02:00",
                "2026-02-28 23:59:59Z",
                "2026-02-28T23:59:59Z\n",
                "Z",
            ],
        ),
        (
            LOCAL_MOMENT,
            ["2026-02-28T23:59:59+02:00", "2026-02-28T23:59:59Z"],
            ["2026-02-28T23:59:59+99:00", "2026-02-28T23:59:59"],
        ),
        (
            ID,
            [
                "4f118365-25a4-5a5b-b819-fef52f2c9444",
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            ],
            ["4F118365-25A4-5A5B-B819-FEF52F2C9444", "01arz3ndektsv4rrffq69g5fav", "1"],
        ),
        (TEXT, ["a line"], ["", " a", "a ", "a\nb"]),
        (LONG_TEXT, ["a\nb"], ["", " \n "]),
        (LANGUAGE, ["en", "sr-Latn"], ["EN", "english", ""]),
        (DECIMAL, ["1500.00", "-1", "0"], ["1,500", ".5", "1."]),
        (DURATION, ["P1Y6M", "P8M", "P10D"], ["P", "1Y", "PT1H"]),
        (POINTER, ["", "/a/0"], ["a"]),
    ],
)
def test_spellings_take_one_form_of_text(
    spelling: object, good: list[str], bad: list[str]
) -> None:
    matches = getattr(spelling, "matches", None)
    assert callable(matches)

    assert [text for text in good if not matches(text)] == []
    assert [text for text in bad if matches(text)] == []
