"""Checkpoints: the signed head of a log, and the cosignatures of its witnesses.

A log signs with Ed25519 and with ML-DSA-44, and a reader here demands both.
Specification, section 8.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from nacl.signing import SigningKey

from gateway.core.errors import LogProofError, MalformedError
from gateway.core.translog.encoding import (
    MAX_SIZE,
    MAX_TIME_S,
    check_origin,
    encode_base64,
)
from gateway.core.translog.merkle import HASH_BYTES
from gateway.core.translog.note import (
    Ed25519Signer,
    KeyType,
    Note,
    NoteSignature,
    VerifiedLine,
    VerifierKey,
    check_seed,
    parse_note,
    verified_lines,
    verify_note,
)
from gateway.core.translog.signed import (
    cosignature_message,
    split_checkpoint,
    subtree_message,
)

_LOG_TYPES = frozenset({KeyType.ED25519, KeyType.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: everything before it is fixed by it.

    Attributes:
        origin: Name of the log.
        size: Number of entries.
        root: Root of the tree over them, 32 bytes.
        text: The three lines that are signed.

    Raises:
        MalformedError: No log can have this origin, size or root.
    """

    origin: str
    size: int
    root: bytes
    text: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_origin(self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise MalformedError(f"checkpoint: size {self.size} or root out of range")
        lines = f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"
        object.__setattr__(self, "text", lines.encode())  # frozen for everyone else


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Return the checkpoint that the text of a note spells.

    Raises:
        MalformedError: Not exactly origin, size and root, one a line.
        TooLargeError: Longer than any checkpoint.
    """
    return Checkpoint(*split_checkpoint(text))


def verify_checkpoint(
    raw: bytes,
    *,
    origin: str,
    keys: Iterable[VerifierKey],
) -> Checkpoint:
    """Return the checkpoint in a signed note, once both signatures of its log hold.

    Args:
        raw: The note.
        origin: The log whose checkpoint it must be.
        keys: Keys of that log; several of a type while one succeeds another. Keys
            under other names are not looked at.

    Raises:
        LogProofError: Another log's, a signature that does not hold, or not at least
            one signature of each type.
        MalformedError: Not a note, or its text is not a checkpoint.
        TooLargeError: The note is over its limits.
    """
    note = parse_note(raw)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise LogProofError(
            f"checkpoint: of {checkpoint.origin!r}, expected {origin!r}"
        )
    lines = verify_note(note, (key for key in keys if key.name == origin))
    # The time of a log's own signature is always 0: the tree says all.
    signed = {line.key.key_type for line in lines if not line.time_s}
    if not signed >= _LOG_TYPES:
        raise LogProofError(f"checkpoint: {origin} has not signed with both algorithms")
    return checkpoint


def cosignature_lines(
    raw: bytes,
    keys: Iterable[VerifierKey],
) -> tuple[VerifiedLine, ...]:
    """Return the cosignatures of a checkpoint by the given keys.

    Args:
        raw: The signed note; its log's signatures are not checked here.
        keys: Keys of witnesses, all of their types.

    Returns:
        Key and POSIX seconds of each. Empty if no one has cosigned: whether that is
        enough is for a policy to say.

    Raises:
        LogProofError: A line by one of the keys does not hold or states no time.
        MalformedError: Not a note, or its text is not a checkpoint.
        TooLargeError: The note is over its limits.
    """
    note = parse_note(raw)
    parse_checkpoint(note.text)
    lines = verified_lines(note, keys)
    for key, time_s in lines:
        if not time_s:
            raise LogProofError(f"cosignature: {key.name} states no time")
    return lines


def verify_cosignatures(raw: bytes, keys: Iterable[VerifierKey]) -> dict[str, int]:
    """Return who cosigned a checkpoint, by key name, and at which POSIX second.

    Where both keys of a witness signed, the later time: back-dating takes both keys.

    Raises:
        LogProofError: As for `cosignature_lines`.
        MalformedError: As for `cosignature_lines`.
        TooLargeError: As for `cosignature_lines`.
    """
    times: dict[str, int] = {}
    for key, time_s in cosignature_lines(raw, keys):
        times[key.name] = max(time_s, times.get(key.name, 0))
    return times


class LogSigner:
    """Signs the checkpoints of one log with its pair of keys.

    Whoever holds it must never sign a smaller tree after a larger one, nor two roots
    for one size.

    Attributes:
        origin: Name of the log.
        keys: The public halves, Ed25519 first.
    """

    __slots__ = ("_ed25519", "_ml_dsa", "keys", "origin")

    def __init__(
        self,
        origin: str,
        *,
        ed25519_seed: bytes,
        ml_dsa_seed: bytes,
    ) -> None:
        check_origin(origin)
        self.origin = origin
        self._ed25519 = Ed25519Signer(origin, ed25519_seed)
        self._ml_dsa = _MlDsaSigner(origin, ml_dsa_seed)
        self.keys = (self._ed25519.key, self._ml_dsa.key)

    def __repr__(self) -> str:
        return f"LogSigner({self.origin!r})"

    def sign_lines(self, checkpoint: Checkpoint) -> tuple[NoteSignature, ...]:
        """Return both signature lines; for notes that other keys sign as well.

        Raises:
            LogProofError: The checkpoint is of another log.
        """
        if checkpoint.origin != self.origin:
            raise LogProofError(
                f"checkpoint: of {checkpoint.origin!r}, expected {self.origin!r}",
            )
        return (
            self._ed25519.sign(checkpoint.text),
            self._ml_dsa.sign(checkpoint.text, time_s=0),
        )

    def sign(self, checkpoint: Checkpoint) -> bytes:
        """Return the signed note of a checkpoint.

        Raises:
            LogProofError: The checkpoint is of another log.
        """
        return Note(checkpoint.text, self.sign_lines(checkpoint)).to_bytes()


class Ed25519Cosigner:
    """Cosigns checkpoints as a witness (type 0x04).

    The signature does not hold the witness's name, so the key must serve one name.

    Attributes:
        key: The public half.
    """

    __slots__ = ("_private", "key")

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = SigningKey(check_seed(seed))
        public = self._private.verify_key.encode()
        self.key = VerifierKey(name, KeyType.ED25519_COSIGNATURE, public)

    def __repr__(self) -> str:
        return f"Ed25519Cosigner({self.key!r})"

    def cosign(self, checkpoint: Checkpoint, *, time_s: int) -> NoteSignature:
        """Return the cosignature line of a checkpoint.

        Raises:
            MalformedError: The time is not one that can be stated.
        """
        stamp = _stamp(time_s)
        message = cosignature_message(checkpoint.text, time_s)
        signature = stamp + self._private.sign(message).signature
        return NoteSignature(self.key.name, self.key.key_id, signature)


class MlDsaCosigner:
    """Cosigns checkpoints as a witness (type 0x06).

    Attributes:
        key: The public half.
    """

    __slots__ = ("_signer", "key")

    def __init__(self, name: str, seed: bytes) -> None:
        self._signer = _MlDsaSigner(name, seed)
        self.key = self._signer.key

    def __repr__(self) -> str:
        return f"MlDsaCosigner({self.key!r})"

    def cosign(self, checkpoint: Checkpoint, *, time_s: int) -> NoteSignature:
        """Return the cosignature line of a checkpoint.

        Raises:
            MalformedError: The time is not one that can be stated.
        """
        _stamp(time_s)
        return self._signer.sign(checkpoint.text, time_s=time_s)


class _MlDsaSigner:
    """Signs checkpoint texts with ML-DSA-44, with or without a time."""

    __slots__ = ("_private", "key")

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = MLDSA44PrivateKey.from_seed_bytes(check_seed(seed))
        public = self._private.public_key().public_bytes_raw()
        self.key = VerifierKey(name, KeyType.ML_DSA_44, public)

    def sign(self, text: bytes, *, time_s: int) -> NoteSignature:
        message = subtree_message(self.key.name, text, time_s)
        signature = time_s.to_bytes(8, "big") + self._private.sign(message)
        return NoteSignature(self.key.name, self.key.key_id, signature)


def _stamp(time_s: int) -> bytes:
    if not 0 < time_s <= MAX_TIME_S:
        raise MalformedError(f"cosignature: time {time_s} is no date after 1970")
    return time_s.to_bytes(8, "big")
