"""Cases through the API: a list, one as a whole, and what may be sent next."""

import pytest

from gateway.admin.case_shapes import Case, CaseQuery
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.client.case_calls import list_cases, show_case
from gateway.core.errors import NotAllowedError, NotFoundError, UsageError
from gateway.flows import cases as flows
from tests.support.admin_api import PT, AdminNode, request_form


async def _submit(node: AdminNode) -> str:
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        return (await client.send(calls.submit(request))).id


async def _states(node: AdminNode, query: CaseQuery) -> list[str]:
    async with node.client("caseworker") as client:
        page = await client.send(list_cases(query))
    return [one.state for one in page.items]


async def _case(node: AdminNode, message: str) -> Case:
    async with node.client("auditor") as client:
        row = await client.send(calls.show_message(message))
        return await client.send(show_case(row.case))


async def test_a_case_is_listed_with_where_it_stands(node: AdminNode) -> None:
    message = await _submit(node)
    async with node.client("auditor") as client:
        page = await client.send(list_cases(CaseQuery()))

    (case,) = page.items
    assert (case.peer, case.role, case.state) == (PT, "REQ", "SENT")
    assert (case.type, case.messages) == ("MLA_REQ", 1)
    assert case.measure_states == {"M1": "SENT", "M2": "SENT"}
    assert page.next == ""
    assert (await _case(node, message)).case == case.case


async def test_cases_are_filtered(node: AdminNode) -> None:
    await _submit(node)
    found = ["SENT"]
    for fitting in (
        CaseQuery(state="SENT"),
        CaseQuery(peer=PT),
        CaseQuery(type="MLA_REQ"),
        CaseQuery(measure="A42"),
        CaseQuery(urgency="URGENT"),
        CaseQuery(open=True),
    ):
        assert await _states(node, fitting) == found
    for other in (
        CaseQuery(state="CLOSED"),
        CaseQuery(peer="none.example"),
        CaseQuery(type="PRS_REQ"),
        CaseQuery(measure="A10"),
        CaseQuery(urgency="ROUTINE"),
        CaseQuery(open=False),
    ):
        assert await _states(node, other) == []


@pytest.mark.parametrize(
    "query",
    [
        CaseQuery(state="NONSENSE"),
        CaseQuery(type="NONSENSE"),
        CaseQuery(measure="A00"),
        CaseQuery(urgency="SOON"),
        CaseQuery(peer="Not A Peer"),
    ],
)
async def test_what_no_case_can_have_is_not_asked_for(
    node: AdminNode, query: CaseQuery
) -> None:
    async with node.client("caseworker") as client:
        with pytest.raises(UsageError):
            await client.send(list_cases(query))


async def test_pages_go_on_where_the_last_one_ended(
    node: AdminNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await _submit(node)
    seen, query = [], CaseQuery(limit=2)
    async with node.client("caseworker") as client:
        while True:
            page = await client.send(list_cases(query))
            seen += [one.case for one in page.items]
            if not page.next:
                break
            query = CaseQuery(limit=2, before=int(page.next))
    assert len(set(seen)) == 3

    # Of many cases that do not fit, a page looks at so many only, and tells to go on.
    monkeypatch.setattr(flows, "MOST_LOOKED_AT", 2)
    async with node.client("caseworker") as client:
        page = await client.send(list_cases(CaseQuery(state="CLOSED")))
        assert page.items == ()
        assert page.next
        query = CaseQuery(state="CLOSED", before=int(page.next))
        assert (await client.send(list_cases(query))).next == ""


async def test_a_case_is_shown_as_a_whole(node: AdminNode) -> None:
    message = await _submit(node)
    case = await _case(node, message)

    assert case.whole
    assert [(one.id, one.state) for one in case.measures] == [
        ("M1", "SENT"),
        ("M2", "SENT"),
    ]
    (said,) = case.conversation
    assert (said.id, said.role, said.seq) == (message, "REQ", 1)
    assert said.delivery == "queued"
    assert [one.state for one in case.state_path] == ["SENT"]
    assert {one.rule for one in case.deadlines} >= {"D27.ack"}
    may = {one.type for one in case.next if one.allowed}
    assert "WDR" in may
    assert "CLS" not in may
    reasons = {one.type: one.why_not for one in case.next}
    assert "the measure is SENT" in reasons["CLS"]
    assert "ACK" in {one.type for one in case.next_of_peer if one.allowed}


async def test_a_case_that_is_not_there_is_not_found(node: AdminNode) -> None:
    message = await _submit(node)
    async with node.client("caseworker") as client:
        for case in ("01990000-0000-7000-8000-0000000000ff", "x"):
            with pytest.raises(NotFoundError):
                await client.send(show_case(case))
        row = await client.send(calls.show_message(message))
        with pytest.raises(NotFoundError):
            await client.send(show_case(row.case, "none.example"))


async def test_who_keeps_the_keys_does_not_look_at_cases(node: AdminNode) -> None:
    async with node.client("security") as client:
        with pytest.raises(NotAllowedError):
            await client.send(list_cases(CaseQuery()))


async def test_what_the_case_does_not_allow_is_refused_with_what_it_does(
    node: AdminNode,
) -> None:
    message = await _submit(node)
    case = await _case(node, message)
    closure = request_form() | {
        "msg_type": "CLS",
        "case_id": case.case,
        "payload": {"outcomes": [], "open_duties": []},
    }
    request = SubmitRequest(to=PT, message=dict(closure))
    async with node.client("caseworker") as client:
        with pytest.raises(Exception, match="out of place") as refused:
            await client.send(calls.submit(request))
    (problem,) = refused.value.problems  # type: ignore[attr-defined]
    assert problem.code == "E_STATE"
    assert "CLS while the measure is SENT" in problem.sentence
    assert "WDR" in problem.sentence
