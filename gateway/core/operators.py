"""Who of this authority may use the node: names, roles, tokens, and who is calling.

A token is shown once, when it is made; only its SHA-256 is kept (specification,
section 13). How people sign in without a token: `gateway.core.credentials`.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

import nacl.utils

from gateway.core.credentials import Invitation, Passkey, check_password_hash
from gateway.core.entries.disclosures import base64url
from gateway.core.errors import UsageError
from gateway.core.limits import (
    MAX_DISPLAY_NAME_CHARS,
    MAX_OPERATOR_PASSKEYS,
    MAX_OPERATOR_TOKENS,
    MAX_SUBJECT_CHARS,
)
from gateway.core.values import NEVER, HexDigest, UnixMs

TOKEN_PREFIX = "mlagw_"  # noqa: S105 - what makes a leaked token easy to find

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_TOKEN = re.compile(r"mlagw_[A-Za-z0-9_-]{22,64}\Z")
_LANGUAGE = re.compile(r"[a-z]{2}\Z")
_TOKEN_BYTES = 32


class Role(StrEnum):
    """What somebody may do; everything not named is refused."""

    OBSERVER = "observer"  # metadata, no content
    CASEWORKER = "caseworker"  # submit, open, confirm
    APPROVER = "approver"  # second pair of eyes
    OPERATOR = "operator"  # queues and connectivity, no content
    AUDITOR = "auditor"  # log and evidence, no content
    SECURITY = "security"  # keys, trust in peers, operators


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One way for an operator to log in.

    Attributes:
        label: Its name among the operator's tokens.
        digest: SHA-256 of the token's text.
        expires_at: First moment at which it is worth nothing.
        roles: Those of the operator's roles it is limited to; empty for all.
        is_system: It is held by a system, which has to name the person it acts for.
        units: Those of the operator's units it is limited to; empty for all.
        made_by: Who made it, and so has seen it; empty where that is not known.
    """

    label: str
    digest: HexDigest
    created_at: UnixMs
    expires_at: UnixMs
    roles: frozenset[Role] = frozenset()
    is_system: bool = False
    units: frozenset[str] = frozenset()
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Departed:
    """That somebody had an account; the name is never given again.

    Attributes:
        removed_at: When the account was removed.
        heir: Who took over the tasks; empty where nobody did.
    """

    name: str
    removed_at: UnixMs
    heir: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """A person or system of this authority.

    Attributes:
        display_name: What people call them; empty for the account's name.
        language: ISO 639-1 code of what they read; empty for what their browser asks.
        password: Argon2id string of their password; empty for none.
        passkeys: Of their authenticators.
        sso_subject: By what the single sign-on knows them; empty for not at all.
        invitation: A one-time link that is out.

    Raises:
        UsageError: A name of another form, no role, too many tokens or passkeys, or
            two of one label.
    """

    name: str
    roles: frozenset[Role]
    tokens: tuple[Token, ...] = ()
    display_name: str = ""
    language: str = ""
    password: str = field(default="", repr=False)
    passkeys: tuple[Passkey, ...] = ()
    sso_subject: str = ""
    invitation: Invitation | None = None

    @property
    def signs_in(self) -> bool:
        """Whether there is another way in than a token."""
        return bool(self.password or self.passkeys or self.sso_subject)

    def __post_init__(self) -> None:
        check_operator_name(self.name)
        if not self.roles:
            raise UsageError(f"operator {self.name}: no role")
        self._check_tokens()
        self._check_person()

    def _check_person(self) -> None:
        _check_text("display name", self.display_name, MAX_DISPLAY_NAME_CHARS)
        _check_text("subject", self.sso_subject, MAX_SUBJECT_CHARS)
        if self.language and not _LANGUAGE.match(self.language):
            raise UsageError(f"language: {self.language[:8]!r}, expected like fr")
        if self.password:
            check_password_hash(self.password)
        if len(self.passkeys) > MAX_OPERATOR_PASSKEYS:
            raise UsageError(
                f"operator {self.name}: {len(self.passkeys)} passkeys, "
                f"at most {MAX_OPERATOR_PASSKEYS}",
            )
        if len({passkey.credential for passkey in self.passkeys}) < len(self.passkeys):
            raise UsageError(f"operator {self.name}: a passkey twice")

    def _check_tokens(self) -> None:
        if len(self.tokens) > MAX_OPERATOR_TOKENS:
            raise UsageError(
                f"operator {self.name}: {len(self.tokens)} tokens, "
                f"at most {MAX_OPERATOR_TOKENS}",
            )
        labels = [token.label for token in self.tokens]
        for label in labels:
            _check_slug("token", label)
        if len(set(labels)) != len(labels):
            raise UsageError(f"operator {self.name}: two tokens with one label")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as a valid token or session has shown.

    Attributes:
        name: Name of the operator.
        roles: The roles that both the operator and the token have.
        token_label: Which of the operator's tokens, or which session.
        is_system: A system, which has to name the person it acts for.
        units: Units that the token is limited to; empty for all of the operator's.
        token_expires_at: First moment at which the token is worth nothing; `NEVER`
            where there is none.
        session: Id of the session, if it is one and no token.
    """

    name: str
    roles: frozenset[Role]
    token_label: str
    is_system: bool
    units: frozenset[str] = frozenset()
    token_expires_at: UnixMs = NEVER
    session: str = ""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token with its text, which is shown once and kept nowhere."""

    text: str = field(repr=False)
    token: Token


