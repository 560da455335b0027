"""Signing in: who somebody is, proven; then a session."""

from collections.abc import Callable, Sequence

import structlog

from gateway.core.errors import NotAuthenticatedError
from gateway.core.operators import Operator, Role
from gateway.core.sessions import NewSession, SignedInBy, Visitor
from gateway.flows.brakes import SignInBrakes
from gateway.flows.failed_logins import FailedLogins, Where
from gateway.flows.sessions import Sessions
from gateway.ports.sign_in import (
    Passwords,
    SingleSignOn,
    SsoBeginning,
    SsoPerson,
    SsoReturn,
)
from gateway.ports.world import Clock

log = structlog.get_logger()


class PasswordCheck:
    """Compares passwords, slowing down who guesses."""

    def __init__(
        self,
        passwords: Passwords,
        sessions: Sessions,
        failures: FailedLogins,
        clock: Clock,
    ) -> None:
        self._passwords = passwords
        self._sessions = sessions
        self._failures = failures
        self._clock = clock
        self._brakes = SignInBrakes()

    async def hash(self, password: str) -> str:
        """Return what is kept of a new password."""
        return await self._passwords.hash(password)

    async def check(
        self, name: str, operator: Operator | None, password: str, visitor: Visitor
    ) -> None:
        """Return if it is the account's password.

        Takes as long for an account that there is not, or that has none.

        Raises:
            NotAuthenticatedError: It is not.
            QuotaError: It comes too early after too many wrong ones.
        """
        source = visitor.source
        is_known = await self._sessions.knows_place(name, source)
        self._brakes.check(name, source, self._clock.monotonic_s(), is_known=is_known)
        hashed = operator.password if operator else ""
        if await self._passwords.matches(hashed, password):
            self._brakes.succeeded(name, source)
            return
        await self.failed(visitor, operator)
        raise NotAuthenticatedError("sign-in: name or password is wrong")

    async def failed(self, visitor: Visitor, operator: Operator | None) -> None:
        """Count and log that somebody could not prove who they are."""
        # A name that nobody has may be a password in the wrong field: not written down.
        account = operator.name if operator else ""
        await self._failures.note(Where(visitor.source, account))
        log.warning("sign_in_failed", source=visitor.source, account=account)


class SigningIn:
    """Begins sessions for who proves who they are."""

    def __init__(
        self,
        find_operator: Callable[[str], Operator | None],
        sessions: Sessions,
        checks: PasswordCheck,
        *,
        sso: SingleSignOn,
        operators: Callable[[], Sequence[Operator]],
    ) -> None:
        self._sso = sso
        self._all = operators
        self._find_operator = find_operator
        self._sessions = sessions
        self._checks = checks

    async def by_password(
        self, name: str, password: str, visitor: Visitor
    ) -> NewSession:
        """Sign in with a password.

        Raises:
            NotAuthenticatedError: Name or password is wrong.
            QuotaError: Too many wrong ones came before.
        """
        operator = self._find_operator(name)
        await self._checks.check(name, operator, password, visitor)
        if operator is None:
            raise TypeError("internal: the password of nobody was right")
        return await self._sessions.begin(operator, SignedInBy.PASSWORD, visitor)

    @property
    def sso_name(self) -> str:
        """What people call the single sign-on; empty where there is none."""
        return self._sso.name

    async def begin_sso(self, redirect_url: str) -> SsoBeginning:
        """Return where to send a browser to sign in elsewhere.

        Raises:
            NotFoundError: There is no single sign-on here.
            UnreachableError: The provider can't be asked.
        """
        return await self._sso.begin(redirect_url)

    async def by_sso(
        self, back: SsoReturn, redirect_url: str, visitor: Visitor
    ) -> NewSession:
        """Sign in whom the provider has proven, if there is an account for them.

        Raises:
            NotFoundError: There is no single sign-on here.
            NotAuthenticatedError: Nobody was proven, or nobody with an account or role.
            UnreachableError: The provider can't be asked.
        """
        try:
            person = await self._sso.finish(back, redirect_url)
            operator, roles = self._known(person)
        except NotAuthenticatedError:
            await self._checks.failed(visitor, None)
            raise
        return await self._sessions.begin(
            operator, SignedInBy.SSO, visitor, roles=roles
        )

    def _known(self, person: SsoPerson) -> tuple[Operator, frozenset[Role]]:
        """Return the account of a person, and to which roles its session is limited."""
        for operator in self._all():
            if operator.sso_subject != person.subject:
                continue
            if person.roles is None:
                return operator, frozenset()
            if person.roles & operator.roles:
                return operator, person.roles
            raise NotAuthenticatedError("single sign-on: no role of the account")
        raise NotAuthenticatedError("single sign-on: no account for this person")
