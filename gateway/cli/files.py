"""Files that commands read and write for people.

Nothing is ever overwritten and no link is followed: a folder for results may lie
where others can write.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gateway.core.errors import ConflictError, TooLargeError, UsageError

if TYPE_CHECKING:
    from gateway.client.part_files import TargetFolder

STDIN = Path("-")

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_CLOEXEC
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


def read_input(path: Path, *, max_bytes: int) -> bytes:
    """Return what is in a file, or on stdin if the path is `-`.

    Raises:
        UsageError: It can't be read.
        TooLargeError: It has more than `max_bytes`.
    """
    if path == STDIN:
        raw = sys.stdin.buffer.read(max_bytes + 1)
    else:
        with _translated(path), os.fdopen(os.open(path, _READ), "rb") as opened:
            if stat.S_ISDIR(os.fstat(opened.fileno()).st_mode):
                raise UsageError(f"{path}: is a folder, expected a file")
            raw = opened.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise TooLargeError(f"{path}: over {max_bytes} bytes")
    return raw


def read_end(path: Path, *, max_bytes: int) -> bytes:
    """Return the last `max_bytes` of a file, or all of it.

    Raises:
        UsageError: It can't be read.
    """
    with _translated(path), os.fdopen(os.open(path, _READ), "rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        opened.seek(max(0, size - max_bytes))
        return opened.read(max_bytes)


class NewFile:
    """A new file that is there once it is whole; until then its name is only taken.

    Taking the name first shows before any work that there is none like it.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._is_whole = False

    def write(self, content: bytes) -> None:
        """Write everything, durably."""
        with _translated(self._path):
            _write_all(self._descriptor, content)
            self._is_whole = True

    def fill(self, write: Callable[[BinaryIO], int]) -> int:
        """Have everything written, durably; return what the writer returns."""
        with _translated(self._path):
            with os.fdopen(os.dup(self._descriptor), "wb") as file:
                written = write(file)
            os.fsync(self._descriptor)
            self._is_whole = True
        return written

    def close(self) -> None:
        """Close the file; one that was not written is removed."""
        os.close(self._descriptor)
        if not self._is_whole:
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[NewFile]:
    """Take the name of a file that is about to be written.

    Raises:
        ConflictError: There is such a file.
        UsageError: It can't be made.
    """
    with _translated(path):
        opened = NewFile(path, os.open(path, _NEW, _PRIVATE_FILE))
    try:
        yield opened
    finally:
        opened.close()


class ResultFolder:
    """A folder that new files are put in; it keeps to the folder it opened."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def refuse_existing(self, names: Iterable[str]) -> None:
        """Check that no file has one of these names.

        Raises:
            ConflictError: One has.
            MalformedError: A name that could be harmful.
        """
        for name in names:
            _check_name(name)
            if self._has(name):
                raise _exists(self._path / name)

    @property
    def target(self) -> "TargetFolder":
        """The same folder, for files that are fetched."""
        from gateway.client.part_files import TargetFolder

        return TargetFolder(self._path, self._descriptor)

    def write_or_compare(self, name: str, content: bytes) -> Path:
        """Write a new file, unless there is one with this very content.

        Raises:
            ConflictError: There is one with other content.
            MalformedError: A name that could be harmful.
            UsageError: It can't be written or read.
        """
        if not self._has(name):
            return self.write(name, content)
        with self.target.existing(name) as descriptor:
            found = os.read(descriptor, len(content) + 1)
        if found != content:
            raise ConflictError(f"{self._path / name}: of another message")
        return self._path / name

    def _has(self, name: str) -> bool:
        try:
            os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UsageError(f"{self._path / name}: {error.strerror}") from error
        return True

    def write(self, name: str, content: bytes) -> Path:
        """Write a new file durably and return its path.

        Raises:
            ConflictError: There is such a file.
            MalformedError: A name that could be harmful.
            UsageError: It can't be written.
        """
        _check_name(name)
        path = self._path / name
        with _translated(path):
            file = os.open(name, _NEW, _PRIVATE_FILE, dir_fd=self._descriptor)
            try:
                _write_all(file, content)
            finally:
                os.close(file)
            os.fsync(self._descriptor)
        return path


@contextlib.contextmanager
def result_folder(path: Path) -> Iterator[ResultFolder]:
    """Open a folder for results, creating it for the caller alone if need be.

    Raises:
        UsageError: It can't be made or is no folder, but perhaps a link to one.
    """
    with _translated(path):
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=_PRIVATE_FOLDER)
        descriptor = os.open(path, _FOLDER)
    try:
        yield ResultFolder(path, descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _check_name(name: str) -> None:
    """Refuse a name that could leave the folder or hide something."""
    # Loaded when a name is there to be checked: it takes a library with it.
    from gateway.core.values import check_attachment_name

    check_attachment_name(name)


def _exists(path: Path) -> ConflictError:
    return ConflictError(f"{path}: exists already; nothing is overwritten")


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)
