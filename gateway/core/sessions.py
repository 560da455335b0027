"""Sessions of people at the console: opaque secrets, and what they hang on.

A session is worth what its account is worth: it carries a stamp of the account as it
was at the sign-in, and is worth nothing once the account has another (specification,
section 13.1).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum

import nacl.utils

from gateway.core import canonical
from gateway.core.credentials import new_secret, secret_digest
from gateway.core.entries.disclosures import base64url
from gateway.core.operators import Caller, Operator, Role
from gateway.core.values import HexDigest, UnixMs

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_ID_BYTES = 8
_CSRF_LABEL = b"mla-gateway csrf/1"


class SignedInBy(StrEnum):
    """How somebody has signed in."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    PASSKEY = "passkey"
    SSO = "sso"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who has signed in.

    Attributes:
        id: What it is called in lists; opens nothing.
        digest: SHA-256 of the secret in the cookie.
        roles: Those of the account's roles it is limited to; empty for all.
        stamp: Of the account when it was made: see `account_stamp`.
        used_at: Of the last request that was written down.
        expires_at: First moment at which it is worth nothing, however busy.
        source: Address it was made from.
        agent: What the browser called itself.
    """

    id: str
    digest: HexDigest = field(repr=False)
    account: str
    method: SignedInBy
    roles: frozenset[Role] = frozenset()
    stamp: HexDigest = field(repr=False)
    created_at: UnixMs
    used_at: UnixMs
    expires_at: UnixMs
    source: str
    agent: str


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """How long sessions live.

    Attributes:
        idle_ms: Between two requests.
        whole_ms: In all.
    """

    idle_ms: int
    whole_ms: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where somebody calls from, as far as it can be told.

    Attributes:
        source: Network address, or its network.
        agent: What the browser calls itself.
        secret: Of the session that the browser has, if it has one.
    """

    source: str = ""
    agent: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A new session with its secret, which goes into the cookie and nowhere else."""

    secret: str = field(repr=False)
    session: Session


def new_session(
    operator: Operator,
    method: SignedInBy,
    visitor: Visitor,
    *,
    now: UnixMs,
    times: SessionTimes,
    roles: frozenset[Role] = frozenset(),
) -> NewSession:
    """Return a fresh session of an account."""
    secret = new_secret()
    session = Session(
        id=nacl.utils.random(_ID_BYTES).hex(),
        digest=secret_digest(secret),
        account=operator.name,
        method=method,
        roles=roles,
        stamp=account_stamp(operator),
        created_at=now,
        used_at=now,
        expires_at=UnixMs(now + times.whole_ms),
        source=visitor.source,
        agent=visitor.agent,
    )
    return NewSession(secret, session)


def account_stamp(operator: Operator) -> HexDigest:
    """Return a digest of what an account may do and how it signs in.

    Another one ends all sessions of the account, at once and after any crash: nobody
    has to go and end them.
    """
    told = canonical.encode(
        {
            "name": operator.name,
            "password": operator.password,
            "passkeys": [passkey.id for passkey in operator.passkeys],
            "roles": sorted(operator.roles),
            "sso": operator.sso_subject,
        },
    )
    return HexDigest(hashlib.sha256(told).hexdigest())


def is_alive(session: Session, now: UnixMs, times: SessionTimes) -> bool:
    """Tell whether a session has not run out of time."""
    return now < session.expires_at and now < session.used_at + times.idle_ms


def belongs_to(session: Session, operator: Operator | None) -> bool:
    """Tell whether an account is still what it was when a session was made."""
    return operator is not None and hmac.compare_digest(
        session.stamp, account_stamp(operator)
    )


def caller_of(session: Session, operator: Operator) -> Caller:
    """Return who calls by a session of an account."""
    roles = operator.roles & session.roles if session.roles else operator.roles
    return Caller(
        operator.name,
        roles,
        f"session-{session.id}",
        is_system=False,
        session=session.id,
    )


def is_session_secret(text: str) -> bool:
    """Tell whether a text has the form of what is in the cookie."""
    return _SECRET.match(text) is not None


def csrf_token(secret: str) -> str:
    """Return what forms of a session carry, so that no other site can make one.

    Follows from the session's secret, and does not give it away.
    """
    return base64url(hmac.digest(secret.encode(), _CSRF_LABEL, hashlib.sha256))
