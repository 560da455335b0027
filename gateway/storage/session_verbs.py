"""What a database must be able to do about sessions: verbs on rows."""

from typing import Protocol

from gateway.core.sessions import Session
from gateway.core.values import HexDigest, UnixMs


class SessionLookup(Protocol):
    """What can be read in any transaction."""

    def session(self, session_id: str) -> Session | None:
        """Return a session."""
        ...

    def session_of(self, digest: HexDigest) -> Session | None:
        """Return the session whose secret has this digest."""
        ...

    def sessions(self, account: str) -> list[Session]:
        """Return the sessions of an account, or all if it is empty, newest first."""
        ...

    def place_seen_at(self, account: str, source: str) -> UnixMs | None:
        """Return when somebody last signed in to an account from a place."""
        ...

    def passkey_count(self, passkey: str) -> int:
        """Return what the counter of a passkey stood at; 0 before its first use."""
        ...


class SessionWrites(SessionLookup, Protocol):
    """Changes."""

    def put_session(self, session: Session) -> None:
        """Store a session, in place of its earlier state."""
        ...

    def drop_session(self, session_id: str) -> None:
        """Forget a session, if it is there."""
        ...

    def put_place(self, account: str, source: str, now: UnixMs) -> None:
        """Remember from where somebody signed in."""
        ...

    def drop_places(self, before: UnixMs) -> None:
        """Forget places that were last seen before."""
        ...

    def put_passkey_count(self, passkey: str, count: int) -> None:
        """Remember what the counter of a passkey stands at."""
        ...
