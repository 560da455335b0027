"""The pages of cases: the list with its filters, and a case as a conversation."""

import pytest

from gateway.admin.case_shapes import Case
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.client.case_calls import show_case
from gateway.console import case_wording
from gateway.mla.cases.states import State
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.browsing import look

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _case(node: AdminNode) -> Case:
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        done = await client.send(calls.submit(request))
        row = await client.send(calls.show_message(done.id))
        return await client.send(show_case(row.case))


async def test_cases_are_listed_by_the_filters_of_the_address(node: AdminNode) -> None:
    case = await _case(node)
    fitting = f"state=SENT&peer={PT}&type=MLA_REQ&measure=A42&urgency=URGENT&open=true"
    for query in ("", fitting):
        seen = await look(node, f"/console/cases?{query}", "auditor")
        assert seen.status == 200
        assert case.case in seen.text
        assert "/console/compose" not in seen.text
    other = await look(node, "/console/cases?state=CLOSED", "caseworker")
    assert "No case is like that." in other.text
    assert "/console/compose" in other.text
    wrong = await look(node, "/console/cases?state=NONSENSE")
    assert wrong.status == 400


async def test_a_case_shows_who_said_what_and_what_may_come_next(
    node: AdminNode,
) -> None:
    case = await _case(node)
    path = f"/console/cases/{case.case}?peer={PT}"
    seen = await look(node, path, "caseworker")

    (message,) = case.conversation
    assert f"/console/messages/{message.id}" in seen.links
    for one in case.next:
        link = f"/console/compose/new?type={one.type}&to={PT}&case={case.case}"
        assert any(found.startswith(link) for found in seen.links) is one.allowed, one
        assert one.allowed or one.why_not.split("'")[0][:20] in seen.text
    for deadline in case.deadlines:
        assert deadline.title in seen.text
    auditor = await look(node, path, "auditor")
    assert auditor.status == 200
    assert not any("compose" in found for found in auditor.links)


async def test_who_is_named_for_a_case_is_shown(node: AdminNode) -> None:
    case = await _case(node)
    path = f"/console/cases/{case.case}"
    nobody = await look(node, path, "caseworker")
    assert "nobody is named" in nobody.text
    async with node.session.post(
        f"{node.url}/api/v1/cases/{case.case}/readers/grant",
        json={"name": "caseworker", "reason": "hers"},
        headers=node.headers("admin"),
    ) as answer:
        assert answer.status == 200, await answer.text()
    named = await look(node, path, "caseworker")
    assert "nobody is named" not in named.text
    observer = await look(node, path, "observer")
    assert observer.status == 200


async def test_a_case_that_is_not_there_is_told_so(node: AdminNode) -> None:
    for case_id in ("nonsense", "01a1ee56-5e00-7ec1-8ad3-d05c0d0ec75a"):
        seen = await look(node, f"/console/cases/{case_id}")
        assert seen.status == 404


async def test_every_state_of_a_case_has_its_words() -> None:
    assert case_wording.STATES.keys() == set(State)
    assert case_wording.case_state_label("NEW_ONE") == "NEW_ONE"
    assert case_wording.case_state_tone("NEW_ONE") == "idle"
    assert case_wording.side("ANY", "REQ") == "either side"
