"""What a database must be able to do about our own log's recovery: verbs on rows."""

from typing import Protocol

from gateway.ports.recovery import RecoveryNote


class RecoveryLookup(Protocol):
    """What can be read in any transaction."""

    def recovery_notes(self) -> list[RecoveryNote]:
        """Return what is missing from our log, by source."""
        ...


class RecoveryWrites(RecoveryLookup, Protocol):
    """What changes it."""

    def put_recovery_note(self, note: RecoveryNote) -> None:
        """Store what a source holds, in place of what it held before."""
        ...
