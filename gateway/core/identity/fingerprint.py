"""The fingerprint of an authority: what two people compare, once, by phone.

It is over the root keys, which are kept offline, so it survives every rotation of
the keys that are at work.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.errors import MalformedError
from gateway.core.identity.names import root_origin
from gateway.core.translog.note import KeyType, VerifierKey
from gateway.core.values import AuthorityId, HexDigest

_DOMAIN = b"mla-authority/1\0"
_GROUP_DIGITS = 4
_GROUPS_A_LINE = 8
_HEX = re.compile(r"[0-9A-Fa-f]{64}\Z")
_SEPARATORS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class RootKeys:
    """The root keys of an authority.

    Attributes:
        authority: Whose they are.
        ed25519: The classic half, as a key of the root log.
        ml_dsa: The post-quantum half.
    """

    authority: AuthorityId
    ed25519: VerifierKey
    ml_dsa: VerifierKey

    @property
    def keys(self) -> tuple[VerifierKey, VerifierKey]:
        """Both, Ed25519 first, as a card shows them."""
        return self.ed25519, self.ml_dsa

    @property
    def fingerprint(self) -> HexDigest:
        """The fingerprint of the authority."""
        return fingerprint(self.authority, self.ed25519.public, self.ml_dsa.public)


def root_keys_of(authority: AuthorityId, keys: Sequence[VerifierKey]) -> RootKeys:
    """Return the root keys of an authority, of which there is one of each type.

    Raises:
        MalformedError: Other names, other types, or another number of keys.
    """
    types = [key.key_type for key in keys]
    if types != [KeyType.ED25519, KeyType.ML_DSA_44]:
        raise MalformedError("root keys: expected one Ed25519 and one ML-DSA-44 key")
    if {key.name for key in keys} != {root_origin(authority)}:
        raise MalformedError(f"root keys: expected the name {root_origin(authority)}")
    return RootKeys(authority, keys[0], keys[1])


def fingerprint(
    authority: AuthorityId,
    root_ed25519: bytes,
    root_mldsa44: bytes,
) -> HexDigest:
    """Return the fingerprint of an authority with these raw public root keys."""
    # The id has no zero byte and the keys have fixed lengths: one reading only.
    hashed = _DOMAIN + authority.encode() + b"\0" + root_ed25519 + root_mldsa44
    return HexDigest(hashlib.sha256(hashed).hexdigest())


def format_fingerprint(value: HexDigest) -> str:
    """Return a fingerprint for people: two lines of eight groups of four digits."""
    groups = [
        value[start : start + _GROUP_DIGITS]
        for start in range(0, len(value), _GROUP_DIGITS)
    ]
    lines = (groups[:_GROUPS_A_LINE], groups[_GROUPS_A_LINE:])
    return "\n".join(" ".join(line) for line in lines)


def parse_fingerprint(text: str) -> HexDigest:
    """Return the fingerprint that a person typed; blanks and hyphens do not count.

    Raises:
        MalformedError: Not 64 hex digits.
    """
    digits = _SEPARATORS.sub("", text)
    if not _HEX.match(digits):
        raise MalformedError(
            f"fingerprint: {len(digits)} characters, expected 64 hex digits",
        )
    return HexDigest(digits.lower())
