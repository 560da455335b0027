"""Sessions: begun, ended and logged; what is worth nothing any more just goes."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import NotAuthenticatedError, NotFoundError
from gateway.core.limits import MAX_OPERATOR_SESSIONS
from gateway.core.values import HexDigest, UnixMs
from gateway.ports.sessions import PasskeyUse, SignIn
from gateway.storage.transaction import Lookup, Transaction

_REPLACED = "replaced"
_SIGNED_OUT = "signed-out"
_REVOKED = "revoked"


def begin(tx: Transaction, sign_in: SignIn) -> None:
    """Keep a new session; the oldest of an account with too many goes.

    Raises:
        NotAuthenticatedError: The counter of the passkey did not rise.
    """
    session, now = sign_in.session, sign_in.session.created_at
    if sign_in.passkey is not None:
        _count(tx, sign_in.passkey)
    if sign_in.replaces is not None:
        _replace(tx, sign_in.replaces, now)
    known = tx.sessions(session.account)
    for oldest in known[MAX_OPERATOR_SESSIONS - 1 :]:
        tx.drop_session(oldest.id)
    tx.put_session(session)
    tx.put_place(session.account, session.source, now)
    about = (
        Disclosure("detail", f"session {session.id}"),
        Disclosure("source", session.source),
    )
    disclosures = (*sign_in.act.disclosures(), *about)
    fields = {"res": session.method.value}
    tx.append_entry(EntryDraft("admin.sign-in", now, {**fields}, disclosures))


def end(tx: Transaction, session_id: str, act: Act, now: UnixMs, account: str) -> None:
    """End a session; of this account, if one is named.

    Raises:
        NotFoundError: There is no such session.
    """
    session = tx.session(session_id)
    if session is None or account not in {"", session.account}:
        raise NotFoundError(f"session: no {session_id[:40]!r} here")
    tx.drop_session(session.id)
    how = _SIGNED_OUT if act.actor == session.account else _REVOKED
    _log_end(tx, f"session {session.id} of {session.account}", how, act, now)


def end_all(tx: Transaction, account: str, act: Act, now: UnixMs, but: str) -> int:
    """End all sessions of an account but one; return how many."""
    ended = [one for one in tx.sessions(account) if account and one.id != but]
    for session in ended:
        tx.drop_session(session.id)
    if ended:
        how = _SIGNED_OUT if act.actor == account else _REVOKED
        _log_end(tx, f"{len(ended)} sessions of {account}", how, act, now)
    return len(ended)


def touch(tx: Transaction, session_id: str, now: UnixMs) -> None:
    """Write down that a session is in use, if it is still there."""
    session = tx.session(session_id)
    if session is not None and session.used_at < now:
        tx.put_session(replace(session, used_at=now))


def restamp(tx: Transaction, session_id: str, stamp: HexDigest) -> None:
    """Let a session live on after a change of its account, if it is still there."""
    session = tx.session(session_id)
    if session is not None:
        tx.put_session(replace(session, stamp=stamp))


def drop(tx: Transaction, ids: Sequence[str]) -> None:
    """Forget sessions that are worth nothing any more."""
    for session_id in ids:
        tx.drop_session(session_id)


def knows_place(tx: Lookup, account: str, source: str, since: UnixMs) -> bool:
    """Tell whether somebody signed in to an account from there lately."""
    seen_at = tx.place_seen_at(account, source)
    return seen_at is not None and seen_at >= since


def _count(tx: Transaction, use: PasskeyUse) -> None:
    known = tx.passkey_count(use.passkey)
    # Authenticators without a counter always say 0 (WebAuthn, section 6.1.1).
    if (known or use.count) and use.count <= known:
        raise NotAuthenticatedError(
            "passkey: its counter did not rise; it may have been copied: remove it",
        )
    if use.count:
        tx.put_passkey_count(use.passkey, use.count)


def _replace(tx: Transaction, digest: HexDigest, now: UnixMs) -> None:
    """End what the same browser had before."""
    before = tx.session_of(digest)
    if before is None:
        return
    tx.drop_session(before.id)
    about = f"session {before.id} of {before.account}"
    _log_end(tx, about, _REPLACED, Act(before.account, ""), now)


def _log_end(tx: Transaction, about: str, how: str, act: Act, now: UnixMs) -> None:
    disclosures = (*act.disclosures(), Disclosure("detail", about))
    tx.append_entry(EntryDraft("admin.sign-out", now, {"res": how}, disclosures))
