"""Challenges that a node can recognise as its own without keeping them.

Whoever asks to sign in gets one; so keeping them would let strangers fill the memory.
Each is random, names its last moment, and carries a tag under a key of this process.
"""

import hashlib
import hmac

import nacl.utils

from gateway.core.errors import NotAuthenticatedError
from gateway.core.values import UnixMs

_NONCE_BYTES = 16
_TIME_BYTES = 8
_TAG_BYTES = 32
_LIFETIME_MS = 10 * 60_000


class Challenges:
    """Makes and recognises challenges; each is good for ten minutes and once."""

    def __init__(self) -> None:
        self._key = nacl.utils.random(32)
        # Only what was answered rightly comes in here: strangers can't fill it.
        self._used: dict[bytes, UnixMs] = {}

    def make(self, purpose: str, now: UnixMs) -> bytes:
        """Return a fresh challenge for a purpose."""
        ends = UnixMs(now + _LIFETIME_MS)
        head = nacl.utils.random(_NONCE_BYTES) + ends.to_bytes(_TIME_BYTES, "big")
        return head + self._tag(purpose, head)

    def check(self, challenge: bytes, purpose: str, now: UnixMs) -> None:
        """Refuse what is not a challenge of ours for this purpose and still good.

        Raises:
            NotAuthenticatedError: It is not.
        """
        head, tag = challenge[:-_TAG_BYTES], challenge[-_TAG_BYTES:]
        is_ours = len(head) == _NONCE_BYTES + _TIME_BYTES and hmac.compare_digest(
            self._tag(purpose, head), tag
        )
        if (
            not is_ours
            or now >= int.from_bytes(head[_NONCE_BYTES:], "big")
            or challenge in self._used
        ):
            raise NotAuthenticatedError("challenge: too old, used or not of this node")

    def use_up(self, challenge: bytes, now: UnixMs) -> None:
        """Let a challenge that was answered rightly never be answered again."""
        self._used = {one: ends for one, ends in self._used.items() if now < ends}
        self._used[challenge] = UnixMs(now + _LIFETIME_MS)

    def _tag(self, purpose: str, head: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + head, hashlib.sha256)
