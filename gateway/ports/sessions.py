"""Sessions of people, the places they signed in from, counters of their passkeys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.sessions import Session
from gateway.core.values import HexDigest, UnixMs

SIGN_IN_KIND = "admin.sign-in"
SIGN_OUT_KIND = "admin.sign-out"


@dataclass(frozen=True, slots=True)
class PasskeyUse:
    """That a passkey was used.

    Attributes:
        passkey: Its id.
        count: What its counter stood at; 0 if it has none.
    """

    passkey: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Somebody who proved who they are.

    Attributes:
        replaces: Digest of the session that the browser had before, if it had one.
        passkey: With which passkey, if with one.
    """

    session: Session
    act: Act
    replaces: HexDigest | None = None
    passkey: PasskeyUse | None = None


class SessionStore(Protocol):
    """Keeping these. Each method is one transaction, with its log entries."""

    async def begin_session(self, sign_in: SignIn) -> None:
        """Keep a new session; the oldest of an account with too many goes.

        Raises:
            NotAuthenticatedError: The counter of the passkey did not rise: it may
                have been copied.
        """
        ...

    async def session(self, digest: HexDigest) -> Session | None:
        """Return the session whose secret has this digest, however old."""
        ...

    async def sessions(self, account: str = "") -> Sequence[Session]:
        """Return the sessions of an account, or all, newest first, however old."""
        ...

    async def touch_session(self, session_id: str, now: UnixMs) -> None:
        """Write down that a session is in use."""
        ...

    async def restamp_session(self, session_id: str, stamp: HexDigest) -> None:
        """Let a session live on after its own account was changed by it."""
        ...

    async def end_session(
        self, session_id: str, act: Act, now: UnixMs, *, account: str = ""
    ) -> None:
        """End a session; of this account, if one is named.

        Raises:
            NotFoundError: There is no such session.
        """
        ...

    async def end_sessions(
        self, account: str, act: Act, now: UnixMs, *, but: str = ""
    ) -> int:
        """End all sessions of an account but one; return how many."""
        ...

    async def drop_sessions(self, ids: Sequence[str]) -> None:
        """Forget sessions that are worth nothing any more."""
        ...

    async def knows_place(self, account: str, source: str, since: UnixMs) -> bool:
        """Tell whether somebody signed in to an account from there lately."""
        ...

    async def forget_places(self, before: UnixMs) -> None:
        """Forget places from where nobody signed in since."""
        ...
