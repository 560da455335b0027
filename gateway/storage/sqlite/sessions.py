"""Rows of sessions."""

from collections.abc import Sequence

from gateway.core.operators import Role
from gateway.core.sessions import Session, SignedInBy
from gateway.core.values import HexDigest, UnixMs
from gateway.storage.sqlite.mapping import Params, SqlValue
from gateway.storage.sqlite.running import Running


class SessionLookupSql(Running):
    """Verbs of `gateway.storage.session_verbs.SessionLookup`."""

    def session(self, session_id: str) -> Session | None:
        """Return a session."""
        return self._one_session("session", (session_id,))

    def session_of(self, digest: HexDigest) -> Session | None:
        """Return the session whose secret has this digest."""
        return self._one_session("session_of", (digest,))

    def sessions(self, account: str) -> list[Session]:
        """Return the sessions of an account, or all if it is empty, newest first."""
        rows = self._rows("sessions", {"account": account})
        return [_session(row) for row in rows]

    def place_seen_at(self, account: str, source: str) -> UnixMs | None:
        """Return when somebody last signed in to an account from a place."""
        for (seen_at,) in self._rows("place_seen_at", (account, source)):
            return UnixMs(seen_at)
        return None

    def passkey_count(self, passkey: str) -> int:
        """Return what the counter of a passkey stood at; 0 before its first use."""
        for (count,) in self._rows("passkey_count", (passkey,)):
            return int(count)
        return 0

    def _one_session(self, name: str, params: Params) -> Session | None:
        for row in self._rows(name, params):
            return _session(row)
        return None


class SessionWritesSql(SessionLookupSql):
    """Verbs of `gateway.storage.session_verbs.SessionWrites`."""

    def put_session(self, session: Session) -> None:
        """Store a session, in place of its earlier state."""
        self._write(
            "put_session",
            (
                session.id,
                session.digest,
                session.account,
                session.method.value,
                " ".join(sorted(session.roles)),
                session.stamp,
                session.created_at,
                session.used_at,
                session.expires_at,
                session.source,
                session.agent,
            ),
        )

    def drop_session(self, session_id: str) -> None:
        """Forget a session, if it is there."""
        self._write("drop_session", (session_id,))

    def put_place(self, account: str, source: str, now: UnixMs) -> None:
        """Remember from where somebody signed in."""
        self._write("put_place", (account, source, now))

    def drop_places(self, before: UnixMs) -> None:
        """Forget places that were last seen before."""
        self._write("drop_places", (before,))

    def put_passkey_count(self, passkey: str, count: int) -> None:
        """Remember what the counter of a passkey stands at."""
        self._write("put_passkey_count", (passkey, count))


def _session(row: Sequence[SqlValue]) -> Session:
    texts = [str(value) for value in row]
    return Session(
        id=texts[0],
        digest=HexDigest(texts[1]),
        account=texts[2],
        method=SignedInBy(texts[3]),
        roles=frozenset(map(Role, texts[4].split())),
        stamp=HexDigest(texts[5]),
        created_at=UnixMs(int(texts[6])),
        used_at=UnixMs(int(texts[7])),
        expires_at=UnixMs(int(texts[8])),
        source=texts[9],
        agent=texts[10],
    )
