"""The units of the authority: changing them, routing to them, what each person sees."""

from dataclasses import replace

from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError, UsageError
from gateway.core.operators import Caller, Role
from gateway.core.units import Assignee, Facts, Rule, Scope, Unit, Units
from gateway.core.values import AuthorityId
from gateway.flows.days import day_of
from gateway.flows.exchange import Exchange
from gateway.flows.trust import TrustChanges, TrustNote
from gateway.mla.problems import texts_at
from gateway.ports.messages import MessageIndex
from gateway.ports.people import Assignment
from gateway.ports.trust import TrustChange, TrustEdit


class UnitDesk:
    """Changes units and the rules of routing; every change is logged."""

    def __init__(self, exchange: Exchange, changes: TrustChanges) -> None:
        self._exchange = exchange
        self._changes = changes

    def all(self) -> Units:
        """Return all units and rules."""
        return self._changes.register.units()

    def units_of(self, account: str) -> frozenset[str]:
        """Return the units in which somebody works today."""
        return self.all().of(account, day_of(self._exchange.clock.now()))

    def scope_of(self, caller: Caller) -> Scope | None:
        """Return what somebody who works on cases sees; None for everything."""
        today = day_of(self._exchange.clock.now())
        return self.all().scope_of(caller.name, today, caller.units)

    def for_received(
        self, peer: AuthorityId, index: MessageIndex, document: JsonObject
    ) -> Assignee | None:
        """Return to whom a case goes whose first message was received.

        None where there are no units: then nothing is assigned.
        """
        units = self.all()
        if not units.units:
            return None
        known = self._exchange.directory.peer(peer)
        return units.route(
            Facts(
                peer=peer,
                country=known.card.country if known else "",
                msg_type=index.msg_type,
                instruments=texts_at(document, "/instrument/*"),
                urgency=index.urgency,
            )
        )

    def for_opened(self, account: str) -> Assignee | None:
        """Return to whom a case goes that somebody here opens."""
        units = self.all()
        if not units.units:
            return None
        return units.home_of(account, day_of(self._exchange.clock.now()))

    async def put(self, unit: Unit, act: Act) -> Unit:
        """Add a unit, or put it in the place of the one of that code.

        Raises:
            UsageError: Somebody it names has no account, or there are too many.
        """
        async with self._changes.turn:
            units = self.all()
            others = [one for one in units.units if one.code != unit.code]
            whole = sorted([*others, unit], key=lambda one: one.code)
            changed = replace(units, units=tuple(whole))
            await self._commit(changed, act, f"unit {unit.code}")
        return unit

    async def remove(self, code: str, act: Act) -> None:
        """Remove a unit to which no rule leads; its cases are then for the others.

        Raises:
            NotFoundError: There is none of that code.
            ConflictError: A rule leads to it.
        """
        async with self._changes.turn:
            units = self.all()
            if units.find(code) is None:
                raise NotFoundError(f"unit: no {code[:80]!r} here")
            if code in {rule.to.unit for rule in units.rules} | {units.default.unit}:
                raise ConflictError(f"unit: a rule of routing leads to {code}")
            kept = tuple(one for one in units.units if one.code != code)
            await self._commit(replace(units, units=kept), act, f"no unit {code}")

    async def route(
        self, rules: tuple[Rule, ...], default: Assignee, act: Act
    ) -> Units:
        """Put rules of routing in the place of those there are.

        Raises:
            UsageError: A rule leads nowhere, or there are too many.
        """
        async with self._changes.turn:
            changed = replace(self.all(), rules=rules, default=default)
            await self._commit(changed, act, f"{len(rules)} rules of routing")
        return changed

    async def reassign(
        self, case_id: str, peer: AuthorityId | None, assignee: Assignee, act: Act
    ) -> list[Assignment]:
        """Assign a case to somebody else, with all its peers or one of them.

        Raises:
            NotFoundError: No such case.
            UsageError: There is no such unit, or somebody does not work on cases.
        """
        self._check(assignee)
        store, now = self._exchange.store, self._exchange.clock.now()
        rows = await store.cases_of(case_id)
        peers = [row.peer for row in rows if peer in {None, row.peer}]
        if not peers:
            raise NotFoundError(f"case {case_id}: not found")
        return [await store.assign(case_id, one, assignee, act, now) for one in peers]

    def _check(self, assignee: Assignee) -> None:
        if assignee.unit and self.all().find(assignee.unit) is None:
            raise UsageError(f"unit: no {assignee.unit[:80]!r} here")
        for name in assignee.people:
            operator = self._changes.register.operator(name)
            if operator is None or Role.CASEWORKER not in operator.roles:
                raise UsageError(f"people: {name[:80]!r} has no role caseworker here")

    async def _commit(self, units: Units, act: Act, detail: str) -> None:
        register = self._changes.register
        unknown = sorted(
            name for name in units.people() if register.operator(name) is None
        )
        if unknown:
            raise UsageError(f"unit: {unknown[0][:80]!r} has no account here")
        await self._changes.commit(
            TrustEdit(units=units),
            TrustNote(TrustChange.UNITS_CHANGED, act, detail=detail),
        )
