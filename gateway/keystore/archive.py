"""Keys that keep things readable to this node only, until they are erased.

The archive key wraps content keys and seals drafts; the disclosure key wraps the ring
keys of what stands beside log entries. Each sealed thing is nonce 12, ciphertext, tag,
bound to what it belongs to.
"""

import hmac
from collections.abc import Collection
from functools import partial
from uuid import UUID

import nacl.utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.core.errors import CannotOpenError
from gateway.core.keys import (
    ArchiveKey,
    ContentKey,
    Direction,
    unwrap_content_key,
    wrap_content_key,
)
from gateway.core.randomness import random_bytes
from gateway.core.values import HexDigest, MessageId, UnixMs
from gateway.keystore.rings import (
    MAX_PAYLOAD_BYTES,
    RingFile,
    Slot,
    SlotState,
    new_ring_key,
    ring_name,
)
from gateway.keystore.sealed import Secret
from gateway.ports.keys import DisclosureSealer, ErasedNote, RingId

_NONCE_BYTES = 12
_RING_KEY_BYTES = 32
_TIME_BYTES = 8
_OLD_RING_CONTEXT = b"disclosure-ring\0"
_RING_CONTEXT = b"disclosure-ring/2\0"
_BLIND_CONTEXT = b"blind\0"
_DRAFT_CONTEXT = b"draft\0"


class Archive:
    """Implements `ArchiveKeys`."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = ArchiveKey(key.raw)

    def wrap(self, key: ContentKey, *, box: str, digest: HexDigest) -> bytes:
        """Return a content key wrapped for `box` and envelope."""
        return wrap_content_key(
            self._key,
            key,
            direction=_direction(box),
            envelope_digest=digest,
        )

    def unwrap(
        self,
        wrapped: bytes,
        *,
        box: str,
        digest: HexDigest,
    ) -> ContentKey:
        """Return the content key again.

        Raises:
            CannotOpenError: Not wrapped here, or for another box or envelope.
        """
        return unwrap_content_key(
            self._key,
            wrapped,
            direction=_direction(box),
            envelope_digest=digest,
        )

    def seal_draft(self, draft: bytes, *, message_id: str) -> bytes:
        """Return a held message sealed to ourselves."""
        return _seal(self._key.raw, draft, _DRAFT_CONTEXT + message_id.encode())

    def open_draft(self, sealed: bytes, *, message_id: str) -> bytes:
        """Return a held message again.

        Raises:
            CannotOpenError: Not sealed here, or for another message.
        """
        return _open(self._key.raw, sealed, _DRAFT_CONTEXT + message_id.encode())


class Vault:
    """Implements `DisclosureVault` and `ErasureRegister`."""

    __slots__ = ("_key", "_rings")

    def __init__(self, key: Secret, rings: RingFile) -> None:
        self._key = key
        self._rings = rings

    def new_ring(self, made_at: int) -> RingId:
        """Return a fresh ring; destroying it erases what it seals."""
        return self._add(nacl.utils.random(_RING_KEY_BYTES), made_at)

    def adopt(self, wrapped_key: bytes) -> RingId:
        """Take a ring whose key lay wrapped in a database.

        Raises:
            CannotOpenError: It was not wrapped here.
        """
        return self._add(_open(self._key.raw, wrapped_key, _OLD_RING_CONTEXT), 0)

    def _add(self, key: bytes, made_at: int) -> RingId:
        name = new_ring_key()
        wrapped = _seal(self._key.raw, key, _RING_CONTEXT + name)
        return self._rings.add_ring(name, made_at, wrapped)

    def flush(self) -> None:
        """Return once all new rings are on disk."""
        self._rings.flush()

    def is_live(self, ring: RingId) -> bool:
        """Tell whether a ring's key is there."""
        return self._rings.wrapped_key(ring) is not None

    def sealer(self, ring: RingId) -> DisclosureSealer:
        """Return what seals under a ring; to be used for one transaction only.

        Raises:
            CannotOpenError: The ring is gone, or was not made here.
        """
        key = self._unwrap(ring)
        if key is None:
            raise CannotOpenError("disclosure ring: its key is gone")
        return partial(_seal_with, AESGCM(key))

    def open(self, ring: RingId, sealed: bytes, *, context: bytes) -> bytes | None:
        """Return the plaintext; None if the ring is gone.

        Raises:
            CannotOpenError: The sealed bytes or the context differ.
        """
        key = self._unwrap(ring)
        return None if key is None else _open(key, sealed, context)

    def _unwrap(self, ring: RingId) -> bytes | None:
        wrapped = self._rings.wrapped_key(ring)
        if wrapped is None:
            return None
        return _open(self._key.raw, wrapped, _RING_CONTEXT + ring_name(ring))

    def blind(self, text: str) -> str:
        """Return what stands for a text that may be compared and never read again."""
        blinded = hmac.digest(self._key.raw, _BLIND_CONTEXT + text.encode(), "sha256")
        return blinded.hex()

    def destroy(self, rings: Collection[RingId]) -> int:
        """Destroy rings; return how many were still there.

        Raises:
            KeystoreError: It could not be made durable.
        """
        return self._rings.destroy(rings)

    def sweep(self, named: Collection[RingId], log_size: int) -> int:
        """Destroy rings that nothing names and the log has grown beyond.

        Others are left alone: the database may be an older copy, and the one that
        names them may yet be put back.
        """
        names = {ring_name(ring) for ring in named}
        orphans = [
            RingId(f"{at}.{slot.key.hex()}")
            for at, slot in self._rings.slots(SlotState.RING, but=names)
            if slot.number < log_size
        ]
        return self._rings.destroy(orphans)

    def remember(self, erased: Collection[ErasedNote]) -> None:
        """Keep that messages were erased; durable on return.

        Raises:
            KeystoreError: It could not be made durable.
        """
        self._rings.remember([_slot_of(note) for note in erased])

    def erased(self) -> dict[MessageId, ErasedNote]:
        """Return all messages that were ever erased."""
        notes = [_note_of(slot) for _, slot in self._rings.slots(SlotState.ERASED)]
        return {note.id: note for note in notes}


def _slot_of(note: ErasedNote) -> Slot:
    payload = note.until.to_bytes(_TIME_BYTES) + note.basis.encode("ascii")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise AssertionError("internal: a basis over its limit")
    return Slot(UUID(note.id).bytes, note.log_index, SlotState.ERASED, payload)


def _note_of(slot: Slot) -> ErasedNote:
    return ErasedNote(
        id=MessageId(str(UUID(bytes=slot.key))),
        log_index=slot.number,
        until=UnixMs(int.from_bytes(slot.payload[:_TIME_BYTES])),
        basis=slot.payload[_TIME_BYTES:].decode("ascii"),
    )


def _direction(box: str) -> Direction:
    if box == "out":
        return "out"
    if box == "in":
        return "in"
    raise AssertionError(f"internal: box {box!r}")


def _seal(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    return _seal_with(AESGCM(key), plaintext, bound_to)


def _seal_with(cipher: AESGCM, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = random_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plaintext, bound_to)


def _open(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound_to)
    except (InvalidTag, ValueError) as error:
        raise CannotOpenError("sealed bytes: cannot be opened") from error
