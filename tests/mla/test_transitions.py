"""A message belongs where its type may stand."""

import pytest

from gateway.core.values import MessageId
from gateway.mla.error_reply import error_reply
from gateway.mla.problems import ProblemCode
from gateway.mla.transitions import CaseSoFar, misplaced
from gateway.mla.validate import validate
from tests.support.forms import sample, sample_messages

MSG_ID = MessageId("01990000-0000-7000-8000-000000000001")
REF, STATE = ProblemCode.REF, ProblemCode.STATE


def test_every_sample_message_belongs_where_it_stands() -> None:
    types = {str(m["msg_id"]): str(m["msg_type"]) for m in sample_messages()}
    for message in sample_messages():
        answered = types.get(str(message.get("in_reply_to")))
        if "in_reply_to" in message and answered is None:
            continue  # it answers a type that is not declared
        so_far = CaseSoFar(is_known="in_reply_to" in message, answered_type=answered)
        assert misplaced(message, so_far) == []


@pytest.mark.parametrize(
    ("msg_type", "so_far", "pointer", "code"),
    [
        ("ACK", CaseSoFar(is_known=True), "/in_reply_to", REF),
        (
            "ACK",
            CaseSoFar(is_known=True, answered_type="ACK"),
            "/in_reply_to",
            STATE,
        ),
        (
            "CLR_RSP",
            CaseSoFar(is_known=True, answered_type="MLA_REQ"),
            "/in_reply_to",
            STATE,
        ),
        (
            "ACK",
            CaseSoFar(is_known=False, answered_type="MLA_REQ"),
            "/case_id",
            REF,
        ),
    ],
)
def test_a_misplaced_message_is_named(
    msg_type: str, so_far: CaseSoFar, pointer: str, code: ProblemCode
) -> None:
    problems = misplaced(sample(msg_type), so_far)

    assert [(p.pointer, p.code) for p in problems] == [(pointer, code)]


def test_a_misplaced_message_can_be_answered() -> None:
    document = sample("ACK")
    problems = misplaced(document, CaseSoFar(is_known=False))

    reply = error_reply(document, problems, msg_id=MSG_ID)

    assert reply is not None


def test_an_error_may_answer_what_has_not_become_part_of_a_case() -> None:
    received = sample("MLA_REQ") | {"payload": {}}
    reply = error_reply(received, validate(received), msg_id=MSG_ID)

    assert reply is not None
    assert misplaced(reply, CaseSoFar(is_known=False)) == []
    answering_error = CaseSoFar(is_known=True, answered_type="ERR")
    assert [p.code for p in misplaced(reply, answering_error)] == [STATE]


def test_a_type_that_is_not_declared_has_no_place_to_judge() -> None:
    assert misplaced({"msg_type": "NONSENSE"}, CaseSoFar(is_known=False)) == []
