"""People and systems of this authority: adding, removing, their roles and tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError, UsageError
from gateway.core.limits import MAX_TOKEN_LIFETIME_MS
from gateway.core.operators import (
    Departed,
    IssuedToken,
    KnownSecret,
    Operator,
    Role,
    issue_token,
    known_secrets,
    somebody_can_log_in,
)
from gateway.core.units import Units
from gateway.flows.trust import TrustChanges, TrustNote
from gateway.ports.people import NOTHING_BESIDE, Beside, Leaving, Moved
from gateway.ports.trust import TrustChange, TrustEdit
from gateway.ports.world import Clock

_YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A token that is asked for.

    Attributes:
        label: Its name among the operator's tokens.
        lifetime_ms: How long it is good, up to two years.
        roles: Those of the operator's roles it is limited to; empty for all.
        is_system: A system will hold it, which has to name the person it acts for.
        units: Those of the operator's units it is limited to; empty for all.
    """

    label: str
    lifetime_ms: int = _YEAR_MS
    roles: frozenset[Role] = frozenset()
    is_system: bool = False
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of the tasks of somebody who left, and what is left to do by hand.

    Attributes:
        moved: Tasks, and who has them now.
        secrets: What they may know, which has to be made worthless.
    """

    moved: tuple[Moved, ...]
    secrets: tuple[KnownSecret, ...]


class Operators:
    """Changes who may use the node; every change is logged."""

    def __init__(self, changes: TrustChanges, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock

    def all(self) -> Sequence[Operator]:
        """Return all operators, ordered by name."""
        return self._changes.register.operators()

    def departed(self) -> Sequence[Departed]:
        """Return everybody who had an account, ordered by name."""
        return self._changes.register.all_departed()

    def find(self, name: str) -> Operator:
        """Return an operator.

        Raises:
            NotFoundError: There is none of that name.
        """
        operator = self._changes.register.operator(name)
        if operator is None:
            raise NotFoundError(f"operator: no {name[:80]!r} here")
        return operator

    def check_new(self, name: str, roles: frozenset[Role]) -> Operator:
        """Return an operator who may be added.

        Raises:
            UsageError: The name has another form, or no role is given.
            ConflictError: There is, or was, one of that name.
        """
        operator = Operator(name, roles)
        if self._changes.register.operator(name) is not None:
            raise ConflictError(f"operator: {name} is there already")
        if self._changes.register.departed(name) is not None:
            raise ConflictError(
                f"operator: {name} was somebody who has left; the log names them, so "
                "nobody else gets that name"
            )
        return operator

    async def add(
        self,
        name: str,
        roles: frozenset[Role],
        act: Act,
        beside: Beside = NOTHING_BESIDE,
    ) -> Operator:
        """Add an operator, who can't log in before a token is made.

        Raises:
            UsageError: The name has another form, or no role is given.
            ConflictError: There is, or was, one of that name.
        """
        async with self._changes.turn:
            operator = self.check_new(name, roles)
            await self._put(operator, TrustChange.OPERATOR_ADDED, act, beside)
        return operator

    async def change(
        self,
        name: str,
        edit: Callable[[Operator], Operator],
        act: Act,
        detail: str,
        beside: Beside = NOTHING_BESIDE,
    ) -> Operator:
        """Change an operator as `edit` says, which sees what is in force.

        Args:
            name: Whom.
            edit: Returns the operator as it is to be; may refuse.
            act: Who does it.
            detail: What it is, for the log.
            beside: What else the transaction does.

        Raises:
            NotFoundError: No such operator.
            ConflictError: Nobody could change operators any more.
        """
        async with self._changes.turn:
            before = self.find(name)
            operator = edit(before)
            if operator != before:
                changed = TrustChange.OPERATOR_CHANGED
                await self._put(operator, changed, act, beside, detail)
        return operator

    async def set_roles(
        self,
        name: str,
        roles: frozenset[Role],
        act: Act,
        beside: Beside = NOTHING_BESIDE,
    ) -> Operator:
        """Give an operator other roles.

        Raises:
            NotFoundError: No such operator.
            UsageError: No role is given.
            ConflictError: Nobody could change operators any more.
        """
        async with self._changes.turn:
            operator = replace(self.find(name), roles=roles)
            await self._put(operator, TrustChange.OPERATOR_CHANGED, act, beside)
        return operator

    async def remove(self, name: str, act: Act, heir: str = "") -> Handover:
        """Remove an operator with all tokens, at once, and pass on the tasks.

        The name stays taken, so that the log never means two people by it.

        Args:
            name: Who leaves.
            act: Who removes them.
            heir: Who takes over the tasks; without, they are ended or anybody's.

        Raises:
            NotFoundError: No such operator, or heir.
            UsageError: They are to inherit from themselves.
            ConflictError: Nobody could change operators any more.
        """
        if heir == name:
            raise UsageError(f"operator: {name} can't take over from {name}")
        async with self._changes.turn:
            removed = self.find(name)
            if heir:
                self.find(heir)
            register, others = (
                self._changes.register,
                [one for one in self.all() if one is not removed],
            )
            self._check_access(others)
            units = register.units()
            gone = Departed(name, self._clock.now(), heir)
            moved = await self._changes.commit(
                TrustEdit(
                    departed=(gone,),
                    units=units.without(name, heir) if name in units.people() else None,
                ),
                TrustNote(
                    TrustChange.OPERATOR_REMOVED,
                    act,
                    detail=f"operator {name}, tasks to {heir or 'nobody'}",
                ),
                Beside(leaving=Leaving(name, heir, act)),
            )
        return Handover(
            moved=(*_seats(units, name, heir), *moved),
            secrets=tuple(known_secrets(removed, others)),
        )

    async def create_token(
        self,
        name: str,
        request: TokenRequest,
        act: Act,
        beside: Beside = NOTHING_BESIDE,
    ) -> IssuedToken:
        """Make a token; its text is in the answer and nowhere else.

        Raises:
            NotFoundError: No such operator.
            UsageError: The label or lifetime is out of bounds, a role is not the
                operator's, or there are too many tokens.
            ConflictError: The operator has a token of that label.
        """
        async with self._changes.turn:
            operator = self.find(name)
            _check_request(operator, request)
            self._check_units(operator, request)
            issued = issue_token(
                request.label,
                now=self._clock.now(),
                lifetime_ms=request.lifetime_ms,
                roles=request.roles,
                is_system=request.is_system,
                units=request.units,
                made_by=act.actor,
            )
            changed = replace(operator, tokens=(*operator.tokens, issued.token))
            await self._put(changed, TrustChange.OPERATOR_CHANGED, act, beside)
        return issued

    async def revoke_token(self, name: str, label: str, act: Act) -> None:
        """Make a token worth nothing from now on.

        Raises:
            NotFoundError: No such operator or token.
            ConflictError: Nobody could change operators any more.
        """
        async with self._changes.turn:
            operator = self.find(name)
            kept = tuple(one for one in operator.tokens if one.label != label)
            if len(kept) == len(operator.tokens):
                raise NotFoundError(f"token: {name} has no {label[:80]!r}")
            changed = replace(operator, tokens=kept)
            await self._put(changed, TrustChange.OPERATOR_CHANGED, act)

    def _check_units(self, operator: Operator, request: TokenRequest) -> None:
        units = self._changes.register.units()
        for code in sorted(request.units):
            unit = units.find(code)
            if unit is None or operator.name not in unit.named():
                raise UsageError(f"token: {operator.name} is not in a unit {code[:80]}")

    async def _put(
        self,
        operator: Operator,
        change: TrustChange,
        act: Act,
        beside: Beside = NOTHING_BESIDE,
        detail: str = "",
    ) -> None:
        others = [one for one in self.all() if one.name != operator.name]
        self._check_access([*others, operator])
        await self._changes.commit(
            TrustEdit(put_operators=(operator,)),
            TrustNote(
                change,
                act,
                detail=f"operator {operator.name}{detail and f': {detail}'}",
            ),
            beside,
        )

    def _check_access(self, operators: Sequence[Operator]) -> None:
        """Refuse a change after which nobody could make another one."""
        if not somebody_can_log_in(operators, self._clock.now()):
            raise ConflictError(
                "operator: nobody in role security would have a token; "
                "make another one first",
            )


def _seats(units: Units, name: str, heir: str) -> list[Moved]:
    """Return the units that somebody leaves."""
    return [Moved("unit", one.code, heir) for one in units.units if name in one.named()]


def _check_request(operator: Operator, request: TokenRequest) -> None:
    if not 0 < request.lifetime_ms <= MAX_TOKEN_LIFETIME_MS:
        raise UsageError(
            f"token: lifetime of {request.lifetime_ms} ms, "
            f"expected 1 to {MAX_TOKEN_LIFETIME_MS}",
        )
    if not request.roles <= operator.roles:
        missing = ", ".join(sorted(request.roles - operator.roles))
        raise UsageError(f"token: {operator.name} does not have the role {missing}")
    if any(token.label == request.label for token in operator.tokens):
        raise ConflictError(f"token: {operator.name} has a {request.label!r} already")
