"""Whatever a form lacks, adds or gets wrong is named at its place."""

from collections import Counter
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import Fault, InvalidFormError
from gateway.core.limits import MAX_FORM_PROBLEMS
from gateway.mla.envelope_fields import NODE_FIELD_NAMES, Form, message_block
from gateway.mla.fields import Choice, Code, Giver, Need, Spelling
from gateway.mla.problems import Problem, ProblemCode, bounded, text_at
from gateway.mla.types import all_types, message_type
from gateway.mla.types.model import MessageType
from gateway.mla.validate import blocking, check, refusing, validate
from tests.support.forms import (
    declared_places,
    in_form,
    sample,
    whole_messages,
    with_value,
    without,
)
from tests.support.made_forms import made_message

FORMS = list(Form)
NUMBER_OF_MESSAGES = len(whole_messages())

_json_values = st.recursive(
    st.text(max_size=20) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def _places(document: JsonObject, form: Form) -> list[tuple[str, object, object]]:
    declared = message_type(text_at(document, "msg_type") or "")
    assert declared is not None
    return list(declared_places(document, message_block(declared, form)))


def _named(problems: list[Problem], pointer: str, code: ProblemCode) -> bool:
    return any(
        problem.pointer == pointer and problem.code is code and problem.blocking
        for problem in problems
    )


def test_there_is_a_message_of_every_type() -> None:
    names = {message["msg_type"] for message in whole_messages()}

    assert names == {declared.name for declared in all_types()}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", range(NUMBER_OF_MESSAGES))
def test_every_sample_message_is_valid(number: int, form: Form) -> None:
    document = in_form(whole_messages()[number], form)

    assert validate(document, form=form) == []
    assert check(document, form=form) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", range(NUMBER_OF_MESSAGES))
def test_each_mandatory_field_is_named_when_it_is_missing(
    number: int, form: Form
) -> None:
    document = in_form(whole_messages()[number], form)
    declared = message_type(str(document["msg_type"]))
    assert declared is not None
    removed = 0

    for pointer, _, field in declared_places(document, message_block(declared, form)):
        if not field or field.need is not Need.MANDATORY:
            continue
        if field.giver is Giver.NODE and form is Form.AUTHOR:
            continue
        problems = validate(without(document, pointer), form=form)
        code = ProblemCode.CODE if pointer == "/msg_type" else ProblemCode.SCHEMA
        assert _named(problems, pointer, code), pointer
        removed += 1

    assert removed >= 8


@pytest.mark.parametrize("number", range(NUMBER_OF_MESSAGES))
def test_each_code_is_refused_when_it_is_not_on_its_list(number: int) -> None:
    document = whole_messages()[number]

    for pointer, kind, _ in _places(document, Form.COMPLETE):
        if isinstance(kind, Code | Choice):
            problems = validate(with_value(document, pointer, "NO_SUCH_CODE"))
            assert _named(problems, pointer, ProblemCode.CODE), pointer


@pytest.mark.parametrize("number", range(NUMBER_OF_MESSAGES))
def test_each_value_of_another_json_type_is_refused_at_its_place(number: int) -> None:
    document = whole_messages()[number]

    for pointer, kind, _ in _places(document, Form.COMPLETE):
        wrong: JsonValue = ["wrong"] if isinstance(kind, Spelling | Code) else "wrong"
        if pointer == "/msg_type" or type(kind).__name__ == "Either":
            continue
        codes = {
            problem.code
            for problem in validate(with_value(document, pointer, wrong))
            if problem.pointer == pointer
        }
        assert codes & {ProblemCode.SCHEMA, ProblemCode.CODE}, pointer


@pytest.mark.parametrize("number", range(NUMBER_OF_MESSAGES))
def test_each_text_longer_than_its_limit_is_refused(number: int) -> None:
    document = whole_messages()[number]

    for pointer, kind, _ in _places(document, Form.COMPLETE):
        if isinstance(kind, Spelling):
            problems = validate(with_value(document, pointer, "x" * 40_000))
            assert _named(problems, pointer, ProblemCode.SCHEMA), pointer


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/langage", "perhaps language"),
        ("/payload/persns", "perhaps persons"),
        ("/payload/offences/0/provison", "perhaps provision"),
        ("/payload/measures/1/zzz", "no such field"),
    ],
)
def test_an_unknown_field_is_named_with_the_field_perhaps_meant(
    pointer: str, expected: str
) -> None:
    problems = validate(with_value(sample("MLA_REQ"), pointer, "x"))

    name = pointer.rpartition("/")[2]
    assert [(problem.pointer, problem.code) for problem in problems] == [
        (pointer, ProblemCode.SCHEMA)
    ]
    assert problems[0].sentence == f"{name}: unknown field, expected {expected}"


def test_pointers_escape_what_their_syntax_uses() -> None:
    problems = validate(sample("ACK") | {"a/b~c": "x"})

    assert [problem.pointer for problem in problems] == ["/a~1b~0c"]


def test_sentences_never_quote_a_value() -> None:
    secret = "Mirjana Slavenkova"  # noqa: S105 - a name stands for any secret content
    document = sample("MLA_REQ")

    for pointer, _, _ in _places(document, Form.COMPLETE):
        for problem in validate(with_value(document, pointer, secret)):
            assert secret not in problem.sentence


