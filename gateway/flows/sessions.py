"""Sessions of people: found at each request, ended when their account changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from gateway.core.credentials import secret_digest
from gateway.core.entries.disclosures import Act
from gateway.core.operators import Caller, Operator, Role
from gateway.core.sessions import (
    NewSession,
    Session,
    SessionTimes,
    SignedInBy,
    Visitor,
    account_stamp,
    belongs_to,
    caller_of,
    is_alive,
    is_session_secret,
    new_session,
)
from gateway.core.values import UnixMs
from gateway.ports.sessions import PasskeyUse, SessionStore, SignIn
from gateway.ports.world import Clock

log = structlog.get_logger()

# Requests in between are not written down.
_TOUCH_MS = 60_000
_TIDY_S = 60.0
_PLACE_MS = 90 * 86_400_000
_DEFAULT_TIMES = SessionTimes(idle_ms=30 * 60_000, whole_ms=12 * 3_600_000)


class Sessions:
    """Who has signed in. Nothing of it is in memory but what is being changed now."""

    def __init__(
        self,
        store: SessionStore,
        find_operator: Callable[[str], Operator | None],
        clock: Clock,
        times: SessionTimes = _DEFAULT_TIMES,
    ) -> None:
        self._store = store
        self._find_operator = find_operator
        self._clock = clock
        self._times = times
        self._own_change = asyncio.Lock()

    async def find(self, secret: str) -> tuple[Session, Caller] | None:
        """Return whose session a secret is of, or None if it is worth nothing."""
        if not is_session_secret(secret):
            return None
        found = await self._look(secret)
        if found is not None and not self._is_good(found):
            # Perhaps this very session changes its account now and lives on.
            async with self._own_change:
                found = await self._look(secret)
        if found is None:
            return None
        operator = self._find_operator(found.account)
        if operator is None or not self._is_good(found):
            await self._store.drop_sessions([found.id])
            return None
        now = self._clock.now()
        if now - found.used_at >= _TOUCH_MS:
            await self._store.touch_session(found.id, now)
        return found, caller_of(found, operator)

    async def begin(
        self,
        operator: Operator,
        method: SignedInBy,
        visitor: Visitor,
        *,
        roles: frozenset[Role] = frozenset(),
        passkey: PasskeyUse | None = None,
    ) -> NewSession:
        """Begin a session; what the browser had before ends with it.

        Raises:
            NotAuthenticatedError: The counter of the passkey did not rise.
        """
        new = new_session(
            operator,
            method,
            visitor,
            now=self._clock.now(),
            times=self._times,
            roles=roles,
        )
        before = visitor.secret
        await self._store.begin_session(
            SignIn(
                session=new.session,
                act=Act(operator.name, ""),
                replaces=secret_digest(before) if is_session_secret(before) else None,
                passkey=passkey,
            ),
        )
        log.info("signed_in", account=operator.name, method=method.value)
        return new

    async def of(self, account: str = "") -> Sequence[Session]:
        """Return the sessions of an account, or all, that are worth something."""
        return [
            one for one in await self._store.sessions(account) if self._is_good(one)
        ]

    async def end(self, session_id: str, act: Act, *, account: str = "") -> None:
        """End a session at once; of this account, if one is named.

        Raises:
            NotFoundError: There is no such session.
        """
        now = self._clock.now()
        await self._store.end_session(session_id, act, now, account=account)

    async def end_all(self, account: str, act: Act, *, but: str = "") -> int:
        """End all sessions of an account but one at once; return how many."""
        return await self._store.end_sessions(account, act, self._clock.now(), but=but)

    async def session_of(self, caller: Caller) -> Session | None:
        """Return the session by which somebody calls, if it is one."""
        if not caller.session:
            return None
        known = await self._store.sessions(caller.name)
        return next((one for one in known if one.id == caller.session), None)

    @asynccontextmanager
    async def surviving(self, caller: Caller) -> AsyncIterator[None]:
        """Let the caller's session live on after a change it makes of its account."""
        async with self._own_change:
            yield
            operator = self._find_operator(caller.name)
            if caller.session and operator is not None:
                stamp = account_stamp(operator)
                await self._store.restamp_session(caller.session, stamp)

    async def run(self) -> None:
        """Tidy for ever."""
        while True:
            await self.tidy()
            await self._clock.sleep(_TIDY_S)

    async def forget_all(self) -> None:
        """Forget every session: what is known of them may be old."""
        known = await self._store.sessions()
        await self._store.drop_sessions([one.id for one in known])

    async def tidy(self) -> None:
        """Forget what is worth nothing any more."""
        known = await self._store.sessions()
        dead = [one.id for one in known if not self._is_good(one)]
        if dead:
            await self._store.drop_sessions(dead)
        await self._store.forget_places(UnixMs(self._clock.now() - _PLACE_MS))

    async def knows_place(self, account: str, source: str) -> bool:
        """Tell whether somebody signed in to an account from there lately."""
        since = UnixMs(self._clock.now() - _PLACE_MS)
        return await self._store.knows_place(account, source, since)

    async def _look(self, secret: str) -> Session | None:
        return await self._store.session(secret_digest(secret))

    def _is_good(self, session: Session) -> bool:
        return is_alive(session, self._clock.now(), self._times) and belongs_to(
            session, self._find_operator(session.account)
        )
