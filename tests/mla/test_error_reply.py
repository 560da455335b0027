"""An invalid form is answered with a valid one, once."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject, encode
from gateway.core.values import MessageId
from gateway.mla.envelope_fields import Form
from gateway.mla.error_reply import error_reply
from gateway.mla.problems import Problem, ProblemCode
from gateway.mla.validate import validate
from tests.support.forms import sample, with_value, without

MSG_ID = MessageId("01990000-0000-7000-8000-000000000001")


def _reply(received: JsonObject) -> JsonObject:
    reply = error_reply(received, validate(received), msg_id=MSG_ID)
    assert reply is not None
    return reply


def test_the_answer_names_the_case_the_message_and_every_fault() -> None:
    received = without(sample("MLA_REQ"), "/payload/identifiers/1/at")
    received = without(received, "/payload/necessity")

    reply = _reply(received)

    payload = cast("JsonObject", reply["payload"])
    assert validate(reply, form=Form.AUTHOR) == []
    assert reply["case_id"] == received["case_id"]
    assert reply["in_reply_to"] == payload["msg_id"] == MSG_ID
    assert reply["handling"] == received["handling"]
    assert payload["code"] == "E_SCHEMA"
    assert payload["pointer"] == "/payload/identifiers/1/at"
    assert payload["retryable"] is False
    problems = cast("list[JsonObject]", payload["problems"])
    assert [problem["pointer"] for problem in problems] == [
        "/payload/identifiers/1/at",
        "/payload/necessity",
    ]


@pytest.mark.parametrize(
    "received",
    [
        {},
        {"msg_type": "NONSENSE", "handling": "TLP:RED", "purpose": 1},
        {"handling": ["TLP:RED", "TLP:GREEN", "SEALED", "SEALED", "x", 1]},
        {"case_id": "none", "instrument": ["x"], "urgency": "SOON"},
        {"msg_type": "ACK", "x" * 3_000: "unknown"},
    ],
)
def test_the_answer_is_valid_however_broken_the_form(received: JsonObject) -> None:
    reply = _reply(received)

    assert validate(reply, form=Form.AUTHOR) == []
    assert reply["case_id"] == MSG_ID
    assert encode(reply)


def test_unusable_markings_become_the_strictest() -> None:
    received = sample("ACK") | {"handling": ["TLP:CLEAR", "TLP:GREEN", "SEALED"]}

    assert _reply(received)["handling"] == ["TLP:RED", "SEALED"]


def test_an_error_is_never_answered_with_an_error() -> None:
    received: JsonObject = {"msg_type": "ERR"}

    assert error_reply(received, validate(received), msg_id=MSG_ID) is None


def test_advice_alone_is_not_answered() -> None:
    advice = Problem("/payload", ProblemCode.SCHEMA, "advised", blocking=False)

    assert error_reply(sample("ACK"), [advice], msg_id=MSG_ID) is None
    assert error_reply(sample("ACK"), [], msg_id=MSG_ID) is None


def test_what_the_sender_may_override_is_not_answered() -> None:
    lifted = Problem("/payload", ProblemCode.SCHEMA, "missing", is_overridable=True)

    assert error_reply(sample("ACK"), [lifted], msg_id=MSG_ID) is None


@given(st.lists(st.sampled_from(["TLP:RED", "TLP:AMBER", "H1", "MINOR", "?"])))
def test_any_list_of_markings_gives_a_valid_answer(markings: list[str]) -> None:
    received = with_value(sample("ACK"), "/payload", {}) | {"handling": list(markings)}

    assert validate(_reply(received), form=Form.AUTHOR) == []
