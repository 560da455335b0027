"""Operators: accounts with roles, units and tokens; adding and removing them."""

from gateway.admin.people_shapes import Operator, OperatorList, RemovedOperator
from gateway.console import people_wording
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.errors import NeedsApprovalError, NotFoundError

_OPERATORS = f"{PREFIX}/operators"


async def operators(visit: Visit) -> Outcome:
    """Show all accounts, and those there were."""
    found = await visit.ask(OperatorList, "list_operators")
    values = {"found": found, "roles": people_wording.ROLES}
    return View(template="people/operators.html", values=values)


async def operator(visit: Visit) -> Outcome:
    """Show one account."""
    found = await visit.ask(OperatorList, "list_operators", segments={})
    values = {
        "operator": _named(found, visit.segments["name"]),
        "others": tuple(
            one.name for one in found.items if one.name != visit.segments["name"]
        ),
        "roles": people_wording.ROLES,
    }
    return View(template="people/operator.html", values=values)


async def add(visit: Visit) -> Outcome:
    """Add an account, or ask a second person for it."""
    name = visit.form.text("name")
    body = {"name": name, "roles": visit.form.all("roles")}
    try:
        await visit.ask(Operator, "add_operator", body=body)
    except NeedsApprovalError as error:
        return _waits(visit, error)
    return _to(visit, name, visit.say("The account was added."))


async def roles(visit: Visit) -> Outcome:
    """Give an account other roles, or ask a second person for it."""
    body = {"roles": visit.form.all("roles")}
    try:
        await visit.ask(Operator, "set_roles", body=body)
    except NeedsApprovalError as error:
        return _waits(visit, error)
    return _to(visit, visit.segments["name"], visit.say("The roles were changed."))


async def remove(visit: Visit) -> Outcome:
    """Remove an account; show what became of its tasks, and what is left to do."""
    query = visit.form.given("handover")
    removed = await visit.ask(RemovedOperator, "remove_operator", query=query)
    values = {"removed": removed, "tasks": people_wording.TASKS}
    return View(template="people/removed.html", values=values)


async def revoke(visit: Visit) -> Outcome:
    """Make a token worth nothing."""
    name = visit.segments["name"]
    segments = {"operator": name, "label": visit.segments["label"]}
    await visit.do("revoke_token", segments=segments)
    return _to(visit, name, visit.say("The token is worth nothing now."))


def _named(found: OperatorList, name: str) -> Operator:
    for one in found.items:
        if one.name == name:
            return one
    raise NotFoundError(f"operator: no {name[:80]!r} here")


def _to(visit: Visit, name: str, notice: str) -> Redirect:
    del visit
    return Redirect(to=f"{_OPERATORS}/{name}", notice=notice)


def _waits(visit: Visit, error: NeedsApprovalError) -> Redirect:
    """Lead to what waits for a second person."""
    del error  # it names the command of the command line
    notice = visit.say("It waits for a second person to approve it.")
    return Redirect(to=f"{PREFIX}/approvals", notice=notice)
