"""Operations of the API, asked in process: one place where access is decided.

The listener asks through here, and so do pages beside the API: the same roles, shapes,
handlers and log entries, whoever asks (specification, section 13).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec

from gateway.admin import reading
from gateway.admin.asked import NOBODY, Answered, Asked, Handler
from gateway.admin.contract import BY_NAME
from gateway.admin.route import Route
from gateway.admin.shapes import Request
from gateway.admin.sight import Sight
from gateway.core.errors import NotAllowedError, NotFoundError
from gateway.core.operators import Caller
from gateway.core.sessions import Visitor

Given: TypeAlias = Request | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Calls:
    """Runs operations for callers who may use them.

    Attributes:
        handlers: By operation.
        denials: What is done when roles do not cover an operation.
        sight: What of the cases each caller sees; None where that is everything.
    """

    handlers: Mapping[str, Handler]
    denials: Mapping[str, Handler]
    sight: Sight | None = None

    async def __call__(  # noqa: PLR0913 - one parameter a part of a request
        self,
        name: str,
        caller: Caller,
        *,
        segments: Mapping[str, str] | None = None,
        query: Given | None = None,
        body: Given | None = None,
        key: str = "",
        visitor: Visitor | None = None,
    ) -> Answered:
        """Answer one operation as the listener would.

        Args:
            name: Of the operation.
            caller: Who asks, as the login has found.
            segments: Values of the path's placeholders.
            query: Parameters as texts, or the declared shape.
            body: The declared shape, or JSON values of it.
            key: Idempotency key.
            visitor: Where the request comes from, for those who sign in.

        Raises:
            NotAllowedError: The caller's roles do not cover it.
            UsageError: Query or body are of another shape.
            GatewayError: Whatever the operation refuses with.
        """
        route = BY_NAME[name]
        named = segments or {}
        await self.admit(route, caller, named)
        return await self.run(
            Asked(
                route=route,
                caller=caller,
                segments=named,
                query=_shaped("query", query, route.query, is_text=True),
                body=_shaped("body", body, route.body),
                key=key,
                visitor=visitor or Visitor(),
            ),
        )

    def may(self, name: str, caller: Caller) -> bool:
        """Tell whether a caller's roles cover an operation."""
        return not BY_NAME[name].roles.isdisjoint(caller.roles)

    async def admit(
        self,
        route: Route,
        caller: Caller,
        segments: Mapping[str, str],
    ) -> None:
        """Let a caller at an operation, before anything of the request is read.

        Raises:
            NotAllowedError: The roles do not cover it; logged where that is due.
        """
        is_open = (route.is_open or route.is_public) and caller is NOBODY
        if is_open or not route.roles.isdisjoint(caller.roles):
            return
        denial = self.denials.get(route.name)
        if denial is not None:
            await denial(Asked(route=route, caller=caller, segments=segments))
        needed = " or ".join(sorted(route.roles))
        raise NotAllowedError(f"{route.name}: for the role {needed}")

    async def run(self, asked: Asked) -> Answered:
        """Answer what was admitted and read.

        Raises:
            NotFoundError: It is about a case that the caller does not see; logged
                where a denial is.
            GatewayError: Whatever the operation refuses with.
        """
        scope = self.sight.scope_of(asked) if self.sight else None
        if self.sight is not None and scope is not None:
            asked = replace(asked, scope=scope)
            hidden = await self.sight.hidden(asked, scope)
            if hidden:
                denial = self.denials.get(asked.route.name)
                if denial is not None:
                    await denial(asked)
                raise NotFoundError(hidden)
        return await self.handlers[asked.route.name](asked)


def _shaped(
    what: str,
    given: Given | None,
    shape: type[Request] | None,
    *,
    is_text: bool = False,
) -> Request | None:
    """Return what was given in the declared shape, checked as the listener checks."""
    if shape is None:
        if given:
            raise TypeError(f"internal: an operation without {what} was given one")
        return None
    # A value of ours is checked, too: making one checks nothing.
    values = msgspec.to_builtins(given) if isinstance(given, Request) else given or {}
    return reading.in_shape(
        what,
        values,
        shape,
        is_text=is_text and not isinstance(given, Request),
    )
