"""Cases that do not go as planned: crossing, gaps, parts refused, parts withdrawn."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import JsonObject
from gateway.mla.cases.duties import Question
from gateway.mla.cases.fold import Flag, Placed
from gateway.mla.cases.model import Side
from gateway.mla.cases.view import CaseView, view_of
from gateway.mla.problems import ProblemCode
from tests.support.case_talk import REQ, RQD, Talk, path_of

ITEM, OTHER_ITEM = (f"01990000-0000-7000-8000-00000000000{n}" for n in (1, 2))


def last(talk: Talk) -> Placed:
    """Return the message written last, where it was placed."""
    by_id = {one.message.id: one for one in talk.view().conversation}
    return by_id[str(talk.entries[-1]["msg_id"])]


def states(view: CaseView) -> dict[str, str]:
    return {one.id: one.state.value for one in view.measures}


def refused(talk: Talk) -> ProblemCode:
    """Return why the last message is out of place."""
    placed = last(talk)
    assert placed.flags == (Flag.IGNORED,)
    assert placed.fault is not None
    return placed.fault.code


# --- parts of a request ---


def test_each_measure_has_its_own_state() -> None:
    talk = Talk()
    request = talk.received("A31", "A34", "A20")
    talk.decide(request, M1="ACCEPT", M2="POSTPONE", M3="REFUSE")

    view = talk.view()

    assert states(view) == {
        "M1": "DECIDED_ACCEPTED",
        "M2": "POSTPONED",
        "M3": "REFUSED",
    }
    assert view.state == "DECIDED_ACCEPTED"


def test_a_case_refused_in_part_is_answered_by_the_rest() -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.decide(request, M1="ACCEPT", M2="REFUSE")
    response = talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}", M2="REFUSED")
    talk.check(response, **{ITEM: "ACCEPTED"})
    closure = talk.says(REQ, "CLS", {"outcomes": [], "open_duties": []})
    talk.says(RQD, "ACK", to=closure)

    view = talk.view()

    assert view.state == "CLOSED"
    assert path_of(view, "M2") == ["SENT", "RECEIVED", "REFUSED", "CLOSED"]
    assert path_of(view)[-3:] == ["ANSWERED", "CONFIRMED", "CLOSED"]


def test_a_request_withdrawn_in_part_goes_on_with_the_rest() -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.says(
        REQ,
        "WDR",
        {"scope": "SOME", "measure_ids": ["M2"], "data_action": "DELETE"},
        to=request,
    )

    view = talk.view()

    assert states(view) == {"M1": "RECEIVED", "M2": "WITHDRAWN"}
    assert view.standing.measures["M2"].result == "NOT_NEEDED"
    assert view.state == "RECEIVED"


def test_all_measures_refused_is_a_case_refused() -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.decide(request, M1="REFUSE", M2="NOT_COMPETENT")

    assert talk.view().state == "REFUSED"


def test_a_measure_that_was_never_asked_for_is_unknown() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M7="ACCEPT")

    assert refused(talk) is ProblemCode.REF


def test_a_side_does_not_speak_for_the_other() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.says(RQD, "WDR", {"scope": "ALL"}, to=request)
    talk.entries[-1]["from"] = {"authority_id": RQD, "role": "REQ"}

    assert refused(talk) is ProblemCode.ROLE


# --- who answers what ---


def test_a_simple_measure_is_answered_without_a_decision() -> None:
    talk = Talk()
    request = talk.received("A42")
    talk.respond(request, final=True, M1="NO_DATA")

    assert talk.view().state == "ANSWERED"


def test_another_measure_is_not() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.respond(request, final=True, M1="NO_DATA")

    assert refused(talk) is ProblemCode.STATE


@pytest.mark.parametrize("final", [True, False])
def test_an_emergency_is_answered_without_a_decision(*, final: bool) -> None:
    talk = Talk()
    request = talk.received("A49", msg_type="EMR_REQ")
    talk.respond(request, final=final, M1=f"EXECUTED:{ITEM}")

    assert talk.view().state == ("ANSWERED" if final else "PARTLY_ANSWERED")


def test_a_last_response_tells_of_every_measure() -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.decide(request, M1="ACCEPT", M2="ACCEPT")
    talk.respond(request, final=True, M1="EXECUTED")

    assert refused(talk) is ProblemCode.STATE


def test_items_that_are_rejected_are_sent_again() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    first = talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}")
    talk.check(first, **{ITEM: "REJECTED"})
    assert talk.view().state == "PARTLY_ANSWERED"

    again = talk.respond(request, final=True, M1=f"EXECUTED:{OTHER_ITEM}")
    talk.check(again, **{OTHER_ITEM: "ACCEPTED"})

    assert talk.view().state == "CONFIRMED"


def test_an_answer_with_items_is_not_confirmed_by_a_receipt_alone() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    response = talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}")
    talk.says(REQ, "ACK", to=response)

    assert talk.view().state == "ANSWERED"


def test_conditions_that_are_rejected_are_talked_about() -> None:
    talk = Talk()
    request = talk.received("A31")
    decision = talk.decide(request, M1="ACCEPT_COND")
    rejection: JsonObject = {"answers": [{"id": "K1", "answer": "REJECT"}]}
    talk.says(REQ, "CND_RSP", rejection, to=decision)
    assert talk.view().state == "CONSULTING"

    talk.decide(request, M1="ACCEPT")

    assert talk.view().state == "DECIDED_ACCEPTED"


def test_a_condition_that_nobody_set_is_unknown() -> None:
    talk = Talk()
    request = talk.received("A31")
    decision = talk.decide(request, M1="ACCEPT_COND")
    answer: JsonObject = {"answers": [{"id": "K9", "answer": "ACCEPT"}]}
    talk.says(REQ, "CND_RSP", answer, to=decision)

    assert refused(talk) is ProblemCode.REF


def test_a_consultation_returns_to_the_question_it_interrupted() -> None:
    talk = Talk()
    request = talk.received("A31")
    items: JsonObject = {"items": [{"item": 1}, {"item": 2}]}
    question = talk.says(RQD, "CLR_REQ", items, to=request)
    consultation = talk.says(REQ, "CNS_REQ", {"topic": "TIMING"}, to=question)
    talk.says(RQD, "CNS_RSP", to=consultation)
    assert talk.view().state == "CLARIFYING"
    talk.says(REQ, "CLR_RSP", {"answers": [{"item": 1}]}, to=question)
    assert talk.view().state == "CLARIFYING"

    talk.says(REQ, "CLR_RSP", {"answers": [{"item": 2}]}, to=question)

    assert path_of(talk.view()) == [
        "SENT",
        "RECEIVED",
        "CLARIFYING",
        "CONSULTING",
        "CLARIFYING",
        "RECEIVED",
    ]


def test_a_question_without_an_answer_in_time_holds_up_nobody_for_ever() -> None:
    talk = Talk()
    request = talk.received("A31")
    payload: JsonObject = {"items": [{"item": 1}], "reply_by": "2026-03-09"}
    talk.says(RQD, "CLR_REQ", payload, to=request)
    talk.decide(request, M1="REFUSE")
    assert refused(talk) is ProblemCode.STATE
    talk.entries.pop()

    talk.says(RQD, "STS", to=request, after_hours=24 * 9)
    talk.decide(request, M1="REFUSE")

    assert talk.view().state == "REFUSED"


def test_a_request_sent_back_may_be_sent_again() -> None:
    talk = Talk()
    request = talk.request("A31")
    error: JsonObject = {"code": "E_SCHEMA", "msg_id": request}
    talk.says(RQD, "ERR", error, to=request)
    assert talk.view().state == "DRAFT"

    again = talk.request("A31")
    talk.says(RQD, "ACK", to=again)

    assert path_of(talk.view()) == ["SENT", "DRAFT", "SENT", "RECEIVED"]


def test_what_the_other_side_could_not_process_counts_for_nothing() -> None:
    talk = Talk()
    request = talk.received("A31")
    decision = talk.decide(request, M1="REFUSE")
    error: JsonObject = {"code": "E_SCHEMA", "msg_id": decision}
    talk.says(REQ, "ERR", error, to=decision)

    assert talk.view().state == "RECEIVED"


def test_a_closed_case_is_not_opened_again() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="REFUSE")
    closure = talk.says(RQD, "CLS", {"outcomes": []})
    talk.says(REQ, "ACK", to=closure)
    assert talk.view().state == "CLOSED"
    talk.request("A31")

    assert refused(talk) is ProblemCode.STATE
    ways = {one.type: one.why_not for one in talk.view().next_messages(Side.REQUESTING)}
    assert "related" in ways["MLA_REQ"]


def test_the_last_duty_done_disposes_of_a_closed_case() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    response = talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}")
    talk.check(response, **{ITEM: "ACCEPTED"})
    returning: JsonObject = {"items": [ITEM], "action": "RETURN", "by": "2026-09-01"}
    asked = talk.says(RQD, "RET_REQ", returning, to=response)
    closure = talk.says(REQ, "CLS", {"outcomes": [], "open_duties": [""]})
    talk.says(RQD, "ACK", to=closure)
    assert [one.what for one in talk.view().open_duties] == [
        "return",
        "named in the closure",
    ]
    assert talk.view().state == "CLOSED"

    talk.says(REQ, "RET_CNF", {"items": [ITEM], "disposal": "RETURNED"}, to=asked)

    assert talk.view().open_duties == ()
    assert talk.view().state == "DISPOSED"


# --- both sides at once ---


def test_data_that_crossed_a_withdrawal_fall_under_what_that_says() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    talk.says(REQ, "WDR", {"scope": "ALL", "data_action": "DELETE"}, to=request)
    talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}")

    placed = last(talk)

    assert placed.flags == (Flag.CROSSING,)
    assert "data_action" in placed.note
    assert talk.view().state == "WITHDRAWN"
    assert [one.what for one in talk.view().open_duties] == ["delete"]


def test_who_knew_of_the_withdrawal_did_not_cross_it() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    withdrawal = talk.says(
        REQ, "WDR", {"scope": "ALL", "data_action": "DELETE"}, to=request
    )
    talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}")
    talk.entries[-1]["refs"] = [withdrawal]

    assert refused(talk) is ProblemCode.STATE


def test_two_messages_in_a_row_may_cross_the_same_one() -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.decide(request, M1="ACCEPT", M2="ACCEPT")
    talk.says(REQ, "WDR", {"scope": "ALL", "data_action": "KEEP"}, to=request)
    talk.respond(request, final=False, M1=f"EXECUTED:{ITEM}")
    talk.respond(request, final=True, M1="EXECUTED", M2="NO_DATA")

    flags = [one.flags for one in talk.view().conversation[-2:]]

    assert flags == [(Flag.CROSSING,), (Flag.CROSSING,)]


def test_a_refusal_that_crossed_a_supplement_stands() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="REFUSE")
    talk.says(REQ, "AMD", {"reason": []}, to=request)

    assert last(talk).flags == (Flag.CROSSING,)
    assert "refusal" in last(talk).note
    assert talk.view().state == "REFUSED"

    talk.decide(request, M1="ACCEPT")
    assert talk.view().state == "DECIDED_ACCEPTED"


def test_of_two_decisions_the_later_number_wins() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="REFUSE")
    talk.decide(request, M1="ACCEPT")

    view = talk.view()

    assert view.state == "DECIDED_ACCEPTED"
    assert view.conversation[-2].flags == (Flag.SUPERSEDED,)
    turned = view_of(list(reversed(talk.messages())))
    assert turned == view


def test_a_decision_that_crossed_a_consultation_holds_beneath_it() -> None:
    talk = Talk()
    request = talk.received("A31")
    consultation = talk.says(REQ, "CNS_REQ", {"topic": "TIMING"}, to=request)
    talk.decide(request, M1="ACCEPT")
    assert talk.view().state == "CONSULTING"

    talk.says(RQD, "CNS_RSP", to=consultation)

    assert talk.view().state == "DECIDED_ACCEPTED"


def test_a_slow_clock_does_not_put_an_answer_before_what_it_follows() -> None:
    talk = Talk()
    request = talk.received("A31")
    decision = talk.decide(request, M1="ACCEPT_COND")
    talk.says(
        REQ,
        "CND_RSP",
        {"answers": [{"id": "K1", "answer": "ACCEPT"}]},
        to=decision,
    )
    talk.respond(request, final=True, M1="NO_DATA")
    accepted = datetime.fromisoformat(str(talk.entries[-2]["created_at"]))
    for minutes, state in ((4, "ANSWERED"), (6, "DECIDED_ACCEPTED")):
        written = accepted - timedelta(minutes=minutes)
        talk.entries[-1]["created_at"] = written.isoformat().replace("+00:00", "Z")
        assert talk.view().state == state


# --- what is missing ---


def test_a_decision_is_missing_before_a_response() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    talk.respond(request, final=True, M1=f"EXECUTED:{ITEM}")
    decision = talk.entries.pop(2)

    placed = last(talk)
    assert placed.flags == (Flag.AFTER_GAP, Flag.WAITING)
    assert placed.missing == 2
    assert talk.view().state == "RECEIVED"

    talk.entries.append(decision)
    assert talk.view().state == "ANSWERED"


def test_a_case_whose_beginning_is_not_here_is_not_judged() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    del talk.entries[0]

    view = talk.view()

    assert not view.is_whole
    assert view.state == "UNKNOWN"
    assert all(one.fault is None for one in view.conversation)


# --- what is open ---


def test_what_awaits_an_answer_is_listed_with_who_has_to_give_it() -> None:
    talk = Talk()
    request = talk.received("A31")
    payload: JsonObject = {"items": [{"item": 1}], "reply_by": "2026-03-09"}
    question = talk.says(RQD, "CLR_REQ", payload, to=request)

    assert talk.view().open_questions == (
        Question(
            question,
            "CLR_REQ",
            Side.REQUESTING,
            ("CLR_RSP", "AMD"),
            "2026-03-09",
            ("M1",),
        ),
    )

    talk.says(REQ, "CLR_RSP", {"answers": [{"item": 1}]}, to=question)
    assert talk.view().open_questions == ()


def test_who_may_send_what_next() -> None:
    talk = Talk()
    request = talk.received("A31", "A20")
    talk.decide(request, M1="ACCEPT_COND", M2="ACCEPT")

    requesting = {one.type: one for one in talk.view().next_messages(Side.REQUESTING)}
    requested = {one.type: one for one in talk.view().next_messages(Side.REQUESTED)}

    assert requesting["CND_RSP"].measures == ("M1",)
    assert not requesting["CLS"].is_allowed
    assert "CONFIRMED" in requesting["CLS"].why_not
    assert requested["RSP"].measures == ("M1", "M2")
    assert requested["DEC"].measures == ("M1", "M2")
    assert set(requested["RSP"].says) == {"result", "final result", "pending"}
    assert requested["SVC_RSP"].why_not == "no service was asked for"
    assert "CND_RSP" not in requested
    assert not requesting["CNS_RSP"].is_allowed


# --- whatever comes ---

_TYPES = (
    "MLA_REQ",
    "ACK",
    "ERR",
    "CLR_REQ",
    "CLR_RSP",
    "CNS_REQ",
    "CNS_RSP",
    "DEC",
    "CND_RSP",
    "RSP",
    "EVD_ACK",
    "WDR",
    "CLS",
    "AMD",
    "USE_FBK",
    "PRS_REQ",
    "NONSENSE",
)
_PAYLOADS: tuple[JsonObject, ...] = (
    {},
    {"measures": [{"measure_id": "M1", "assist": "A31"}]},
    {"measure_ids": ["M1"]},
    {"decisions": [{"measure_id": "M1", "outcome": "ACCEPT"}]},
    {"decisions": [{"measure_id": "M1", "outcome": "ACCEPT_COND"}]},
    {"final": True, "results": [{"measure_id": "M1", "result": "EXECUTED"}]},
    {"final": False, "results": [{"measure_id": "M2", "result": "PENDING"}]},
    {"items": [{"item": 1, "item_id": "X", "result": "REJECTED"}], "reply_by": "2026"},
    {"answers": [{"item": 1, "id": "K1", "answer": "ACCEPT"}]},
    {"measures": 7, "items": "text", "results": [None, 3]},  # type: ignore[list-item]
)


@given(st.data())
def test_any_conversation_has_one_view_whatever_the_order(data: st.DataObject) -> None:
    talk = Talk()
    for _ in range(data.draw(st.integers(1, 12))):
        ids = [str(one["msg_id"]) for one in talk.entries]
        answered = data.draw(st.sampled_from(["", *ids]))
        talk.says(
            data.draw(st.sampled_from((REQ, RQD))),
            data.draw(st.sampled_from(_TYPES)),
            dict(data.draw(st.sampled_from(_PAYLOADS))),
            to=answered,
            after_hours=data.draw(st.integers(0, 2)),
        )
    messages = talk.messages()
    view = view_of(messages)

    assert view_of(data.draw(st.permutations(messages))) == view
    assert {one.message.id for one in view.conversation} == {m.id for m in messages}
    for side in (Side.REQUESTING, Side.REQUESTED):
        assert all(one.is_allowed or one.why_not for one in view.next_messages(side))


def test_who_sends_on_and_on_is_taken_to_have_seen_what_is_old() -> None:
    talk = Talk()
    request = talk.received("A31")
    talk.decide(request, M1="ACCEPT")
    talk.says(REQ, "WDR", {"scope": "ALL", "data_action": "DELETE"}, to=request)
    for _ in range(16):
        talk.says(REQ, "BRN", {})
    talk.respond(request, final=False, M1="EXECUTED")

    assert refused(talk) is ProblemCode.STATE
