"""Disclosures: what an entry commits to without showing it (specification, 8.7)."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.errors import MalformedError
from gateway.core.randomness import random_bytes


class DisclosureClass(StrEnum):
    """Which key ring protects a disclosure, and so when it can be erased."""

    DUTY = "duty"  # who, role, purpose: kept as long as logging law demands
    CASE = "case"  # case data: erased with the case


_quote = json.JSONEncoder(ensure_ascii=False).encode
_URL_ALPHABET = bytes.maketrans(b"+/", b"-_")

_CLASS_OF_NAME = {
    "actor": DisclosureClass.DUTY,
    "role": DisclosureClass.DUTY,
    "purpose": DisclosureClass.DUTY,
    "purpose_code": DisclosureClass.DUTY,
    "on_behalf_of": DisclosureClass.DUTY,
    "override": DisclosureClass.DUTY,
    "query": DisclosureClass.DUTY,
    "source": DisclosureClass.DUTY,
    "detail": DisclosureClass.DUTY,
    "case": DisclosureClass.CASE,
}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A named value that a leaf commits to without showing it."""

    name: str
    value: str

    @property
    def ring(self) -> DisclosureClass:
        """The key ring that protects it."""
        return _CLASS_OF_NAME[self.name]


@dataclass(frozen=True, slots=True)
class SealedDisclosure:
    """A disclosure with its salt: the text whose digest stands in the leaf.

    Attributes:
        ring: The key ring that protects it.
        digest: base64url SHA-256 of `encoded`, as it stands in `sd`.
        encoded: base64url of `[salt, name, value]` (RFC 9901, section 4.2).
    """

    ring: DisclosureClass
    digest: str
    encoded: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, as what, why and for which case; never in the clear.

    Attributes:
        actor: Name of the account.
        role: The role it acts in.
        purpose: The stated purpose, or empty where none is asked for.
        case: Case id or reference, or empty.
        on_behalf_of: The person a system acts for, or empty.
        override: Which rules the act went against and why, or empty.
        purpose_code: Code of list PURPOSE, or empty where none is asked for.
    """

    actor: str
    role: str
    purpose: str = ""
    case: str = ""
    on_behalf_of: str = ""
    override: str = ""
    purpose_code: str = ""

    def disclosures(self) -> tuple[Disclosure, ...]:
        """Return what the entry discloses about the act."""
        named = (
            ("actor", self.actor),
            ("role", self.role),
            ("purpose", self.purpose),
            ("case", self.case),
            ("on_behalf_of", self.on_behalf_of),
            ("override", self.override),
            ("purpose_code", self.purpose_code),
        )
        return tuple(Disclosure(name, value) for name, value in named if value)


def seal_disclosure(disclosure: Disclosure) -> SealedDisclosure:
    """Return a disclosure under a fresh salt."""
    return _seal_with_salt(disclosure, base64url(random_bytes(16)))


def _seal_with_salt(disclosure: Disclosure, salt: str) -> SealedDisclosure:
    # As `json.dumps` would spell it without `ensure_ascii`, at a third of the cost.
    text = f'["{salt}", "{disclosure.name}", {_quote(disclosure.value)}]'
    encoded = base64url(text.encode())
    return SealedDisclosure(disclosure.ring, disclosure_digest(encoded), encoded)


def disclosure_digest(encoded: str) -> str:
    """Return the digest that `sd` holds for a disclosure (RFC 9901, section 4.2.3)."""
    return base64url(hashlib.sha256(encoded.encode("ascii")).digest())


def read_disclosure(encoded: str) -> Disclosure:
    """Return the name and value of a disclosure.

    Raises:
        MalformedError: Not the base64url of `[salt, name, value]`.
    """
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        salt, name, value = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError) as error:
        raise MalformedError("disclosure: expected [salt, name, value]") from error
    if not (isinstance(salt, str) and isinstance(value, str)):
        raise MalformedError("disclosure: salt and value must be text")
    if name not in _CLASS_OF_NAME:
        raise MalformedError(f"disclosure: unknown name {name!r}")
    return Disclosure(name, value)


def base64url(raw: bytes) -> str:
    """Return unpadded base64url text."""
    encoded = binascii.b2a_base64(raw, newline=False).translate(_URL_ALPHABET)
    return encoded.rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Return the bytes that `base64url` spells so, and no other way.

    Raises:
        MalformedError: Another spelling.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise MalformedError("base64url: not such a text") from error
    if base64url(raw) != text:
        raise MalformedError("base64url: another spelling")
    return raw
