"""Rows of sessions, in memory."""

from gateway.core.sessions import Session
from gateway.core.values import HexDigest, UnixMs
from gateway.storage.memory.tables import Journal, Tables


class SessionLookupMemory:
    """Verbs of `gateway.storage.session_verbs.SessionLookup`."""

    _tables: Tables

    def session(self, session_id: str) -> Session | None:
        """Return a session."""
        return self._tables.session.rows.get(session_id)

    def session_of(self, digest: HexDigest) -> Session | None:
        """Return the session whose secret has this digest."""
        for session in self._tables.session.rows.values():
            if session.digest == digest:
                return session
        return None

    def sessions(self, account: str) -> list[Session]:
        """Return the sessions of an account, or all if it is empty, newest first."""
        rows = self._tables.session.rows.values()
        found = [one for one in rows if account in {"", one.account}]
        return sorted(found, key=lambda one: (-one.created_at, one.id))

    def place_seen_at(self, account: str, source: str) -> UnixMs | None:
        """Return when somebody last signed in to an account from a place."""
        return self._tables.session.places.get((account, source))

    def passkey_count(self, passkey: str) -> int:
        """Return what the counter of a passkey stood at; 0 before its first use."""
        return self._tables.session.counts.get(passkey, 0)


class SessionWritesMemory(SessionLookupMemory):
    """Verbs of `gateway.storage.session_verbs.SessionWrites`."""

    _journal: Journal

    def put_session(self, session: Session) -> None:
        """Store a session, in place of its earlier state."""
        self._journal.put(self._tables.session.rows, session.id, session)

    def drop_session(self, session_id: str) -> None:
        """Forget a session, if it is there."""
        self._journal.drop(self._tables.session.rows, session_id)

    def put_place(self, account: str, source: str, now: UnixMs) -> None:
        """Remember from where somebody signed in."""
        self._journal.put(self._tables.session.places, (account, source), now)

    def drop_places(self, before: UnixMs) -> None:
        """Forget places that were last seen before."""
        rows = self._tables.session.places
        for key in [key for key, seen_at in rows.items() if seen_at < before]:
            self._journal.drop(rows, key)

    def put_passkey_count(self, passkey: str, count: int) -> None:
        """Remember what the counter of a passkey stands at."""
        self._journal.put(self._tables.session.counts, passkey, count)
