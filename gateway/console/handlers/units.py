"""Units: who works on which cases, the rules of routing, and passing on a case."""

import json

from gateway.admin.unit_shapes import (
    AssignmentList,
    RoutingRule,
    Substitution,
    Unit,
    UnitList,
)
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.errors import NotFoundError, UsageError

_UNITS = f"{PREFIX}/units"
_LISTS = ("peers", "countries", "types", "instruments", "urgencies")


async def units(visit: Visit) -> Outcome:
    """Show all units, and the rules by which cases come to them."""
    found = await visit.ask(UnitList, "list_units")
    values = {
        "found": found,
        "may_change": visit.may("put_unit", "set_routing"),
        "rules": "\n".join(map(_spelled, found.rules)),
        "rest": _rest(found),
    }
    return View(template="people/units.html", values=values)


async def unit(visit: Visit) -> Outcome:
    """Show one unit, to be changed."""
    found = await visit.ask(UnitList, "list_units", segments={})
    for one in found.items:
        if one.code == visit.segments["unit"]:
            return View(template="people/unit.html", values={"unit": one})
    raise NotFoundError(f"unit: no {visit.segments['unit'][:80]!r} here")


async def put(visit: Visit) -> Outcome:
    """Add a unit, or change one."""
    form = visit.form
    body = {
        "name": form.text("name"),
        "members": _words(form.text("members")),
        "head": form.text("head"),
        "substitutes": [
            _substitute(line)
            for line in form.text("substitutes").splitlines()
            if line.strip()
        ],
    }
    code = form.text("code")
    await visit.ask(Unit, "put_unit", segments={"unit": code}, body=body)
    return Redirect(to=_UNITS, notice=visit.say("The unit was kept."))


async def remove(visit: Visit) -> Outcome:
    """Remove a unit to which no rule leads."""
    await visit.do("remove_unit")
    return Redirect(to=_UNITS, notice=visit.say("The unit was removed."))


async def route(visit: Visit) -> Outcome:
    """Put rules of routing in the place of those there are."""
    lines = visit.form.text("rules").splitlines()
    rest = visit.form.text("rest")
    codes = {one.code for one in (await visit.ask(UnitList, "list_units")).items}
    body: dict[str, object] = {
        "rules": [
            _rule(number, line, codes)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ],
    }
    if rest in codes:
        body["default_unit"] = rest
    else:
        body["default_people"] = _words(rest)
    await visit.ask(UnitList, "set_routing", body=body)
    return Redirect(to=_UNITS, notice=visit.say("The rules were changed."))


async def assign(visit: Visit) -> Outcome:
    """Pass a case on to another unit or other people."""
    to = visit.form.text("to")
    found = await visit.ask(UnitList, "list_units", segments={})
    is_unit = to in {one.code for one in found.items}
    body: dict[str, object] = {"reason": visit.form.text("reason")}
    body |= {"unit": to} if is_unit else {"people": _words(to)}
    body |= visit.form.given("peer")
    await visit.ask(AssignmentList, "assign_case", body=body)
    notice = visit.say("The case was passed on.")
    return Redirect(to=f"{PREFIX}/cases", notice=notice)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _substitute(line: str) -> dict[str, str]:
    """Return who stands in, of a line like `bert for anna 2026-07-01 2026-07-31`.

    Raises:
        UsageError: It is of another form.
    """
    words = [word for word in line.split() if word != "for"]
    if len(words) != len(Substitution.__struct_fields__):
        raise UsageError(
            f"substitutes: {line[:80]!r}, expected like: "
            "bert for anna 2026-07-01 2026-07-31"
        )
    return dict(zip(Substitution.__struct_fields__, words, strict=True))


def _spelled(rule: RoutingRule) -> str:
    """Return a rule as a line: what fits, an arrow, and to whom it goes."""
    wanted = [
        f"{name}={','.join(getattr(rule, name))}"
        for name in _LISTS
        if getattr(rule, name)
    ]
    return f"{' '.join(wanted) or '*'} -> {rule.unit or ' '.join(rule.people)}"


def _rule(number: int, line: str, units: set[str]) -> dict[str, object]:
    """Return the rule that a line spells.

    Raises:
        UsageError: It is of another form.
    """
    left, arrow, right = line.partition("->")
    if not arrow:
        raise UsageError(
            f"rules: line {number}: expected like: countries=LV,LT -> baltic"
        )
    rule: dict[str, object] = {}
    for word in left.split():
        name, equals, values = word.partition("=")
        if word == "*":
            continue
        if not equals or name not in _LISTS:
            raise UsageError(
                f"rules: line {number}: {json.dumps(word[:40])}, expected one of "
                f"{', '.join(_LISTS)} with = and values"
            )
        rule[name] = [value for value in values.split(",") if value]
    people = _words(right)
    if len(people) == 1 and people[0] in units:
        rule["unit"] = people[0]
    else:
        rule["people"] = people
    return rule


def _rest(found: UnitList) -> str:
    return found.default_unit or " ".join(found.default_people)
