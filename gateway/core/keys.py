"""The keys messages are sealed to, and the keys that keep them readable (suite 1).

Suite 1 is HPKE base mode with ML-KEM-768 + X25519 ("X-Wing"), HKDF-SHA256 and
AES-256-GCM (specification, section 2). Secret bytes never show in a `repr`.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Self

import nacl.utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from gateway.core.canonical import Wire, parse_base64
from gateway.core.errors import CannotOpenError, MalformedError, UnknownSuiteError
from gateway.core.limits import KEM_OPEN_AFTER_SEND_MS, KEM_SEND_PERIOD_MS
from gateway.core.randomness import random_bytes
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    UnixMs,
    format_time,
    parse_time,
)

SUITE = 1
"""The only cipher suite there is; 2 is reserved for ML-KEM-1024 + P-384."""

USE_OPEN = 1
"""The only use of a key that has a key id: opening what was sealed to it."""

SECRET_BYTES = 32
KEM_PUBLIC_BYTES = 1184 + 32
WRAP_BYTES = 1120 + SECRET_BYTES + 16
"""One wrapped content key: encapsulated key, ciphertext, tag."""

_MLKEM_PUBLIC_BYTES = 1184
_MLKEM_SEED_BYTES = 64
_X25519_PRIME = 2**255 - 19
_NONCE_BYTES = 12
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
# Any scalar will do to find out whether a public key is of low order.
_PROBE = X25519PrivateKey.from_private_bytes(hashlib.sha256(b"probe").digest())

Direction = Literal["out", "in"]
"""Which box a message lies in: `out` as its sender, `in` as its receiver."""


@dataclass(frozen=True, slots=True, eq=False)
class _Secret:
    """Thirty-two secret bytes of one kind; compared in constant time."""

    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != SECRET_BYTES:
            raise MalformedError(
                f"key: {len(self.raw)} bytes, expected {SECRET_BYTES}",
            )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Secret)
            and type(self) is type(other)
            and hmac.compare_digest(self.raw, other.raw)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.raw))

    @classmethod
    def new(cls) -> Self:
        """Return a fresh random key."""
        return cls(nacl.utils.random(SECRET_BYTES))


class ContentKey(_Secret):
    """The key of one envelope's body; whoever has it can read the message."""

    __slots__ = ()


class AttachmentKey(_Secret):
    """The key of one attachment's ciphertext."""

    __slots__ = ()


class ArchiveKey(_Secret):
    """The node's key under which content keys outlive the keys of the envelope."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class KemPublicKey:
    """A public key to seal to; 1216 bytes, ML-KEM-768 then X25519."""

    raw: bytes = field(repr=False)
    _hpke: MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Return the key that `raw` spells.

        Raises:
            MalformedError: Another length, not reduced, or of low order.
        """
        if len(raw) != KEM_PUBLIC_BYTES:
            raise MalformedError(
                f"public key: {len(raw)} bytes, expected {KEM_PUBLIC_BYTES}",
            )
        curve_raw = raw[_MLKEM_PUBLIC_BYTES:]
        # The library takes numbers from p on, and the top bit, as other spellings.
        if int.from_bytes(curve_raw, "little") >= _X25519_PRIME:
            raise MalformedError("public key: the X25519 half is not reduced")
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC_BYTES])
            curve = X25519PublicKey.from_public_bytes(curve_raw)
            _PROBE.exchange(curve)
        except ValueError as error:
            raise MalformedError("public key: a half is not a usable key") from error
        return cls(raw, MLKEM768X25519PublicKey(lattice, curve))

    def seal(self, plaintext: bytes, *, info: bytes) -> bytes:
        """Return the HPKE encapsulated key and ciphertext, one after the other."""
        return _SUITE.encrypt(plaintext, self._hpke, info)


@dataclass(frozen=True, slots=True)
class KemPrivateKey:
    """A private key to open with; made from its 32-byte seed, which is what is kept."""

    seed: bytes = field(repr=False, compare=False)
    public: KemPublicKey
    _hpke: MLKEM768X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Return the key pair of a seed.

        Raises:
            MalformedError: Not 32 bytes.
        """
        if len(seed) != SECRET_BYTES:
            raise MalformedError(f"seed: {len(seed)} bytes, expected {SECRET_BYTES}")
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + SECRET_BYTES)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        curve = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        public = KemPublicKey(
            lattice.public_key().public_bytes_raw()
            + curve.public_key().public_bytes_raw(),
            MLKEM768X25519PublicKey(lattice.public_key(), curve.public_key()),
        )
        return cls(seed, public, MLKEM768X25519PrivateKey(lattice, curve))

    @classmethod
    def new(cls) -> Self:
        """Return a fresh random key pair."""
        return cls.from_seed(nacl.utils.random(SECRET_BYTES))

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """Return what was sealed to this key under `info`.

        Raises:
            CannotOpenError: Sealed to another key or `info`, or changed.
        """
        try:
            return _SUITE.decrypt(sealed, self._hpke, info)
        except (InvalidTag, ValueError, TypeError) as error:
            raise CannotOpenError("wrap: cannot be opened") from error


class KemKeyRecord(Wire, frozen=True, kw_only=True):
    """What a card says of one key (specification, section 6).

    Attributes:
        kid: Key id; recomputes from suite, authority and public key.
        not_before: First moment to seal to it.
        open_until: Last moment its owner opens with it; then it is destroyed.
        public: Base64 of the 1216 bytes.
        send_until: Last moment to seal to it.
        suite: 1.
    """

    kid: str
    not_before: str
    open_until: str
    public: str
    send_until: str
    suite: int


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A checked record: what sealing and expiry need of a key."""

    kid: HexDigest
    public: KemPublicKey
    not_before: UnixMs
    send_until: UnixMs
    open_until: UnixMs


