"""Rows of time stamps in memory."""

from gateway.ports.log import SignedCheckpoint
from gateway.ports.stamps import KeptStamp
from gateway.storage.memory.tables import Journal, Tables


class StampLookupMemory:
    """Verbs of `gateway.storage.stamp_verbs.StampLookup`."""

    _tables: Tables

    def stamps(self, before_size: int, limit: int) -> list[KeptStamp]:
        """Return stamps of checkpoints below a size, the largest first."""
        rows = self._tables.stamps
        sizes = sorted((size for size in rows if size < before_size), reverse=True)
        return [rows[size] for size in sizes[:limit]]

    def checkpoint_of(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint of ours that was signed at a size."""
        return self._tables.checkpoints.get(size)


class StampWritesMemory(StampLookupMemory):
    """Verbs of `gateway.storage.stamp_verbs.StampWrites`."""

    _journal: Journal

    def add_stamp(self, stamp: KeptStamp) -> None:
        """Store a stamp of a size that has none."""
        self._journal.put(self._tables.stamps, stamp.size, stamp)
