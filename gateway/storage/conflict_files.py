"""Proof of misbehaviour as files, for people to take away.

The database holds the same; a file that was lost is written again at the next start.
"""

import os
from pathlib import Path

from gateway.core.errors import StoreError

_NEW = ".new"


class ConflictFolder:
    """Implements `ConflictFiles` in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, raw: bytes) -> None:
        """Write a file durably, unless it is there. Blocks for a flush.

        Args:
            name: As `conflict_name` makes it.
            raw: Its content.

        Raises:
            StoreError: It can't be written.
        """
        path = self._folder / name
        if path.exists():
            return
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            fresh = path.with_name(name + _NEW)
            with fresh.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
            self._flush_folder()
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error

    def _flush_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
