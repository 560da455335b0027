"""The pages of people: approvals, operators, units; two persons and a handover."""

import pytest

from gateway.admin.approval_shapes import ApprovalQuery
from gateway.admin.shapes import SubmitRequest
from gateway.client import calls
from gateway.client.approval_calls import list_approvals
from gateway.console import people_wording
from gateway.core.operators import Role
from gateway.ports.approvals import ApprovalKind, ApprovalState
from tests.support.admin_api import PT, AdminNode, request_form
from tests.support.browsing import look

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def waiting(node: AdminNode) -> int:
    async with node.client() as client:
        page = await client.send(list_approvals(ApprovalQuery(state="waiting")))
    return page.items[0].id


async def added(node: AdminNode, name: str, role: str = "observer") -> None:
    """Add an account on the pages: one asks, the other approves."""
    form = [("name", name), ("roles", role)]
    asked = await look(node, "/console/operators", "security", form=form)
    assert asked.headers["location"] == "/console/approvals"
    path = f"/console/approvals/{await waiting(node)}/approve"
    done = await look(node, path, "admin", form={"reason": "seen"})
    assert done.status == 303


async def test_every_kind_state_and_role_has_its_words() -> None:
    assert people_wording.KINDS.keys() == set(ApprovalKind)
    assert people_wording.STATES.keys() == set(ApprovalState)
    assert people_wording.ROLES.keys() == set(Role)


async def test_an_account_is_asked_for_by_one_and_approved_by_another(
    node: AdminNode,
) -> None:
    form = [("name", "jaan"), ("roles", "observer"), ("roles", "caseworker")]
    asked = await look(node, "/console/operators", "security", form=form)
    assert asked.headers["location"] == "/console/approvals"
    number = await waiting(node)
    path = f"/console/approvals/{number}"
    own = await look(node, path, "security")
    assert "another person decides" in own.text
    assert own.actions == []
    other = await look(node, path, "admin")
    assert "jaan caseworker observer" in other.text
    assert other.actions == [f"{path}/approve", f"{path}/reject"]
    refused = await look(node, f"{path}/approve", "security", form={"reason": ""})
    assert refused.status == 403
    done = await look(node, f"{path}/approve", "admin", form={"reason": "seen"})
    assert done.headers["location"] == "/console/approvals"
    seen = await look(node, "/console/operators/jaan", "security")
    assert (seen.status, seen.count("h1")) == (200, 1)
    listed = await look(node, "/console/approvals?state=all&kind=roles", "approver")
    assert f"/console/approvals/{number}" in listed.links
    assert "/console/approvals/0" not in listed.links


async def test_what_is_rejected_is_not_done(node: AdminNode) -> None:
    form = [("roles", "observer"), ("roles", "auditor")]
    path = "/console/operators/observer/roles"
    asked = await look(node, path, "security", form=form)
    assert asked.headers["location"] == "/console/approvals"
    number = await waiting(node)
    path = f"/console/approvals/{number}/reject"
    assert (await look(node, path, form={"reason": ""})).status == 400
    done = await look(node, path, form={"reason": "he does not need it"})
    assert done.status == 303
    shown = await look(node, f"/console/approvals/{number}", "auditor")
    assert "rejected" in shown.text
    found = node.services.operators.find("observer")
    assert found.roles == {Role.OBSERVER}


async def test_who_leaves_hands_over_and_the_page_says_what_is_left_to_do(
    node: AdminNode,
) -> None:
    await added(node, "mari")
    path = "/console/operators/mari"
    assert f"{path}/remove" in (await look(node, path, "security")).actions
    form = {"handover": "observer"}
    removed = await look(node, f"{path}/remove", "security", form=form)
    assert removed.status == 200
    assert "mari has left" in removed.text
    assert (await look(node, path, "security")).status == 404
    listed = await look(node, "/console/operators", "security")
    assert "/console/operators/mari" not in listed.links
    assert "mari" in listed.text
    again = [("name", "mari"), ("roles", "observer")]
    refused = await look(node, "/console/operators", "security", form=again)
    assert refused.status == 409


