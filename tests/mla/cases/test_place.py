"""A message belongs where its type may stand."""

from dataclasses import dataclass

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.values import MessageId, UnixMs
from gateway.mla.cases.advice import advice_on
from gateway.mla.cases.fold import fold
from gateway.mla.cases.place import CaseSoFar, misplaced
from gateway.mla.error_reply import error_reply
from gateway.mla.problems import Problem, ProblemCode
from gateway.mla.validate import validate
from tests.support.case_talk import REQ, RQD, Talk
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


# --- by the state of the case ---


@dataclass(frozen=True)
class Row:
    """A row of a docket."""

    entry: JsonObject
    state: str = "received"
    problems: int = 0
    accepted_at: UnixMs = UnixMs(0)  # noqa: RUF009 - a number

    @property
    def id(self) -> str:
        return str(self.entry["msg_id"])


def judged(talk: Talk, *, is_ours: bool = False) -> list[Problem]:
    """Return what is wrong with the last message, after the others."""
    *before, document = talk.entries
    types = {str(one["msg_id"]): str(one["msg_type"]) for one in before}
    so_far = CaseSoFar(
        is_known=bool(before),
        answered_type=types.get(str(document.get("in_reply_to"))),
        messages=[Row(one) for one in before],
        is_ours=is_ours,
    )
    return misplaced(document, so_far)


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_the_state_does_not_allow_is_told_with_what_it_does(
    *, is_ours: bool
) -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.decide(request, M1="ACCEPT", M2="ACCEPT_COND")
    talk.respond(request, final=True, M1="NO_DATA", M2="NO_DATA")

    (problem,) = judged(talk, is_ours=is_ours)

    assert problem.code is STATE
    assert problem.blocking
    assert problem.pointer == "/payload/results/1/measure_id"
    assert "RSP while the measure is CONDITIONS_OPEN" in problem.sentence
    assert "expected one of ACK, DEC" in problem.sentence


def test_a_message_after_a_gap_is_not_turned_away_before_the_gap_has_closed() -> None:
    talk = Talk()
    request = talk.received("A31")
    decision = talk.decide(request, M1="ACCEPT_COND")
    talk.respond(request, final=True, M1="NO_DATA")
    assert [one.code for one in judged(talk)] == [STATE]

    del talk.entries[2]
    assert judged(talk) == []
    # As the first that is seen of its case, too.
    del talk.entries[:2]
    assert judged(talk) == []
    assert decision


def test_what_crossed_on_its_way_to_us_is_taken_and_not_sent_by_us() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    talk.says(REQ, "WDR", {"scope": "ALL", "data_action": "DELETE"}, to=request)
    talk.respond(request, final=True, M1="NO_DATA")

    assert judged(talk) == []
    assert [one.code for one in judged(talk, is_ours=True)] == [STATE]


def test_while_something_of_the_peer_is_missing_our_own_is_only_advised_on() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT_COND")
    talk.says(REQ, "STS_REQ", to=request)
    talk.says(REQ, "STS_REQ", to=request)
    talk.respond(request, final=True, M1="NO_DATA")
    del talk.entries[-3]

    assert [one.blocking for one in judged(talk, is_ours=True)] == [False]


def test_a_case_of_which_nothing_was_kept_turns_nothing_away() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.respond(request, final=True, M1="NO_DATA")
    document = talk.entries[-1]
    known = CaseSoFar(is_known=True, answered_type="MLA_REQ")

    assert misplaced(document, known) == []


@pytest.mark.parametrize(
    ("instrument", "article"),
    [("UNTOC", "UNTOC 18(26)"), ("EIO", "EIO 11(4)"), ("BUDAPEST", "")],
)
def test_a_refusal_without_a_consultation_is_advised_against(
    instrument: str, article: str
) -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.entries[0]["instrument"] = [instrument]
    talk.decide(request, M1="REFUSE")

    found = judged(talk)

    assert [one.article for one in found] == ([article] if article else [])
    assert not any(one.blocking for one in found)


def test_after_a_consultation_a_refusal_needs_no_advice() -> None:
    talk = Talk()
    request = talk.received("A31")
    consultation = talk.says(RQD, "CNS_REQ", {"topic": "REFUSAL_INTENT"}, to=request)
    talk.says(REQ, "CNS_RSP", {"position": "AGREE"}, to=consultation)
    talk.decide(request, M1="REFUSE")

    assert judged(talk) == []


@pytest.mark.parametrize(("days", "advised"), [(29, False), (31, True)])
def test_new_facts_come_within_a_month_of_a_refusal(
    days: int, *, advised: bool
) -> None:
    talk = Talk()
    request = talk.received("A31")
    decision = talk.decide(request, M1="REFUSE")
    talk.says(REQ, "CNS_REQ", {"topic": "TIMING"}, to=decision, after_hours=24 * days)

    messages = talk.messages()
    found = list(advice_on(messages[-1], fold(messages)))

    assert [one.blocking for one in found] == [False] * advised
