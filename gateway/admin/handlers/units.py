"""Units, routing, and to whom cases are assigned."""

from collections.abc import Mapping
from datetime import date

from gateway.admin import unit_shapes as shapes
from gateway.admin.asked import Asked, Handler
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.core.errors import MalformedError, UsageError
from gateway.core.units import Assignee, Rule, Substitute, Unit, Units
from gateway.core.values import AuthorityId, parse_authority_id
from gateway.flows.days import day_of
from gateway.ports.people import Assignment


class UnitHandlers:
    """Answers about units and changes them."""

    def __init__(self, services: AdminServices) -> None:
        self._desk = services.unit_desk
        self._clock = services.exchange.clock

    def all(self) -> Mapping[str, Handler]:
        """Return what answers which operation."""
        return {
            "list_units": self.list,
            "put_unit": self.put,
            "remove_unit": self.remove,
            "set_routing": self.route,
            "assign_case": self.assign,
        }

    async def list(self, _asked: Asked) -> shapes.UnitList:
        """Return all units and rules."""
        return self._told(self._desk.all())

    async def put(self, asked: Asked) -> shapes.Unit:
        """Add a unit, or change one."""
        form = asked.form(shapes.PutUnitRequest)
        unit = Unit(
            code=asked.segments["unit"],
            name=form.name,
            members=form.members,
            head=form.head,
            substitutes=tuple(map(_substitute, form.substitutes)),
        )
        return self._unit(await self._desk.put(unit, asked.act()))

    async def remove(self, asked: Asked) -> None:
        """Remove a unit."""
        await self._desk.remove(asked.segments["unit"], asked.act())

    async def route(self, asked: Asked) -> shapes.UnitList:
        """Change the rules of routing."""
        form = asked.form(shapes.RoutingRequest)
        default = Assignee(unit=form.default_unit, people=form.default_people)
        rules = tuple(map(_rule, form.rules))
        return self._told(await self._desk.route(rules, default, asked.act()))

    async def assign(self, asked: Asked) -> shapes.AssignmentList:
        """Assign a case to somebody else."""
        form = asked.form(shapes.AssignRequest)
        done = await self._desk.reassign(
            asked.segments["id"],
            _peer(form.peer),
            Assignee(unit=form.unit, people=form.people),
            asked.act(form.reason),
        )
        return shapes.AssignmentList(items=tuple(map(_assignment, done)))

    def _told(self, units: Units) -> shapes.UnitList:
        return shapes.UnitList(
            items=tuple(map(self._unit, units.units)),
            rules=tuple(
                shapes.RoutingRule(
                    unit=one.to.unit,
                    people=one.to.people,
                    peers=one.peers,
                    countries=one.countries,
                    types=one.types,
                    instruments=one.instruments,
                    urgencies=one.urgencies,
                )
                for one in units.rules
            ),
            default_unit=units.default.unit,
            default_people=units.default.people,
        )

    def _unit(self, unit: Unit) -> shapes.Unit:
        today = day_of(self._clock.now())
        return shapes.Unit(
            code=unit.code,
            name=unit.name,
            members=unit.members,
            head=unit.head,
            substitutes=tuple(
                shapes.Substitution(
                    name=one.name,
                    stands_for=one.stands_for,
                    first=one.first.isoformat(),
                    last=one.last.isoformat(),
                )
                for one in unit.substitutes
            ),
            today=tuple(sorted(one for one in unit.named() if unit.has(one, today))),
        )


def _substitute(given: shapes.Substitution) -> Substitute:
    try:
        first, last = date.fromisoformat(given.first), date.fromisoformat(given.last)
    except ValueError as error:
        raise UsageError(f"substitute {given.name}: {error}") from error
    return Substitute(given.name, given.stands_for, first, last)


def _rule(given: shapes.RoutingRule) -> Rule:
    return Rule(
        to=Assignee(unit=given.unit, people=given.people),
        peers=given.peers,
        countries=given.countries,
        types=given.types,
        instruments=given.instruments,
        urgencies=given.urgencies,
    )


def _peer(text: str) -> AuthorityId | None:
    try:
        return parse_authority_id(text) if text else None
    except MalformedError as error:
        raise UsageError(f"peer: {error}") from error


def _assignment(done: Assignment) -> shapes.CaseAssignment:
    return shapes.CaseAssignment(
        case=done.case_id,
        peer=done.peer,
        index=done.log_index,
        unit=done.assignee.unit,
        people=done.assignee.people,
        by=done.by,
        at=when(done.at),
    )
