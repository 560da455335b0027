"""Signed notes: a text, then a line for each signature; and the keys that check them.

Signatures by keys one does not know are carried along and ignored, so that a note can
collect new signers and new algorithms. Specification, section 8.2.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from gateway.core.errors import LogProofError, MalformedError, TooLargeError
from gateway.core.limits import MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES
from gateway.core.translog.encoding import (
    MAX_ORIGIN_BYTES,
    MAX_TIME_S,
    check_key_name,
    decode_base64,
    decode_text,
    encode_base64,
)
from gateway.core.translog.signed import cosignature_message, subtree_message

SEED_BYTES = 32

_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_LINE_START = "— "
_VKEY_PARTS = 3


class KeyType(IntEnum):
    """What a key signs, and with which algorithm."""

    ED25519 = 0x01  # the text of any note
    ED25519_COSIGNATURE = 0x04  # a checkpoint and a time
    ML_DSA_44 = 0x06  # a checkpoint and a time; 0 where a log signs its own


_PUBLIC_BYTES = {
    KeyType.ED25519: 32,
    KeyType.ED25519_COSIGNATURE: 32,
    KeyType.ML_DSA_44: 1312,
}
_SIGNATURE_BYTES = {
    KeyType.ED25519: 64,
    KeyType.ED25519_COSIGNATURE: _TIME_BYTES + 64,
    KeyType.ML_DSA_44: _TIME_BYTES + 2420,
}


def key_id(name: str, key_type: KeyType, public: bytes) -> bytes:
    """Return the four bytes that tell keys of one name apart."""
    hashed = hashlib.sha256(name.encode() + b"\n" + bytes((key_type,)) + public)
    return hashed.digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note.

    Attributes:
        name: Name of the key.
        key_id: Its four-byte id.
        signature: What follows the id: for some types a time, then the signature.
    """

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line with its line feed."""
        payload = encode_base64(self.key_id + self.signature)
        return f"{_LINE_START}{self.name} {payload}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures, not yet checked.

    Attributes:
        text: One or more lines, each ending in a line feed; these bytes are signed.
        signatures: In the order in which they stand.
    """

    text: bytes
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the note as it is stored and sent."""
        lines = "".join(signature.line() for signature in self.signatures)
        return b"%b\n%b" % (self.text, lines.encode())


def parse_note(raw: bytes) -> Note:
    """Return the note that `raw` holds.

    Raises:
        TooLargeError: More bytes or signature lines than allowed.
        MalformedError: Not a signed note.
    """
    whole = decode_text(raw, "note", max_bytes=MAX_NOTE_BYTES)
    # The text may hold empty lines itself; signatures never do.
    text, blank, tail = whole.rpartition("\n\n")
    if not blank:
        raise MalformedError("note: no empty line before the signatures")
    return Note(text=f"{text}\n".encode(), signatures=parse_signature_lines(tail))


def parse_signature_lines(text: str) -> tuple[NoteSignature, ...]:
    """Return the signatures of one or more signature lines.

    Raises:
        TooLargeError: More lines than allowed.
        MalformedError: A line is not a signature line, or there is none.
    """
    if text.count("\n") > MAX_NOTE_SIGNATURES:
        raise TooLargeError(f"note: more than {MAX_NOTE_SIGNATURES} signatures")
    *lines, end = text.split("\n")
    if end or not lines:
        raise MalformedError("note: expected signature lines that end in a line feed")
    return tuple(map(_parse_line, lines))


def _parse_line(line: str) -> NoteSignature:
    name, _, payload = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START):
        raise MalformedError(f"note: {line[:80]!r}, expected a signature line")
    check_key_name(name)
    raw = decode_base64(payload, "note signature")
    if len(raw) <= _KEY_ID_BYTES:
        raise MalformedError(f"note: signature of {name!r} is empty")
    return NoteSignature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that checks signatures on notes, under the name of its owner.

    Attributes:
        name: Name of the key, such as a log's origin.
        key_type: What it signs.
        public: The raw public key.
        key_id: Four bytes, computed from the others.

    Raises:
        MalformedError: The name or the public key can't be used.
    """

    name: str
    key_type: KeyType
    public: bytes = field(repr=False)
    key_id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        _check_public(self.key_type, self.public)
        too_long = len(self.name.encode()) > MAX_ORIGIN_BYTES
        if self.key_type is KeyType.ML_DSA_44 and too_long:
            raise MalformedError(f"key name: over {MAX_ORIGIN_BYTES} bytes")
        identity = key_id(self.name, self.key_type, self.public)
        object.__setattr__(self, "key_id", identity)  # frozen for everyone else

    def to_text(self) -> str:
        """Return the key on one line, as it is published."""
        payload = encode_base64(bytes((self.key_type,)) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{payload}"

    def verify(self, text: bytes, signature: bytes) -> int:
        """Check a signature and return its time in POSIX seconds.

        Returns:
            0 where the signer or the type states no time.

        Raises:
            LogProofError: The signature does not hold, or its time is no date.
            MalformedError: The type signs checkpoints, and `text` is none.
        """
        if len(signature) != _SIGNATURE_BYTES[self.key_type]:
            raise self._failed()
        if self.key_type is KeyType.ED25519:
            self._verify_ed25519(text, signature)
            return 0
        time_s = int.from_bytes(signature[:_TIME_BYTES], "big")
        if time_s > MAX_TIME_S:
            raise self._failed()
        if self.key_type is KeyType.ED25519_COSIGNATURE:
            message = cosignature_message(text, time_s)
            self._verify_ed25519(message, signature[_TIME_BYTES:])
        else:
            message = subtree_message(self.name, text, time_s)
            self._verify_ml_dsa(message, signature[_TIME_BYTES:])
        return time_s

    def _verify_ed25519(self, message: bytes, signature: bytes) -> None:
        try:
            VerifyKey(self.public).verify(message, signature)
        except BadSignatureError as error:
            raise self._failed() from error

    def _verify_ml_dsa(self, message: bytes, signature: bytes) -> None:
        try:
            MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature as error:
            raise self._failed() from error

    def _failed(self) -> LogProofError:
        return LogProofError(
            f"note: signature of {self.name} ({self.key_id.hex()}) does not hold",
        )


def _check_public(key_type: KeyType, public: bytes) -> None:
    expected = _PUBLIC_BYTES[key_type]
    if len(public) != expected:
        raise MalformedError(f"public key: {len(public)} bytes, expected {expected}")
    if key_type is KeyType.ML_DSA_44:
        return
    # Small-order and non-canonical points let one signature hold for many messages.
    if not crypto_core_ed25519_is_valid_point(public):
        raise MalformedError("public key: not a proper Ed25519 point")


def parse_vkey(text: str) -> VerifierKey:
    """Return the key that `<name>+<key id>+<base64>` spells.

    Raises:
        MalformedError: Not a key of a known type, or the id does not belong to it.
    """
    parts = text.split("+", _VKEY_PARTS - 1)  # base64 may hold more of them
    if len(parts) != _VKEY_PARTS:
        raise MalformedError(f"vkey: {text[:80]!r}, expected name+id+key")
    name, identity, payload = parts
    raw = decode_base64(payload, "vkey")
    try:
        key_type = KeyType(int.from_bytes(raw[:1], "big"))
    except ValueError as error:
        raise MalformedError(f"vkey: type {raw[:1].hex()!r} of {name!r}") from error
    key = VerifierKey(name, key_type, raw[1:])
    if identity != key.key_id.hex():
        raise MalformedError(f"vkey: id {identity[:8]!r}, expected {key.key_id.hex()}")
    return key


class VerifiedLine(NamedTuple):
    """A signature that held: whose, and at which POSIX second (0: none stated)."""

    key: VerifierKey
    time_s: int


def verified_lines(
    note: Note,
    keys: Iterable[VerifierKey],
) -> tuple[VerifiedLine, ...]:
    """Return the signatures of a note by the given keys; possibly none.

    Lines of other keys are ignored. What follows from absence is the caller's matter.

    Raises:
        LogProofError: A line of a given key does not hold or stands twice, or two
            of the keys can't be told apart.
        MalformedError: A key signs checkpoints only, and the text is none.
    """
    known = _by_name_and_id(keys)
    found: dict[VerifierKey, VerifiedLine] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if key in found:
            raise LogProofError(f"note: {line.name} signed it twice with one key")
        found[key] = VerifiedLine(key, key.verify(note.text, line.signature))
    return tuple(found.values())


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifiedLine, ...]:
    """Return the signatures of a note by the given keys; one at least.

    Raises:
        LogProofError: None of the keys has signed, or as for `verified_lines`.
        MalformedError: As for `verified_lines`.
    """
    lines = verified_lines(note, keys)
    if not lines:
        raise LogProofError("note: no configured key has signed it")
    return lines


def _by_name_and_id(
    keys: Iterable[VerifierKey],
) -> Mapping[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise LogProofError(f"note: two keys of {key.name} share one id")
    return known


class Ed25519Signer:
    """Signs the text of notes (type 0x01).

    Attributes:
        key: The public half.
    """

    __slots__ = ("_private", "key")

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = SigningKey(check_seed(seed))
        self.key = VerifierKey(
            name,
            KeyType.ED25519,
            self._private.verify_key.encode(),
        )

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.key!r})"

    def sign(self, text: bytes) -> NoteSignature:
        """Return the signature line for a note's text."""
        signature = self._private.sign(text).signature
        return NoteSignature(self.key.name, self.key.key_id, signature)


def check_seed(seed: bytes) -> bytes:
    """Return `seed` if it can be one; the libraries' own errors would show it.

    Raises:
        MalformedError: Not 32 bytes.
    """
    if len(seed) != SEED_BYTES:
        raise MalformedError(f"seed: {len(seed)} bytes, expected {SEED_BYTES}")
    return seed
