"""What others hold of our own log and we do not: kept until the log is whole again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.values import UnixMs

FROM_MARK = "mark"
"""Source of a note that lay beside the database."""

FROM_DATABASE = "database"
"""Source of a note that the database itself held."""


@dataclass(frozen=True, slots=True)
class RecoveryNote:
    """A checkpoint with our own signatures that our tree does not contain.

    Attributes:
        source: The peer that holds it, `FROM_MARK` or `FROM_DATABASE`.
        note: The signed note.
        found_at: When it was compared with our tree.
    """

    source: str
    size: int
    root: bytes
    note: bytes
    found_at: UnixMs


class RecoveryStore(Protocol):
    """What was proven to be missing from our log. Each method is one transaction."""

    async def recovery_notes(self) -> Sequence[RecoveryNote]:
        """Return what is missing, by source; while there is any, nothing is signed."""
        ...

    async def keep_recovery_note(self, note: RecoveryNote) -> None:
        """Keep what a source holds; of several the largest."""
        ...


class HighWaterMark(Protocol):
    """The newest signed note of our log, outside the database and its backups."""

    async def read(self) -> bytes | None:
        """Return the note, or None if there is none or it can't be read."""
        ...

    async def write(self, note: bytes) -> None:
        """Replace the note; a failure is no error, for the database has it too."""
        ...
