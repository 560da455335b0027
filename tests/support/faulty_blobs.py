"""A disk that fails when a test says so; then what was not flushed is lost."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from gateway.core.errors import GatewayError
from gateway.ports.blobs import BlobId, BlobStore, Digest, Sweep


@dataclass
class FaultyBlobs:
    """Implements `BlobStore` over another one.

    Attributes:
        calls: Names of the calls that were made, failed ones too.
        gate: If there is one, every write waits for it.
    """

    inner: BlobStore
    calls: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    _faults: dict[str, tuple[int, GatewayError]] = field(default_factory=dict)
    _unflushed: list[tuple[BlobId, int, int]] = field(default_factory=list)

    def fail(self, name: str, error: GatewayError, *, after: int = 0) -> None:
        """Let a call fail once, when `after` of them have gone well."""
        self._faults[name] = (after, error)

    def heal(self) -> None:
        """Let nothing fail any more."""
        self._faults.clear()

    @property
    def fault_is_waiting(self) -> bool:
        """Whether a fault has not come about yet."""
        return bool(self._faults)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name not in self._faults:
            return
        left, error = self._faults[name]
        if left:
            self._faults[name] = (left - 1, error)
            return
        del self._faults[name]
        raise error

    async def reserve(self, length: int) -> BlobId:
        self._call("reserve")
        return await self.inner.reserve(length)

    async def write(
        self,
        blob: BlobId,
        offset: int,
        data: bytes,
        digest: Digest | None = None,
    ) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self._unflushed.append((blob, offset, len(data)))
        self._call("write")
        await self.inner.write(blob, offset, data, digest)

    async def flush(self, blob: BlobId) -> None:
        lost = [one for one in self._unflushed if one[0] == blob]
        self._unflushed = [one for one in self._unflushed if one[0] != blob]
        try:
            self._call("flush")
        except GatewayError:
            for _, offset, length in lost:
                await self.inner.write(blob, offset, bytes(length))
            raise
        await self.inner.flush(blob)

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        self._call("read")
        return await self.inner.read(blob, offset, length)

    async def remove(self, blobs: Collection[BlobId]) -> None:
        self._call("remove")
        await self.inner.remove(blobs)

    async def sweep(self, named: Collection[BlobId]) -> Sweep:
        self._call("sweep")
        return await self.inner.sweep(named)