def key_id(suite: int, use: int, authority: AuthorityId, public: bytes) -> HexDigest:
    """Return the id of a raw public key of an authority."""
    name = authority.encode()
    return HexDigest(
        hashlib.sha256(
            b"mla-key/1\0" + bytes((suite, use, len(name))) + name + public,
        ).hexdigest(),
    )


# A card is proven once and then sealed to for weeks. Bounded: a few keys a peer.
@lru_cache(maxsize=1024)
def check_record(record: KemKeyRecord, authority: AuthorityId) -> RecipientKey:
    """Return the key of a record that is in order for its authority.

    Raises:
        UnknownSuiteError: Not suite 1.
        MalformedError: The key does not decode, its id does not recompute, or its
            times are not in order or leave too little time to open.
    """
    if record.suite != SUITE:
        raise UnknownSuiteError(f"key: suite {record.suite}, expected {SUITE}")
    public = KemPublicKey.from_bytes(parse_base64(record.public))
    kid = key_id(record.suite, USE_OPEN, authority, public.raw)
    if record.kid != kid:
        raise MalformedError(f"key: id {record.kid[:64]!r}, its bytes give {kid}")
    not_before = parse_time(record.not_before)
    send_until = parse_time(record.send_until)
    open_until = parse_time(record.open_until)
    if not_before > send_until or open_until < send_until + KEM_OPEN_AFTER_SEND_MS:
        raise MalformedError(
            "key: lifetimes, expected not_before <= send_until <= open_until - 91 days",
        )
    return RecipientKey(kid, public, not_before, send_until, open_until)


def is_sealable(record: KemKeyRecord, now: UnixMs) -> bool:
    """Tell whether new messages may be sealed to a key at `now`."""
    return parse_time(record.not_before) <= now <= parse_time(record.send_until)


def is_openable(record: KemKeyRecord, now: UnixMs) -> bool:
    """Tell whether its owner still opens with a key at `now`."""
    return now <= parse_time(record.open_until)


@dataclass(frozen=True, slots=True)
class NewKemKey:
    """A fresh private key with the record that publishes it."""

    private: KemPrivateKey
    record: KemKeyRecord


def new_kem_key(
    authority: AuthorityId,
    now: UnixMs,
    *,
    send_period_ms: int = KEM_SEND_PERIOD_MS,
) -> NewKemKey:
    """Return a fresh key of `authority`, good for sealing from `now` on."""
    return publish_kem_key(
        KemPrivateKey.new(),
        authority,
        now,
        send_period_ms=send_period_ms,
    )


def publish_kem_key(
    private: KemPrivateKey,
    authority: AuthorityId,
    now: UnixMs,
    *,
    send_period_ms: int = KEM_SEND_PERIOD_MS,
) -> NewKemKey:
    """Return a private key with a record that starts at `now`."""
    send_until = now + send_period_ms
    public = private.public.raw
    record = KemKeyRecord(
        kid=key_id(SUITE, USE_OPEN, authority, public),
        not_before=format_time(now),
        open_until=format_time(UnixMs(send_until + KEM_OPEN_AFTER_SEND_MS)),
        public=base64.b64encode(public).decode(),
        send_until=format_time(UnixMs(send_until)),
        suite=SUITE,
    )
    return NewKemKey(private, record)


def wrap_content_key(
    archive_key: ArchiveKey,
    content_key: ContentKey,
    *,
    direction: Direction,
    envelope_digest: HexDigest,
) -> bytes:
    """Return a content key wrapped for the archive: nonce 12, ciphertext, tag.

    The wrapped key is bound to its box and envelope; destroying it erases the message.
    """
    nonce = random_bytes(_NONCE_BYTES)
    bound_to = _archive_context(direction, envelope_digest)
    return nonce + AESGCM(archive_key.raw).encrypt(nonce, content_key.raw, bound_to)


def unwrap_content_key(
    archive_key: ArchiveKey,
    wrapped: bytes,
    *,
    direction: Direction,
    envelope_digest: HexDigest,
) -> ContentKey:
    """Return a content key from the archive.

    Raises:
        CannotOpenError: Not wrapped under this key for this box and envelope.
    """
    nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
    bound_to = _archive_context(direction, envelope_digest)
    try:
        return ContentKey(AESGCM(archive_key.raw).decrypt(nonce, sealed, bound_to))
    except (InvalidTag, ValueError, MalformedError) as error:
        raise CannotOpenError("archived content key: cannot be opened") from error


def _archive_context(direction: Direction, envelope_digest: HexDigest) -> bytes:
    return direction.encode() + b"\0" + bytes.fromhex(envelope_digest)
