"""Once the author's form is good, only what the node adds can still be wrong."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import InvalidFormError
from gateway.mla.envelope_fields import NODE_FIELD_NAMES, Form, message_block
from gateway.mla.problems import Problem, ProblemCode
from gateway.mla.types import message_type
from gateway.mla.validate import blocking, check_completed, validate
from gateway.mla.versions import SCHEMA_VERSIONS
from tests.support.forms import (
    declared_places,
    evidence_message,
    sample,
    whole_messages,
    with_value,
    without,
)

MESSAGES = whole_messages()
VALUES: list[JsonValue] = ["", "EE", "RQD", "P1", "x" * 40_000, 0, True, [], ["x"], {}]


def _problems(document: JsonObject) -> list[Problem]:
    try:
        check_completed(document)
    except InvalidFormError as error:
        return [found for found in error.problems if isinstance(found, Problem)]
    return []


def _pointers(message: JsonObject) -> list[str]:
    declared = message_type(str(message["msg_type"]))
    assert declared is not None
    block = message_block(declared, Form.COMPLETE)
    return [pointer for pointer, _, _ in declared_places(message, block)]


@pytest.mark.parametrize("number", range(len(MESSAGES)))
def test_every_completed_sample_may_be_sent(number: int) -> None:
    assert _problems(MESSAGES[number]) == []


@settings(max_examples=300)
@given(st.data())
def test_with_a_good_form_of_the_author_all_that_blocks_is_found(
    data: st.DataObject,
) -> None:
    message = data.draw(st.sampled_from(MESSAGES))
    for _ in range(data.draw(st.integers(1, 3))):
        pointers = [p for p in _pointers(message) if p != "/msg_type"]
        of_node = [p for p in pointers if p.split("/")[1] in NODE_FIELD_NAMES]
        pointer = data.draw(st.sampled_from(of_node) | st.sampled_from(pointers))
        value = data.draw(st.sampled_from([None, *VALUES]))
        message = (
            without(message, pointer)
            if value is None
            else with_value(message, pointer, value)
        )
    assume(not blocking(validate(message, form=Form.AUTHOR)))
    # Of another version nothing else is told; the node gives no other.
    version = message.get("schema_version")
    assume(not isinstance(version, str) or version in SCHEMA_VERSIONS)

    assert _problems(message) == blocking(validate(message))


def test_a_role_that_may_not_send_the_type_is_refused() -> None:
    document = with_value(sample("MLA_REQ"), "/from/role", "RQD")

    (problem,) = _problems(document)

    assert (problem.pointer, problem.code) == ("/from/role", ProblemCode.ROLE)


def test_an_item_that_the_node_has_not_measured_is_refused() -> None:
    document = evidence_message()
    for name in ("size_bytes", "digests"):
        document = without(document, f"/payload/manifest/0/{name}")

    assert validate(document, form=Form.AUTHOR) == []
    assert [problem.pointer for problem in _problems(document)] == [
        "/payload/manifest/0/size_bytes",
        "/payload/manifest/0/digests",
    ]
