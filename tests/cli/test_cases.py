"""`case` on the command line."""

from gateway.admin.case_shapes import (
    Case,
    CaseCondition,
    CaseDuty,
    CaseMeasure,
    CaseMessage,
    CaseNext,
    CasePage,
    CaseProcedure,
    CaseQuery,
    CaseQuestion,
    CaseSummary,
    StateStep,
)
from tests.support.command_line import AT, run_at
from tests.support.scripted_api import Answer, ScriptedApi

CASE = "01990000-0000-7000-8000-0000000000ca"


def _summary(number: int) -> CaseSummary:
    return CaseSummary(
        case=f"case-{number}",
        peer="pgr.pt",
        role="REQ",
        state="RECEIVED",
        messages=2,
        opened_at=AT,
        last_at=AT,
        type="MLA_REQ",
        sender_ref="EE-1",
        recipient_ref="PT-2",
        awaits_us=1,
    )


def _case() -> Case:
    step = StateStep(state="CLARIFYING", at=AT, by="m2")
    return Case(
        case=CASE,
        peer="pgr.pt",
        role="RQD",
        state="CLARIFYING",
        messages=2,
        opened_at=AT,
        last_at=AT,
        whole=True,
        measures=(
            CaseMeasure(id="M1", state="CLARIFYING", history=(step,), assist="A42"),
        ),
        sub_states=(
            CaseProcedure(procedure="preservation", state="LINKED", history=(step,)),
        ),
        conversation=(
            CaseMessage(
                id="m2",
                type="CLR_REQ",
                role="RQD",
                at=AT,
                case_state="CLARIFYING",
                delivery="delivered",
                flags=("crossing",),
                note="it crossed the withdrawal",
            ),
        ),
        questions=(
            CaseQuestion(
                by="m2",
                type="CLR_REQ",
                role="REQ",
                answered_by=("CLR_RSP", "AMD"),
                reply_by="2026-12-01",
            ),
        ),
        duties=(CaseDuty(what="delete", role="REQ", by="m1", told_by="RET_CNF"),),
        conditions=(CaseCondition(id="K1", code="C01", by="m3"),),
        deadlines=(),
        state_path=(step,),
        next=(
            CaseNext(type="STS", allowed=True, measures=("M1",), says=("started",)),
            CaseNext(type="RSP", allowed=False, why_not="the measure is CLARIFYING"),
        ),
        next_of_peer=(CaseNext(type="CLR_RSP", allowed=True, answers=("m2",)),),
    )


def test_cases_are_listed_page_by_page(api: ScriptedApi) -> None:
    def answer(count: int) -> Answer:
        pages = (
            CasePage(items=(_summary(3),), next="3"),
            CasePage(items=(_summary(2), _summary(1))),
        )
        return pages[count % 2]

    api.answers["list_cases"] = answer

    done = run_at(api, "case", "list", "--open", "--state", "received")

    rows = done.stdout.splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["case-3", "case-2", "case-1"]
    assert "EE-1" in rows[0]
    assert api.last.query == CaseQuery(state="RECEIVED", open=True, before=3)
    few = run_at(api, "case", "list", "--limit", "1", "--json").document()
    assert str(few["items"]).count("'case': ") == 1


def test_a_case_is_shown_for_people(api: ScriptedApi) -> None:
    api.answers["show_case"] = lambda _count: _case()

    shown = run_at(api, "case", "show", CASE).stdout

    for words in (
        "we are the requested side",
        "state: CLARIFYING",
        "crossing; it crossed the withdrawal",
        "answer to CLR_REQ m2",
        "CLR_RSP or AMD",
        "preservation",
        "The other side may send",
    ):
        assert words in shown, words
    assert "the measure is CLARIFYING" not in shown
    told = run_at(api, "case", "show", CASE, "--why-not").stdout
    assert "the measure is CLARIFYING" in told
    document = run_at(api, "case", "show", CASE, "--json").document()
    assert document["state"] == "CLARIFYING"