def check_operator_name(name: str) -> None:
    """Refuse a name that could not be a file's, or that could be mistaken.

    Raises:
        UsageError: Not 1 to 32 lower-case letters, digits and hyphens, a letter first.
    """
    _check_slug("operator", name)


def _check_slug(what: str, text: str) -> None:
    if not _NAME.match(text):
        raise UsageError(
            f"{what}: {text[:80]!r}, expected 1 to 32 lower-case letters, digits and "
            "hyphens, a letter first",
        )


def _check_text(what: str, text: str, limit: int) -> None:
    if len(text) > limit or not text.isprintable():
        raise UsageError(f"{what}: expected at most {limit} printable characters")


def issue_token(  # noqa: PLR0913 - one for each property of a token
    label: str,
    *,
    now: UnixMs,
    lifetime_ms: int,
    roles: frozenset[Role] = frozenset(),
    is_system: bool = False,
    units: frozenset[str] = frozenset(),
    made_by: str = "",
) -> IssuedToken:
    """Return a fresh token of 256 random bits."""
    text = TOKEN_PREFIX + base64url(nacl.utils.random(_TOKEN_BYTES))
    token = Token(
        label=label,
        digest=token_digest(text),
        created_at=now,
        expires_at=UnixMs(now + lifetime_ms),
        roles=roles,
        is_system=is_system,
        units=units,
        made_by=made_by,
    )
    return IssuedToken(text, token)


def token_digest(text: str) -> HexDigest:
    """Return what is kept of a token."""
    # A plain hash: there is nothing to guess in 256 random bits.
    return HexDigest(hashlib.sha256(text.encode()).hexdigest())


def authenticate(
    operators: Iterable[Operator],
    text: str,
    now: UnixMs,
) -> Caller | None:
    """Return who holds a token, or None if nobody does or it has expired.

    Takes as long whichever token it is, and if it is none.
    """
    if not _TOKEN.match(text):
        return None
    digest = token_digest(text)
    found: Caller | None = None
    for operator in operators:
        for token in operator.tokens:
            if hmac.compare_digest(token.digest, digest) and now < token.expires_at:
                found = _caller(operator, token)
    return found


def _caller(operator: Operator, token: Token) -> Caller:
    roles = operator.roles & token.roles if token.roles else operator.roles
    return Caller(
        operator.name,
        roles,
        token.label,
        token.is_system,
        token.units,
        token.expires_at,
    )


def can_act_as(operator: Operator, role: Role, now: UnixMs) -> bool:
    """Tell whether a person has a way into this account that is good for a role."""
    return (operator.signs_in and role in operator.roles) or any(
        now < token.expires_at
        and not token.is_system
        and role in _caller(operator, token).roles
        for token in operator.tokens
    )


def somebody_can_log_in(operators: Iterable[Operator], now: UnixMs) -> bool:
    """Tell whether somebody in role `security` has a way in that is still good.

    Without one nobody could ever change who is trusted again. The single sign-on does
    not count: it is another's, and may be gone.
    """
    return any(
        _has_own_way_in(operator)
        or any(
            now < token.expires_at and Role.SECURITY in _caller(operator, token).roles
            for token in operator.tokens
        )
        for operator in operators
    )


def _has_own_way_in(operator: Operator) -> bool:
    has_one = bool(operator.password or operator.passkeys)
    return has_one and Role.SECURITY in operator.roles


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """Something that somebody who leaves may know.

    Attributes:
        secret: What.
        why: Why they may know it.
        remedy: What makes it worthless.
    """

    secret: str
    why: str
    remedy: str


def known_secrets(removed: Operator, others: Iterable[Operator]) -> list[KnownSecret]:
    """Return what somebody may still know of, once their own tokens are worth nothing.

    The node can't know what people have seen on its machine. So whoever had a role in
    which they look after it is taken to know its passphrases.
    """
    found = [
        KnownSecret(
            f"token {token.label} of {other.name}",
            f"{removed.name} made it and has seen it",
            f"mla-gateway operator token {other.name} --revoke {token.label}",
        )
        for other in others
        for token in other.tokens
        if token.made_by == removed.name
    ]
    if Role.SECURITY in removed.roles:
        found += [
            KnownSecret(
                "passphrase and copies of the node's keys",
                "role security",
                "mla-gateway keys rotate log witness tls-ca --out request",
            ),
            KnownSecret(
                "root keys and their passphrase, if they kept them",
                "role security",
                "move the root keys to who keeps them now; if they may have copies, "
                "make a new home and have the peers compare its fingerprint",
            ),
        ]
    return found
