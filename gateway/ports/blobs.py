"""Where the ciphertext of evidence files lies: bytes, by random ids."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NewType, Protocol

BlobId = NewType("BlobId", str)
"""32 hex digits, random; says nothing of what it names."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a look at all blobs found.

    Attributes:
        removed: Blobs that nothing names any more.
        missing: Blobs that are named and are not there.
    """

    removed: int
    missing: tuple[BlobId, ...]


class Digest(Protocol):
    """Counts bytes, like the hashes of the standard library."""

    def update(self, data: bytes, /) -> None:
        """Count the next bytes."""
        ...


class BlobStore(Protocol):
    """Ciphertext of evidence files.

    Every call may raise:
        DiskReserveError: There is no room; what was flushed before is still there.
        BlobError: Reading or writing failed. A flush that failed is never repeated:
            what was written since the last good one has to be written again.
    """

    async def reserve(self, length: int) -> BlobId:
        """Return a new blob with room for `length` bytes, durably there."""
        ...

    async def write(
        self,
        blob: BlobId,
        offset: int,
        data: bytes,
        digest: Digest | None = None,
    ) -> None:
        """Write bytes at a place inside the blob; durable after `flush`.

        A digest that is given counts them first, in the same turn of a thread.
        """
        ...

    async def flush(self, blob: BlobId) -> None:
        """Return once all that was written is on disk."""
        ...

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        """Return `length` bytes from a place inside the blob."""
        ...

    async def remove(self, blobs: Collection[BlobId]) -> None:
        """Remove blobs; one that is gone already is passed over."""
        ...

    async def sweep(self, named: Collection[BlobId]) -> Sweep:
        """Remove blobs that nothing names; tell which are missing.

        Raises:
            StoreError: What lies there is not this node's evidence.
        """
        ...
