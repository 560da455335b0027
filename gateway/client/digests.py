"""Digests of a file, several in one pass."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

SHA256 = "SHA-256"


class _Hash(Protocol):
    def update(self, block: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


# By their names in the code list of digests. What a manifest may list beside them is
# broken or no digest of content, and is not compared.
_MAKERS: Mapping[str, Callable[[], _Hash]] = {
    SHA256: hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
    "SHA3-256": hashlib.sha3_256,
    "SHA3-512": hashlib.sha3_512,
    "BLAKE2b-512": hashlib.blake2b,
}

COMPARABLE = frozenset(_MAKERS)
"""Names of the digests that are compared."""


class Digester:
    """Digests of bytes that come one after the other."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Take which digests are wanted beside SHA-256; unknown ones are left out."""
        wanted = dict.fromkeys((SHA256, *names))
        self._hashes = {name: _MAKERS[name]() for name in wanted if name in COMPARABLE}
        self.size = 0

    def update(self, block: bytes) -> None:
        """Take the next bytes."""
        for one in self._hashes.values():
            one.update(block)
        self.size += len(block)

    def digests(self) -> dict[str, str]:
        """Return the digests so far, in lower-case hex, by name."""
        return {name: one.hexdigest() for name, one in self._hashes.items()}
