"""Pages beside the API: what the listener asks of a site, and lends to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from aiohttp.web import BaseRequest, StreamResponse

from gateway.admin.calling import Calls
from gateway.admin.login import Login
from gateway.admin.services import AdminLimits
from gateway.admin.shapes import Problem
from gateway.core.operators import Caller
from gateway.ports.world import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the listener lends to a site.

    Attributes:
        caller: Finds who is calling, by token or session, and counts the request.
            Raises NotAuthenticatedError and QuotaError.
        login: Sessions and what proves that a form is ours.
        calls: The operations of the API.
        limits: Of every caller.
    """

    caller: Callable[[BaseRequest], Awaitable[Caller]]
    login: Login
    calls: Calls
    limits: AdminLimits
    clock: Clock


class Site(Protocol):
    """Pages that the admin listener serves beside the API."""

    def owns(self, path: str) -> bool:
        """Tell whether a path is answered by the site and not by the API."""
        ...

    async def answer(self, request: BaseRequest) -> StreamResponse:
        """Answer a request for one of its paths.

        Raises:
            GatewayError: A refusal, which the listener logs; then `refuse` shows it.
        """
        ...

    def refuse(self, request: BaseRequest, problem: Problem) -> StreamResponse:
        """Return a problem as a page."""
        ...


SiteMaker: TypeAlias = Callable[[Door], Site]
