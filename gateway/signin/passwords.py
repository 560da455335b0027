"""Passwords as argon2id strings, hashed on threads, few at a time.

A hash takes 64 MiB and a good tenth of a second of a processor: enough to make guessing
dear, and so much that strangers must not make the node do many at once.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from gateway.core.credentials import normal_password
from gateway.core.errors import QuotaError

T = TypeVar("T")

_PASSES = 3
_MEMORY_BYTES = 64 * 1024 * 1024
_AT_ONCE = 2
_WAITING = 16
_RETRY_AFTER_S = 2
# What a password is compared with where there is none: at the same costs.
_NOBODYS = (
    "$argon2id$v=19$m={kib},t={passes},p=1$Q2FsbWx5IHNhbHRlZCEhIQ"
    "$ZzI8kIn1wCR8cRlrHtMGr1KUbSYoWZx1Dw5wYvXv2Jg"
)


class Argon2Passwords:
    """Implements `Passwords` on libsodium."""

    def __init__(
        self, *, passes: int = _PASSES, memory_bytes: int = _MEMORY_BYTES
    ) -> None:
        """Set the costs; they stand in each string, so old ones are still compared."""
        self._passes = passes
        self._memory_bytes = memory_bytes
        self._nobodys = _NOBODYS.format(kib=memory_bytes // 1024, passes=passes)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return the argon2id string of a password.

        Raises:
            QuotaError: Too many are being hashed.
        """
        raw = normal_password(password).encode()
        return await self._off_loop(
            lambda: argon2id.str(raw, self._passes, self._memory_bytes).decode("ascii"),
        )

    async def matches(self, hashed: str, password: str) -> bool:
        """Tell whether a password is that of an argon2id string.

        Raises:
            QuotaError: Too many are being hashed.
        """
        raw = normal_password(password).encode()
        known = (hashed or self._nobodys).encode("ascii")
        is_right = await self._off_loop(lambda: _verify(known, raw))
        return is_right and bool(hashed)

    async def _off_loop(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise QuotaError(
                "sign-in: too many at once; try again",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _verify(known: bytes, raw: bytes) -> bool:
    try:
        return bool(argon2id.verify(known, raw))
    except CryptoError:
        return False
