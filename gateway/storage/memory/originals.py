"""Rows of sealed originals in memory."""

from gateway.ports.originals import KeptOriginal
from gateway.storage.memory.tables import Journal, Tables


class OriginalLookupMemory:
    """Verbs of `gateway.storage.original_verbs.OriginalLookup`."""

    _tables: Tables

    def originals(self, number: int) -> list[KeptOriginal]:
        """Return the originals kept with a message, by its number, in their order."""
        rows = sorted(self._tables.evidence.originals.items(), key=lambda row: row[0])
        return [original for (owner, _), original in rows if owner == number]


class OriginalWritesMemory(OriginalLookupMemory):
    """Verbs of `gateway.storage.original_verbs.OriginalWrites`."""

    _journal: Journal

    def add_original(self, number: int, position: int, original: KeptOriginal) -> None:
        """Keep an original with a message."""
        table = self._tables.evidence.originals
        self._journal.put(table, (number, position), original)

    def drop_originals(self, number: int) -> None:
        """Remove the originals of a message."""
        table = self._tables.evidence.originals
        for key in [key for key in table if key[0] == number]:
            self._journal.drop(table, key)
