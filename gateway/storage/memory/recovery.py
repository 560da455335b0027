"""Rows of our own log's recovery, in memory."""

from gateway.ports.recovery import RecoveryNote
from gateway.storage.memory.tables import Journal, Tables


class RecoveryLookupMemory:
    """Verbs of `gateway.storage.recovery_verbs.RecoveryLookup`."""

    _tables: Tables

    def recovery_notes(self) -> list[RecoveryNote]:
        """Return what is missing from our log, by source."""
        return [note for _, note in sorted(self._tables.recovery_notes.items())]


class RecoveryWritesMemory(RecoveryLookupMemory):
    """Verbs of `gateway.storage.recovery_verbs.RecoveryWrites`."""

    _journal: Journal

    def put_recovery_note(self, note: RecoveryNote) -> None:
        """Store what a source holds, in place of what it held before."""
        self._journal.put(self._tables.recovery_notes, note.source, note)
