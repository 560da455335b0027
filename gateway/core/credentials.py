"""How people of this authority prove who they are: passwords, passkeys, one-time links.

Only what may lie in a file: a password as its argon2id string, a passkey as its public
key, a link as the digest of its text (specification, section 13.1).
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

import nacl.utils

from gateway.core.entries.disclosures import base64url
from gateway.core.errors import UsageError
from gateway.core.limits import (
    MAX_PASSKEY_BYTES,
    MAX_PASSWORD_CHARS,
    MIN_PASSWORD_CHARS,
)
from gateway.core.values import HexDigest, UnixMs

LINK_PREFIX = "mlalink_"

_LINK = re.compile(r"mlalink_[A-Za-z0-9_-]{43}\Z")
_SECRET_BYTES = 32
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{1,64}\Z")
# Costs are bounded, because whoever signs in makes the node pay them.
_ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=([0-9]{1,2})"
    r"\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,128}\Z",
)
_MAX_KIB = 262_144
_MAX_PASSES = 10
_MAX_LANES = 8
_MIN_DIFFERENT = 5
_PASSKEY_ID_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key that an authenticator of a person holds (WebAuthn).

    Attributes:
        label: What the person calls it.
        credential: The id that the authenticator gave it.
        public_key: Its public key, as COSE spells it.

    Raises:
        UsageError: Too long, empty, or a label that is none.
    """

    label: str
    credential: bytes
    public_key: bytes
    created_at: UnixMs

    def __post_init__(self) -> None:
        if not _LABEL.match(self.label):
            raise UsageError("passkey: expected a name of 1 to 64 printable characters")
        for part in (self.credential, self.public_key):
            if not 0 < len(part) <= MAX_PASSKEY_BYTES:
                raise UsageError(f"passkey: expected 1 to {MAX_PASSKEY_BYTES} bytes")

    @property
    def id(self) -> str:
        """What it is called in paths: the beginning of its credential's digest."""
        return hashlib.sha256(self.credential).hexdigest()[:_PASSKEY_ID_CHARS]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link that is out: who has it may set how an account signs in.

    Attributes:
        digest: SHA-256 of its text.
        expires_at: First moment at which it is worth nothing.
    """

    digest: HexDigest
    expires_at: UnixMs


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A new one-time link with its text, which is shown once and kept nowhere."""

    text: str = field(repr=False)
    invitation: Invitation


def issue_link(*, now: UnixMs, lifetime_ms: int) -> IssuedLink:
    """Return a fresh one-time link of 256 random bits."""
    text = LINK_PREFIX + new_secret()
    return IssuedLink(text, Invitation(secret_digest(text), UnixMs(now + lifetime_ms)))


def is_link(text: str) -> bool:
    """Tell whether a text has the form of a one-time link."""
    return _LINK.match(text) is not None


def new_secret() -> str:
    """Return 256 random bits as base64url."""
    return base64url(nacl.utils.random(_SECRET_BYTES))


def secret_digest(text: str) -> HexDigest:
    """Return what is kept of a random secret."""
    # A plain hash: there is nothing to guess in 256 random bits.
    return HexDigest(hashlib.sha256(text.encode()).hexdigest())


def check_password_hash(text: str) -> None:
    """Refuse what is not an argon2id string, or would cost too much to compare with.

    Raises:
        UsageError: Another form, or costs out of bounds.
    """
    match = _ARGON2ID.match(text)
    if match is None:
        raise UsageError("password: expected a string of argon2id, version 19")
    kib, passes, lanes = (int(part) for part in match.groups())
    if not (
        0 < kib <= _MAX_KIB and 0 < passes <= _MAX_PASSES and 0 < lanes <= _MAX_LANES
    ):
        raise UsageError("password: costs of argon2id out of bounds")


def normal_password(text: str) -> str:
    """Return a password as it is hashed, however a keyboard composed it (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def check_new_password(text: str, name: str) -> None:
    """Refuse a password that others would guess early.

    Long rather than odd: no kinds of characters are demanded (NIST SP 800-63B).

    Raises:
        UsageError: Says which rule it breaks.
    """
    normal = normal_password(text)
    if not MIN_PASSWORD_CHARS <= len(normal) <= MAX_PASSWORD_CHARS:
        raise UsageError(
            f"password: {len(normal)} characters, "
            f"expected {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS}",
        )
    plain = normal.casefold()
    if len(set(plain)) < _MIN_DIFFERENT:
        raise UsageError("password: too few different characters")
    rest = plain
    for common in (*_COMMON, name):
        rest = rest.replace(common, "")
    if len(rest) < MIN_PASSWORD_CHARS // 2:
        raise UsageError("password: made of words that are guessed first")


_COMMON = (
    "1234567890",
    "0123456789",
    "12345678",
    "abcdefgh",
    "password",
    "passwort",
    "motdepasse",
    "qwertyuiop",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "iloveyou",
    "administrator",
    "admin",
    "gateway",
    "1234",
    "123",
)
"""What lists of leaked passwords begin with; nothing of it counts as length."""
