"""Accounts, their roles and tokens; and who the caller is."""

from gateway.admin.asked import Asked
from gateway.admin.node_shapes import (
    AddOperatorRequest,
    CreateTokenRequest,
    IssuedToken,
    Operator,
    OperatorList,
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
        self._authority = services.exchange.ourselves

    async def session(self, asked: Asked) -> Session:
        """Return who the caller is."""
        caller = asked.caller
        return Session(
            name=caller.name,
            label=caller.token_label,
            roles=in_order(caller.roles),
            authority=self._authority,
            system=caller.is_system,
        )

    async def list(self, _asked: Asked) -> OperatorList:
        """Return all accounts."""
        return OperatorList(items=tuple(map(operator_of, self._operators.all())))

    async def add(self, asked: Asked) -> Operator:
        """Add an account."""
        form = asked.form(AddOperatorRequest)
        roles = frozenset(form.roles)
        return operator_of(await self._operators.add(form.name, roles, asked.act()))

    async def set_roles(self, asked: Asked) -> Operator:
        """Give an account other roles."""
        roles = frozenset(asked.form(SetRolesRequest).roles)
        name = asked.segments["name"]
        return operator_of(await self._operators.set_roles(name, roles, asked.act()))

    async def remove(self, asked: Asked) -> None:
        """Remove an account."""
        await self._operators.remove(asked.segments["name"], asked.act())

    async def create_token(self, asked: Asked) -> IssuedToken:
        """Create a token; the answer is the only place where its text ever stands."""
        form = asked.form(CreateTokenRequest)
        issued = await self._operators.create_token(
            form.operator,
            TokenRequest(
                label=form.label,
                lifetime_ms=form.days * _DAY_MS,
                roles=frozenset(form.roles),
                is_system=form.system,
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
