"""A file that is to be sent: opened once, and watched for changes."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import SourceChangedError, UsageError
from gateway.core.values import check_attachment_name

# Not blocking: opening a pipe would wait for somebody who writes to it.
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class SourceFile:
    """A file to be sent, open."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._found = os.fstat(descriptor)
        self.size = self._found.st_size
        self.position = 0

    def seek(self, position: int) -> None:
        """Read from there next."""
        self.position = position

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes.

        Raises:
            UsageError: They can't be read.
        """
        try:
            block = os.pread(self._descriptor, size, self.position)
        except OSError as error:
            raise UsageError(f"{self._path}: {error.strerror}") from error
        self.position += len(block)
        return block

    def check_unchanged(self) -> None:
        """Check that nobody has written to the file since it was opened.

        Raises:
            SourceChangedError: Somebody has.
        """
        now = os.fstat(self._descriptor)
        before = (self._found.st_size, self._found.st_mtime_ns)
        if (now.st_size, now.st_mtime_ns) != before:
            raise SourceChangedError(f"{self._path}: changed while it was sent")


@contextlib.contextmanager
def open_source(path: Path, *, follows_links: bool = True) -> Iterator[SourceFile]:
    """Open a file that is to be sent.

    Args:
        path: Where it lies.
        follows_links: Whether it may lie behind a link: not where others put it there.

    Raises:
        UsageError: It can't be read, or is no file.
        MalformedError: Its name could be harmful to who receives it.
    """
    try:
        check_attachment_name(path.name)
        descriptor = os.open(path, _READ if follows_links else _READ | os.O_NOFOLLOW)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path}: is a folder, expected a file")
        if not stat.S_ISREG(mode):
            raise UsageError(f"{path}: is no plain file")
        yield SourceFile(path, descriptor)
    finally:
        os.close(descriptor)
