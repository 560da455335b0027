"""A code is what its list holds, or what refines an entry of it."""

import json
from importlib.resources import files

import pytest

from gateway.core.errors import InvalidFormError
from gateway.mla.codelists import CodeList, code_list, code_list_names, is_code
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import Code, Kind, ListOf, fields_below
from gateway.mla.problems import ProblemCode
from gateway.mla.spellings import DATE
from gateway.mla.types import all_types
from gateway.mla.validate import check_completed, validate
from tests.support.forms import sample

DAYS = {"A": ("2026-01-02", "2026-01-03"), "B": ("", "1999-12-31")}


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
    [
        ("OFF_ECRIS", "1705 00"),
        ("OFF_ECRIS", "0101 00"),
        ("ECRIS_PENALTY", "5009"),
        ("ECRIS_PENALTY", "5003"),
        ("ECRIS_PENALTY", "11003"),
    ],
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
        ("ECRIS_PENALTY", "13001"),
        ("ECRIS_PENALTY", "1"),
        ("ECRIS_PENALTY", "100a"),
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


def test_frequent_refinements_have_labels_of_their_own() -> None:
    assert code_list("OFF_ECRIS").label("1702 00") == "Theft after unlawful entry"
    assert code_list("OFF_ECRIS").label("1705 00") == "Theft offences"
    assert code_list("ECRIS_PENALTY").label("8001") == "Fine"


def test_codes_have_days_of_validity_and_stay_on_their_list() -> None:
    codes = CodeList("EXAMPLE", "Example", {"A": {}, "B": {}, "C": {}}, DAYS)

    assert [codes.is_valid_on("A", f"2026-01-{day}") for day in ("01", "02", "04")] == [
        False,
        True,
        False,
    ]
    assert codes.is_valid_on("B", "1999-12-31")
    assert not codes.is_valid_on("B", "2000-01-01")
    assert codes.is_valid_on("C", "0001-01-01")
    assert "B" in codes
    assert [codes.days_of(code) for code in ("A", "B", "C")] == [
        "from 2026-01-02 until 2026-01-03",
        "until 1999-12-31",
        "",
    ]


def test_only_codes_that_exist_have_days_and_the_days_exist() -> None:
    for name in code_list_names():
        codes = code_list(name)
        for code, days in codes.validity.items():
            assert code in codes.rows
            assert all(not day or DATE.matches(day) for day in days)


@pytest.mark.parametrize(
    ("created_at", "pointers"),
    [
        ("2026-08-17T23:59:59Z", ["/instrument/1"]),
        ("2026-08-18T00:00:00Z", []),
        ("not a day", ["/created_at"]),
    ],
)
def test_a_message_has_codes_of_its_day(created_at: str, pointers: list[str]) -> None:
    document = sample("MLA_REQ") | {
        "instrument": ["BUDAPEST", "EEV"],
        "created_at": created_at,
    }

    assert [problem.pointer for problem in validate(document)] == pointers


def test_a_form_is_judged_by_its_day_once_it_has_one() -> None:
    document = sample("MLA_REQ") | {
        "instrument": ["EEV"],
        "created_at": "2026-08-17T12:00:00Z",
    }
    assert validate(document, form=Form.AUTHOR) == []

    with pytest.raises(InvalidFormError) as caught:
        check_completed(document)

    assert [(p.pointer, p.code) for p in caught.value.problems] == [
        ("/instrument/0", ProblemCode.CODE)
    ]
    assert caught.value.problems[0].sentence == (
        "0: not valid on 2026-08-17, expected a code that is; this is from 2026-08-18"
    )


def test_every_label_is_there_in_french() -> None:
    for name in code_list_names():
        codes = code_list(name)
        for code in codes.rows:
            if codes.label(code) != code and name not in {"DEADLINE", "REF_STANDARDS"}:
                french = codes.label(code, "fr")
                assert french
                assert french != code


def test_there_is_no_french_label_of_another_code() -> None:
    raw = files("gateway.mla").joinpath("code-lists.fr.json").read_text("utf-8")
    for name, labels in json.loads(raw).items():
        assert labels.pop("")
        assert labels.keys() <= code_list(name).rows.keys()
        assert all(label == label.strip() for label in labels.values())


def test_french_falls_back_to_the_category_and_then_to_english() -> None:
    assert code_list("OFF_ECRIS").label("1705 00", "fr") == "Vols"
    assert code_list("PURPOSE").label("TRIAL", "fr").startswith("Jugement")
    assert code_list("PURPOSE").label("TRIAL", "de").startswith("Trial")
    assert code_list("PURPOSE").label("", "fr") == ""
