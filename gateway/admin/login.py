"""Who is calling: bearer tokens and sessions, and what becomes of wrong ones."""

import structlog
from aiohttp.web import BaseRequest, RequestKey

from gateway.admin.front import CSRF_HEADER, SAFE_METHODS, Front
from gateway.admin.services import AdminServices
from gateway.admin.throttle import source_of
from gateway.admin.token_uses import TokenUses
from gateway.core.errors import (
    GatewayError,
    NotAuthenticatedError,
    NotFoundError,
    QuotaError,
)
from gateway.core.operators import Caller
from gateway.core.sessions import csrf_token
from gateway.flows.failed_logins import Where

log = structlog.get_logger()

_SCHEME = "bearer "
_MAX_HEADER_CHARS = 512
_CALLER = RequestKey("caller", Caller)


class Login:
    """Finds callers by token or session; failures are counted, slowed and logged."""

    def __init__(self, services: AdminServices, front: Front) -> None:
        self.front = front
        self._authenticate = services.authenticate
        self._clock = services.exchange.clock
        self._uses = TokenUses(services.exchange.store, services.exchange.clock)
        self._sessions = services.people.sessions
        self._accounts = services.people.accounts
        self._failures = services.people.failures

    async def caller(self, request: BaseRequest, *, is_page: bool = False) -> Caller:
        """Return who is calling.

        Args:
            request: The request; not read further than its head.
            is_page: A form of ours may follow, whose token is checked once it is read:
                see `check_form`.

        Raises:
            NotAuthenticatedError: No token or session, or one that is not valid any
                more.
            NotAllowedError: A session's request that no page of ours has made.
            QuotaError: Too many wrong tokens came from there.
        """
        if self._failures.has_untold:
            await self._failures.report()
        given = request.headers.getall("Authorization", [])
        secret = self.front.secret_of(request)
        if given or not secret:
            return await self._by_token(request, given)
        caller = await self._by_session(secret)
        request[_CALLER] = caller
        if request.method not in SAFE_METHODS and not is_page:
            self.check_form(request, request.headers.get(CSRF_HEADER, ""))
        return caller

    def csrf_of(self, request: BaseRequest) -> str:
        """Return what forms of this request's session carry; empty without one."""
        secret = self.front.secret_of(request)
        return csrf_token(secret) if secret and _CALLER in request else ""

    def check_form(self, request: BaseRequest, csrf: str) -> None:
        """Refuse what a browser asks to be changed and no page of ours has sent.

        Raises:
            NotAllowedError: It comes from another site, or has not the session's token.
        """
        if _CALLER in request:
            self.front.check_csrf(request, csrf)
        else:
            # Where people sign in there is no session yet.
            self.front.check_page(request)

    def language_of(self, request: BaseRequest) -> str:
        """Return the language that the caller has set for themselves, or empty."""
        caller = request.get(_CALLER)
        if caller is None:
            return ""
        try:
            return self._accounts.find(caller.name).language
        except NotFoundError:
            return ""

    async def report(self, *, is_last: bool = False) -> None:
        """Log failures that are due to be logged: one entry a source and minute."""
        await self._failures.report(is_last=is_last)

    async def _by_session(self, secret: str) -> Caller:
        found = await self._sessions.find(secret)
        if found is None:
            raise NotAuthenticatedError("session: it has ended; sign in again")
        await self._uses.note(found[1])
        return found[1]

    async def _by_token(self, request: BaseRequest, given: list[str]) -> Caller:
        if not given:
            raise NotAuthenticatedError("token: expected Authorization: Bearer TOKEN")
        caller = self._find(given)
        if caller is None:
            raise await self._failed(source_of(request.remote))
        await self._uses.note(caller)
        return caller

    def _find(self, given: list[str]) -> Caller | None:
        if len(given) != 1 or len(given[0]) > _MAX_HEADER_CHARS:
            return None
        scheme, token = given[0][: len(_SCHEME)], given[0][len(_SCHEME) :]
        if scheme.lower() != _SCHEME:
            return None
        return self._authenticate(token, self._clock.now())

    async def _failed(self, source: str) -> GatewayError:
        is_over = await self._failures.note(Where(source))
        log.warning("login_failed", source=source)
        if is_over:
            return QuotaError(
                "token: too many wrong ones from your address",
                retry_after_s=self._failures.window_s,
            )
        return NotAuthenticatedError("token: unknown, revoked or expired")
