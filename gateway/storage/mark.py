"""The high-water mark: the newest signed note of our log, beside the database.

A database that was put back from a backup is older than it, which shows at the next
start without asking anybody. It is written without waiting for the disk: after a power
cut it may be older than the database, and then it shows nothing and harms nothing.
"""

import asyncio
import os
import secrets
from pathlib import Path

import structlog

from gateway.core.limits import MAX_NOTE_BYTES

log = structlog.get_logger()

_PRIVATE_FILE = 0o600
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def mark_path(database: Path) -> Path:
    """Return where the mark of a database lies."""
    return database.with_name(f"{database.name}.mark")


class FileMark:
    """A file that is replaced whole; implements `HighWaterMark`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._has_failed = False

    async def read(self) -> bytes | None:
        """Return the note, or None if there is none or it can't be read."""
        return await asyncio.to_thread(self._read)

    async def write(self, note: bytes) -> None:
        """Replace the note; a failure is no error, for the database has it too."""
        await asyncio.to_thread(self._write, note)

    def _read(self) -> bytes | None:
        try:
            with self._path.open("rb") as opened:
                return opened.read(MAX_NOTE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("log_mark_unreadable", reason=str(error))
            return None

    def _write(self, note: bytes) -> None:
        beside = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}.new")
        try:
            descriptor = os.open(beside, _CREATE, _PRIVATE_FILE)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(note)
            beside.rename(self._path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            if not self._has_failed:
                log.warning("log_mark_not_written", reason=str(error))
            self._has_failed = True
        else:
            self._has_failed = False
