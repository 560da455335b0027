"""Approvals: what waits for a second person, what it would do, and deciding on it."""

from typing import Final

from gateway.admin.approval_shapes import Approval, ApprovalPage
from gateway.console import people_wording
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit

FILTERS: Final = ("state", "kind")
_PAGE: Final = "50"


async def approvals(visit: Visit) -> Outcome:
    """Show what waits for a second person, newest first; or what did."""
    filters = visit.query.given(*FILTERS)
    state = filters.get("state", "waiting")
    query = {"limit": _PAGE} | visit.query.given("kind", "cursor")
    if state != "all":
        query["state"] = state
    page = await visit.ask(ApprovalPage, "list_approvals", query=query)
    values = {
        "page": page,
        "filters": filters | {"state": state},
        "kinds": people_wording.KINDS,
        "states": people_wording.STATES,
        "next_url": page.next and visit.query.url_with(visit.path, cursor=page.next),
        "first_url": visit.query.text("cursor")
        and visit.query.url_with(visit.path, cursor=""),
    }
    return View(template="people/approvals.html", values=values)


async def approval(visit: Visit) -> Outcome:
    """Show one, with what approving it would do, to whom may decide."""
    found = await visit.ask(Approval, "show_approval")
    caller = visit.caller
    holds = found.role in {role.value for role in caller.roles}
    is_own = caller.name in {found.asked_by, found.asked_for}
    values = {
        "approval": found,
        "kind": people_wording.KINDS[found.kind],
        "state": people_wording.STATES[found.state],
        "is_open": found.state == "waiting",
        "is_own": is_own,
        "may_decide": holds and not is_own and not caller.is_system,
    }
    return View(template="people/approval.html", values=values)


async def approve(visit: Visit) -> Outcome:
    """Approve what somebody else asked for."""
    body = visit.form.given("reason")
    done = await visit.ask(Approval, "approve", body=body)
    if done.state == "approved":
        notice = visit.say("Approved: who asked may do it now, once.")
    else:
        notice = visit.say("Approved, and done.")
    return Redirect(to=f"{PREFIX}/approvals", notice=notice)


async def reject(visit: Visit) -> Outcome:
    """Reject what somebody else asked for."""
    body = {"reason": visit.form.text("reason")}
    await visit.do("reject", body=body)
    return Redirect(to=f"{PREFIX}/approvals", notice=visit.say("Rejected."))
