"""Methods of sessions (port `SessionStore`)."""

from collections.abc import Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.sessions import Session
from gateway.core.values import HexDigest, UnixMs
from gateway.ports.sessions import SignIn
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import sessions


class SessionMethods(StoreMethods):
    """Keeping who has signed in."""

    async def begin_session(self, sign_in: SignIn) -> None:
        """Keep a new session; the oldest of an account with too many goes."""
        await self._runner.write(lambda tx: sessions.begin(tx, sign_in))

    async def session(self, digest: HexDigest) -> Session | None:
        """Return the session whose secret has this digest, however old."""
        return await self._runner.read(lambda tx: tx.session_of(digest))

    async def sessions(self, account: str = "") -> list[Session]:
        """Return the sessions of an account, or all, newest first, however old."""
        return await self._runner.read(lambda tx: tx.sessions(account))

    async def touch_session(self, session_id: str, now: UnixMs) -> None:
        """Write down that a session is in use."""
        await self._runner.write(lambda tx: sessions.touch(tx, session_id, now))

    async def restamp_session(self, session_id: str, stamp: HexDigest) -> None:
        """Let a session live on after its own account was changed by it."""
        await self._runner.write(lambda tx: sessions.restamp(tx, session_id, stamp))

    async def end_session(
        self, session_id: str, act: Act, now: UnixMs, *, account: str = ""
    ) -> None:
        """End a session; of this account, if one is named."""
        await self._runner.write(
            lambda tx: sessions.end(tx, session_id, act, now, account)
        )

    async def end_sessions(
        self, account: str, act: Act, now: UnixMs, *, but: str = ""
    ) -> int:
        """End all sessions of an account but one; return how many."""
        return await self._runner.write(
            lambda tx: sessions.end_all(tx, account, act, now, but)
        )

    async def drop_sessions(self, ids: Sequence[str]) -> None:
        """Forget sessions that are worth nothing any more."""
        await self._runner.write(lambda tx: sessions.drop(tx, ids))

    async def knows_place(self, account: str, source: str, since: UnixMs) -> bool:
        """Tell whether somebody signed in to an account from there lately."""
        return await self._runner.read(
            lambda tx: sessions.knows_place(tx, account, source, since)
        )

    async def forget_places(self, before: UnixMs) -> None:
        """Forget places from where nobody signed in since."""
        await self._runner.write(lambda tx: tx.drop_places(before))