@pytest.mark.parametrize("name", ["", "NONSENSE", "MLA_REQ "])
def test_a_type_that_is_not_declared_is_one_problem(name: str) -> None:
    problems = validate(sample("ACK") | {"msg_type": name})

    assert [(p.pointer, p.code) for p in problems] == [("/msg_type", ProblemCode.CODE)]


def test_fields_of_the_node_are_passed_over_in_the_form_of_an_author() -> None:
    document = sample("MLA_REQ")
    for name in NODE_FIELD_NAMES:
        document[name] = 17

    assert validate(document, form=Form.AUTHOR) == []


def test_only_an_opening_message_may_leave_out_its_case() -> None:
    request = without(in_form(sample("MLA_REQ"), Form.AUTHOR), "/case_id")
    receipt = without(in_form(sample("ACK"), Form.AUTHOR), "/case_id")

    assert validate(request, form=Form.AUTHOR) == []
    assert _named(validate(receipt, form=Form.AUTHOR), "/case_id", ProblemCode.SCHEMA)


def test_a_request_must_be_approved() -> None:
    document = sample("MLA_REQ") | {"approval": []}

    assert _named(validate(document), "/approval", ProblemCode.SCHEMA)


def test_check_raises_with_every_problem_and_keeps_them_out_of_the_text() -> None:
    document = without(without(sample("ACK"), "/purpose"), "/payload/received_at")

    with pytest.raises(InvalidFormError) as caught:
        check(document)

    assert caught.value.fault is Fault.CALLER
    assert caught.value.code == "invalid-form"
    assert {problem.pointer for problem in caught.value.problems} == {
        "/purpose",
        "/payload/received_at",
    }
    assert "purpose" not in str(caught.value)


def test_check_lets_advice_pass_and_returns_it() -> None:
    document = without(sample("MLA_REQ", 1), "/payload/persons/0/surname")
    document = without(document, "/payload/persons/0/aliases")

    assert [p.pointer for p in check(document)] == ["/payload/persons/0/surname"]


def test_a_hopeless_form_yields_a_bounded_number_of_problems() -> None:
    document = sample("ACK") | {f"field{number}": "x" for number in range(5_000)}

    assert len(validate(document)) == MAX_FORM_PROBLEMS


def test_advice_never_crowds_out_what_blocks() -> None:
    nameless: list[JsonValue] = [
        {"person_id": f"P{number}", "kind": "natural", "role": "WITNESS"}
        for number in range(3, 900)
    ]
    document = sample("MLA_REQ")
    persons = cast("JsonObject", document["payload"])["persons"]
    assert isinstance(persons, list)
    persons.extend(nameless)
    persons.append(nameless[0])

    problems = validate(document)

    assert [problem.code for problem in blocking(problems)] == [ProblemCode.SCHEMA]
    assert len(problems) == MAX_FORM_PROBLEMS + 1


@given(st.dictionaries(st.text(max_size=8), _json_values, max_size=5))
def test_any_object_is_judged_without_an_error(document: JsonObject) -> None:
    assert validate(document)


@settings(max_examples=150)
@given(st.data())
def test_a_sample_with_anything_anywhere_is_judged_without_an_error(
    data: st.DataObject,
) -> None:
    document = data.draw(st.sampled_from(whole_messages()))
    places = [pointer for pointer, _, _ in _places(document, Form.COMPLETE)]
    pointer = data.draw(st.sampled_from(places))

    for form in FORMS:
        validate(with_value(document, pointer, data.draw(_json_values)), form=form)


@pytest.mark.parametrize("declared", all_types(), ids=lambda declared: declared.name)
def test_a_made_message_that_lacks_a_field_has_no_other_problem(
    declared: MessageType,
) -> None:
    document = made_message(declared)
    assert [problem for problem in validate(document) if problem.blocking] == []

    for field in declared.payload.fields:
        if field.need is not Need.MANDATORY:
            continue
        pointer = f"/payload/{field.name}"
        problems = validate(without(document, pointer))
        found = [(p.pointer, p.code) for p in problems if p.blocking]
        # What pointed at it points at nothing now.
        assert found[0] == (pointer, ProblemCode.SCHEMA)
        assert all(also == found[0] or also[1] is ProblemCode.REF for also in found[1:])


@settings(max_examples=100)
@given(
    st.sampled_from(all_types()),
    st.dictionaries(st.text(max_size=8), _json_values, max_size=5),
    st.data(),
)
def test_any_payload_of_any_type_is_judged_without_an_error(
    declared: MessageType, payload: JsonObject, data: st.DataObject
) -> None:
    for field in data.draw(st.lists(st.sampled_from(declared.payload.fields))):
        payload[field.name] = data.draw(_json_values)
    document = {**made_message(declared), "payload": payload}

    for form in FORMS:
        validate(document, form=form)


def test_no_weight_of_problems_hides_another() -> None:
    lighter = Problem("/a", ProblemCode.SCHEMA, "a: b", is_overridable=True)
    advice = Problem("/a", ProblemCode.SCHEMA, "a: b", blocking=False)
    refusal = Problem("/z", ProblemCode.SCHEMA, "z: b")
    many = [lighter, advice] * (2 * MAX_FORM_PROBLEMS)

    kept = bounded([*many, refusal])

    assert kept[-1] == refusal
    assert Counter(kept)[lighter] == Counter(kept)[advice] == MAX_FORM_PROBLEMS
    assert refusing(kept) == [refusal]
    assert len(blocking(kept)) == MAX_FORM_PROBLEMS + 1
