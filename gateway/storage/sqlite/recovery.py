"""Rows of our own log's recovery."""

from gateway.core.values import UnixMs
from gateway.ports.recovery import RecoveryNote
from gateway.storage.sqlite.running import Running


class RecoveryLookupSql(Running):
    """Verbs of `gateway.storage.recovery_verbs.RecoveryLookup`."""

    def recovery_notes(self) -> list[RecoveryNote]:
        """Return what is missing from our log, by source."""
        return [
            RecoveryNote(
                source=row[0],
                size=row[1],
                root=row[2],
                note=row[3],
                found_at=UnixMs(row[4]),
            )
            for row in self._rows("recovery_notes")
        ]


class RecoveryWritesSql(RecoveryLookupSql):
    """Verbs of `gateway.storage.recovery_verbs.RecoveryWrites`."""

    def put_recovery_note(self, note: RecoveryNote) -> None:
        """Store what a source holds, in place of what it held before."""
        self._write(
            "put_recovery_note",
            (note.source, note.size, note.root, note.note, note.found_at),
        )
