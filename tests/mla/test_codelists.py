"""A code is what its list holds, or what refines an entry of it."""

import pytest

from gateway.mla.codelists import code_list, code_list_names, is_code
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Code, Kind, ListOf, fields_below
from gateway.mla.types import all_types


def _code_kinds(kind: Kind) -> list[Code]:
    if isinstance(kind, ListOf):
        return _code_kinds(kind.item)
    return [kind] if isinstance(kind, Code) else []


def test_every_list_has_a_title_and_codes_with_labels() -> None:
    for name in code_list_names():
        codes = code_list(name)
        assert codes.title
        assert codes.rows
        assert all(codes.label(code) for code in codes.rows)


def test_declarations_name_lists_and_codes_that_exist() -> None:
    for declared in all_types():
        for path, field in fields_below(message_block(declared, Form.COMPLETE)):
            for kind in _code_kinds(field.kind):
                for code in (*kind.only, *kind.never):
                    assert is_code(kind.list_name, code), path
                assert kind.list_name in code_list_names(), path


@pytest.mark.parametrize(
    ("list_name", "code", "label"),
    [
        ("ASSIST", "A42", "Subscriber information"),
        ("INSTRUMENT", "HARARE", "Commonwealth Scheme on MLA (Harare)"),
        ("PROC_STAGE", "TRIAL", "TRIAL"),
        ("OFF_ECRIS", "no such code", "no such code"),
    ],
)
def test_codes_have_labels(list_name: str, code: str, label: str) -> None:
    assert code_list(list_name).label(code) == label


@pytest.mark.parametrize(
    ("list_name", "code"),
    [("OFF_ECRIS", "1704 00"), ("OFF_ECRIS", "0101 00"), ("ECRIS_PENALTY", "5009")],
)
def test_a_code_may_refine_its_category(list_name: str, code: str) -> None:
    assert is_code(list_name, code)
    assert code_list(list_name).label(code) != code


@pytest.mark.parametrize(
    ("list_name", "code"),
    [
        ("OFF_ECRIS", "9900 00"),
        ("OFF_ECRIS", "170400"),
        ("OFF_ECRIS", "1704 00 "),
        ("OFF_ECRIS", "17\u0660\u0660 00"),
        ("ECRIS_PENALTY", "0001"),
        ("ASSIST", "a42"),
        ("ASSIST", ""),
        ("ASSIST", 42),
        ("ASSIST", None),
    ],
)
def test_anything_else_is_no_code(list_name: str, code: object) -> None:
    assert not is_code(list_name, code)


def test_other_columns_are_empty_where_there_is_none() -> None:
    assert code_list("ASSIST").column("A42", "block") == "electronic"
    assert code_list("ASSIST").column("A42", "nothing") == ""
    assert code_list("ASSIST").column("nothing", "block") == ""