async def test_a_token_is_revoked_on_the_page_of_its_account(node: AdminNode) -> None:
    path = "/console/operators/operator/tokens/desk/revoke"
    page = await look(node, "/console/operators/operator", "security")
    assert path in page.actions
    done = await look(node, path, "security", form={})
    assert done.headers["location"] == "/console/operators/operator"
    assert node.services.operators.find("operator").tokens == ()


BALTIC = {
    "code": "baltic",
    "name": "Unit for Baltic states",
    "members": "caseworker, approver",
    "head": "caseworker",
    "substitutes": "observer for caseworker 2026-07-01 2026-07-31",
}


async def routed(node: AdminNode, rules: str, rest: str = "") -> int:
    form = {"rules": rules, "rest": rest}
    return (await look(node, "/console/routing", "security", form=form)).status


async def test_units_are_made_and_rules_lead_to_them(node: AdminNode) -> None:
    done = await look(node, "/console/units", "security", form=BALTIC)
    assert done.headers["location"] == "/console/units"
    page = await look(node, "/console/units/baltic", "security")
    assert "observer for caseworker 2026-07-01 2026-07-31" in page.text
    rules = "countries=LV,LT types=MLA_REQ -> baltic\n\n* -> caseworker approver"
    assert await routed(node, rules, "baltic") == 303
    listed = await look(node, "/console/units", "security")
    assert "countries=LV,LT types=MLA_REQ -&gt; baltic" in listed.text
    for wrong in ("countries -> baltic", "planet=X -> baltic", "LV", "* -> nobody"):
        assert await routed(node, wrong) == 400, wrong
    for lines in ("observer caseworker", "a for b 2026-99-01 2026-07-31"):
        form = {"code": "x", "name": "X", "members": "", "substitutes": lines}
        refused = await look(node, "/console/units", "security", form=form)
        assert refused.status == 400, lines
    auditor = await look(node, "/console/units", "auditor")
    assert (auditor.status, auditor.actions) == (200, [])
    assert (await look(node, "/console/units/baltic", "auditor")).status == 404
    remove = "/console/units/baltic/remove"
    assert (await look(node, remove, "security", form={})).status == 409
    assert await routed(node, "") == 303
    assert (await look(node, remove, "security", form={})).status == 303


async def test_a_case_is_passed_on_with_a_reason(node: AdminNode) -> None:
    await look(node, "/console/units", "security", form=BALTIC)
    request = SubmitRequest(to=PT, message=dict(request_form()))
    async with node.client("caseworker") as client:
        sent = await client.send(calls.submit(request))
        case = (await client.send(calls.show_message(sent.id))).case
    path = f"/console/cases/{case}"
    assert "baltic" in (await look(node, path, "caseworker")).text
    form = {"to": "caseworker", "reason": "he knows it", "peer": PT}
    done = await look(node, f"{path}/assign", "caseworker", form=form)
    assert done.headers["location"] == "/console/cases"
    entries = await node.entries("admin.case-assign")
    assert [one["detail"] for one in entries] == ["to baltic", "to caseworker"]
    form = {"to": "", "reason": "", "peer": PT}
    refused = await look(node, f"{path}/assign", "caseworker", form=form)
    assert refused.status == 400
    remove = "/console/units/baltic/remove"
    assert (await look(node, remove, "security", form={})).status == 303


async def test_pages_of_people_are_there_for_who_may_use_them(node: AdminNode) -> None:
    for path, accounts in (
        ("/console/operators", {"security", "admin"}),
        ("/console/approvals", {"approver", "security", "caseworker", "auditor"}),
    ):
        for account in ("observer", "caseworker", "approver", "auditor", "security"):
            status = (await look(node, path, account)).status
            assert (status == 200) is (account in accounts), (path, account)
    french = await look(
        node, "/console/operators", "security", headers={"Accept-Language": "fr"}
    )
    assert "Opérateurs" in french.text
