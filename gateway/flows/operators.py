"""People and systems of this authority: adding, removing, their roles and tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError, UsageError
from gateway.core.limits import MAX_TOKEN_LIFETIME_MS
from gateway.core.operators import (
    IssuedToken,
    Operator,
    Role,
    issue_token,
    somebody_can_log_in,
)
from gateway.flows.trust import TrustChanges, TrustNote
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
    """

    label: str
    lifetime_ms: int = _YEAR_MS
    roles: frozenset[Role] = frozenset()
    is_system: bool = False


class Operators:
    """Changes who may use the node; every change is logged."""

    def __init__(self, changes: TrustChanges, clock: Clock) -> None:
        self._changes = changes
        self._clock = clock

    def all(self) -> Sequence[Operator]:
        """Return all operators, ordered by name."""
        return self._changes.register.operators()

    def find(self, name: str) -> Operator:
        """Return an operator.

        Raises:
            NotFoundError: There is none of that name.
        """
        operator = self._changes.register.operator(name)
        if operator is None:
            raise NotFoundError(f"operator: no {name[:80]!r} here")
        return operator

    async def add(self, name: str, roles: frozenset[Role], act: Act) -> Operator:
        """Add an operator, who can't log in before a token is made.

        Raises:
            UsageError: The name has another form, or no role is given.
            ConflictError: There is one of that name.
        """
        operator = Operator(name, roles)
        async with self._changes.turn:
            if self._changes.register.operator(name) is not None:
                raise ConflictError(f"operator: {name} is there already")
            await self._put(operator, TrustChange.OPERATOR_ADDED, act)
        return operator

    async def set_roles(
        self,
        name: str,
        roles: frozenset[Role],
        act: Act,
    ) -> Operator:
        """Give an operator other roles.

        Raises:
            NotFoundError: No such operator.
            UsageError: No role is given.
            ConflictError: Nobody could change operators any more.
        """
        async with self._changes.turn:
            operator = replace(self.find(name), roles=roles)
            await self._put(operator, TrustChange.OPERATOR_CHANGED, act)
        return operator

    async def remove(self, name: str, act: Act) -> None:
        """Remove an operator with all tokens, at once.

        Raises:
            NotFoundError: No such operator.
            ConflictError: Nobody could change operators any more.
        """
        async with self._changes.turn:
            removed = self.find(name)
            self._check_access([one for one in self.all() if one is not removed])
            await self._changes.commit(
                TrustEdit(removed_operators=(name,)),
                TrustNote(TrustChange.OPERATOR_REMOVED, act, detail=f"operator {name}"),
            )

    async def create_token(
        self,
        name: str,
        request: TokenRequest,
        act: Act,
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
            issued = issue_token(
                request.label,
                now=self._clock.now(),
                lifetime_ms=request.lifetime_ms,
                roles=request.roles,
                is_system=request.is_system,
            )
            changed = replace(operator, tokens=(*operator.tokens, issued.token))
            await self._put(changed, TrustChange.OPERATOR_CHANGED, act)
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

    async def _put(self, operator: Operator, change: TrustChange, act: Act) -> None:
        others = [one for one in self.all() if one.name != operator.name]
        self._check_access([*others, operator])
        await self._changes.commit(
            TrustEdit(put_operators=(operator,)),
            TrustNote(change, act, detail=f"operator {operator.name}"),
        )

    def _check_access(self, operators: Sequence[Operator]) -> None:
        """Refuse a change after which nobody could make another one."""
        if not somebody_can_log_in(operators, self._clock.now()):
            raise ConflictError(
                "operator: nobody in role security would have a token; "
                "make another one first",
            )


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
