"""Who is calling: bearer tokens, and what becomes of wrong ones."""

import structlog
from aiohttp.web import BaseRequest

from gateway.admin.services import AdminLimits, AdminServices
from gateway.admin.throttle import LoginFailures, source_of
from gateway.admin.token_uses import TokenUses
from gateway.core.entries.disclosures import Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import (
    GatewayError,
    NotAllowedError,
    NotAuthenticatedError,
    QuotaError,
)
from gateway.core.operators import Caller

log = structlog.get_logger()

_SCHEME = "bearer "
_MAX_HEADER_CHARS = 512


class Login:
    """Finds callers by their tokens; failures are counted, slowed and logged."""

    def __init__(self, services: AdminServices, limits: AdminLimits) -> None:
        self._authenticate = services.authenticate
        self._store = services.exchange.store
        self._clock = services.exchange.clock
        self._uses = TokenUses(services.exchange.store, services.exchange.clock)
        self._failures = LoginFailures(limits)
        self._window_s = limits.failure_window_s

    async def caller(self, request: BaseRequest) -> Caller:
        """Return who is calling.

        Raises:
            NotAuthenticatedError: No token, or one that is not valid any more.
            QuotaError: Too many wrong tokens came from there.
        """
        if self._failures.has_untold:
            await self.report()
        given = request.headers.getall("Authorization", [])
        if not given:
            raise NotAuthenticatedError("token: expected Authorization: Bearer TOKEN")
        caller = self._find(given)
        if caller is None:
            raise await self._failed(source_of(request.remote))
        await self._uses.note(caller)
        return caller

    def csrf_of(self, _request: BaseRequest) -> str:
        """Return what forms of the caller have to carry; empty without a session."""
        return ""

    def check_form(self, request: BaseRequest, _csrf: str) -> None:
        """Refuse a form that another site has sent.

        Raises:
            NotAllowedError: The browser says that it comes from elsewhere.
        """
        came_from = request.headers.get("Sec-Fetch-Site", "same-origin")
        if came_from not in {"same-origin", "none"}:
            raise NotAllowedError("form: it was sent by another site")

    def language_of(self, _request: BaseRequest) -> str:
        """Return the language an account is set to; empty for that of the browser."""
        return ""

    async def report(self, *, is_last: bool = False) -> None:
        """Log failures that are due to be logged: one entry a source and minute."""
        due = self._failures.due(self._clock.monotonic_s(), is_last=is_last)
        if not due:
            return
        now = self._clock.now()
        drafts = [
            EntryDraft(
                "auth.fail",
                now,
                {"count": count, "res": NotAuthenticatedError.code},
                (Disclosure("source", source),),
            )
            for source, count in due
        ]
        try:
            await self._store.append(drafts)
        except GatewayError:
            self._failures.restore(due)
            raise

    def _find(self, given: list[str]) -> Caller | None:
        if len(given) != 1 or len(given[0]) > _MAX_HEADER_CHARS:
            return None
        scheme, token = given[0][: len(_SCHEME)], given[0][len(_SCHEME) :]
        if scheme.lower() != _SCHEME:
            return None
        return self._authenticate(token, self._clock.now())

    async def _failed(self, source: str) -> GatewayError:
        is_over = self._failures.note(source, self._clock.monotonic_s())
        await self.report()
        log.warning("login_failed", source=source)
        if is_over:
            return QuotaError(
                "token: too many wrong ones from your address",
                retry_after_s=int(self._window_s),
            )
        return NotAuthenticatedError("token: unknown, revoked or expired")
