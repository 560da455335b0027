"""Accounts, their roles and tokens; and who the caller is."""

from gateway.admin.asked import Asked
from gateway.admin.people_shapes import (
    AddOperatorRequest,
    CreateTokenRequest,
    DepartedOperator,
    IssuedToken,
    MovedTask,
    Operator,
    OperatorList,
    RemovedOperator,
    RemoveOperatorQuery,
    SecretToRotate,
    Session,
    SetRolesRequest,
)
from gateway.admin.rendering import in_order, operator_of, when
from gateway.admin.services import AdminServices
from gateway.flows.operators import TokenRequest

_DAY_MS = 86_400_000


class PeopleHandlers:
    """Answers about accounts and changes them."""

    def __init__(self, services: AdminServices) -> None:
        self._operators = services.operators
        self._two_persons = services.two_persons
        self._desks = services.unit_desk
        self._store = services.exchange.store
        self._roster = services.roster
        self._authority = services.exchange.ourselves

    async def session(self, asked: Asked) -> Session:
        """Return who the caller is."""
        caller = asked.caller
        scope = self._desks.scope_of(caller)
        return Session(
            name=caller.name,
            label=caller.token_label,
            roles=in_order(caller.roles),
            authority=self._authority,
            system=caller.is_system,
            units=tuple(sorted(scope.units)) if scope else (),
            scoped=scope is not None,
            expires_at=when(caller.token_expires_at),
        )

    async def list(self, _asked: Asked) -> OperatorList:
        """Return all accounts, and those there were."""
        uses = await self._store.token_uses()
        return OperatorList(
            items=tuple(
                operator_of(one, self._desks.units_of(one.name), uses)
                for one in self._operators.all()
            ),
            departed=tuple(
                DepartedOperator(
                    name=one.name, removed_at=when(one.removed_at), heir=one.heir
                )
                for one in self._operators.departed()
            ),
        )

    async def add(self, asked: Asked) -> Operator:
        """Add an account."""
        form = asked.form(AddOperatorRequest)
        roles = frozenset(form.roles)
        return operator_of(
            await self._two_persons.add_operator(form.name, roles, asked.act())
        )

    async def set_roles(self, asked: Asked) -> Operator:
        """Give an account other roles."""
        roles = frozenset(asked.form(SetRolesRequest).roles)
        name = asked.segments["name"]
        changed = await self._two_persons.set_roles(name, roles, asked.act())
        return operator_of(changed)

    async def remove(self, asked: Asked) -> RemovedOperator:
        """Remove an account, and hand over its tasks."""
        name = asked.segments["name"]
        heir = asked.filters(RemoveOperatorQuery).handover
        done = await self._operators.remove(name, asked.act(), heir)
        roster = [
            MovedTask(what="roster", subject=name)
            for one in (await self._roster()).persons
            if name in {one.name, one.substitute}
        ]
        return RemovedOperator(
            name=name,
            heir=heir,
            moved=(
                *(
                    MovedTask(what=one.what, subject=one.subject, to=one.heir)
                    for one in done.moved
                ),
                *roster[:1],
            ),
            secrets=tuple(
                SecretToRotate(secret=one.secret, why=one.why, remedy=one.remedy)
                for one in done.secrets
            ),
        )

    async def create_token(self, asked: Asked) -> IssuedToken:
        """Create a token; the answer is the only place where its text ever stands."""
        form = asked.form(CreateTokenRequest)
        issued = await self._two_persons.create_token(
            form.operator,
            TokenRequest(
                label=form.label,
                lifetime_ms=form.days * _DAY_MS,
                roles=frozenset(form.roles),
                is_system=form.system,
                units=frozenset(form.units),
            ),
            asked.act(),
        )
        return IssuedToken(
            operator=form.operator,
            label=issued.token.label,
            token=issued.text,
            expires_at=when(issued.token.expires_at),
        )

    async def revoke_token(self, asked: Asked) -> None:
        """Make a token worth nothing."""
        segments = asked.segments
        await self._operators.revoke_token(
            segments["operator"],
            segments["label"],
            asked.act(),
        )
