"""Keys that keep things readable to this node only, until they are erased.

The archive key wraps content keys and seals drafts; the disclosure key wraps the ring
keys of what stands beside log entries. Each sealed thing is nonce 12, ciphertext, tag,
bound to what it belongs to.
"""

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
from gateway.core.values import HexDigest
from gateway.keystore.sealed import Secret

_NONCE_BYTES = 12
_RING_KEY_BYTES = 32
_RING_CONTEXT = b"disclosure-ring\0"
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
    """Implements `DisclosureVault`."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = key

    def new_key(self) -> bytes:
        """Return a fresh ring key, wrapped; destroying it erases what it seals."""
        return _seal(self._key.raw, nacl.utils.random(_RING_KEY_BYTES), _RING_CONTEXT)

    def seal(self, wrapped_key: bytes, plaintext: bytes, *, context: bytes) -> bytes:
        """Return `plaintext` sealed under a ring key and bound to `context`.

        Raises:
            CannotOpenError: The ring key was not made here.
        """
        return _seal(self._unwrap(wrapped_key), plaintext, context)

    def open(self, wrapped_key: bytes, sealed: bytes, *, context: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            CannotOpenError: The key, the sealed bytes or the context differ.
        """
        return _open(self._unwrap(wrapped_key), sealed, context)

    def _unwrap(self, wrapped_key: bytes) -> bytes:
        return _open(self._key.raw, wrapped_key, _RING_CONTEXT)


def _direction(box: str) -> Direction:
    if box == "out":
        return "out"
    if box == "in":
        return "in"
    raise AssertionError(f"internal: box {box!r}")


def _seal(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = nacl.utils.random(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to)


def _open(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, bound_to)
    except (InvalidTag, ValueError) as error:
        raise CannotOpenError("sealed bytes: cannot be opened") from error
