"""Files that get their name once they are whole.

Until then they are `.NAME.part`, which a later run goes on with. The folder may lie
where others can write: nothing is overwritten, no link is followed, and a part file
that somebody else could have put there is refused.
"""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.client.streams import BLOCK_BYTES
from gateway.core.errors import ConflictError, UsageError
from gateway.core.values import check_attachment_name

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: a pipe in the place of a file must not stop us.
_EXISTING = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE = 0o600
_WRITABLE_BY_OTHERS = 0o022
_MAX_NAME_BYTES = 255
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_RENAME_NOREPLACE = 1


class PartFile:
    """A file that is not whole yet, open and locked."""

    def __init__(self, folder: "TargetFolder", name: str, descriptor: int) -> None:
        self._folder = folder
        self._name = name
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def blocks(self) -> Iterator[bytes]:
        """Yield what is in it."""
        with _translated(self._folder.path / self._name):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            while block := os.read(self._descriptor, BLOCK_BYTES):
                yield block

    def append(self, block: bytes) -> None:
        """Write bytes at the end."""
        rest = memoryview(block)
        with _translated(self._folder.path / self._name):
            while rest:
                written = os.pwrite(self._descriptor, rest, self.size)
                self.size += written
                rest = rest[written:]

    def empty(self) -> None:
        """Start over."""
        with _translated(self._folder.path / self._name):
            os.ftruncate(self._descriptor, 0)
        self.size = 0

    def discard(self) -> None:
        """Remove it."""
        at = self._folder.descriptor
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_part_name(self._name), dir_fd=at)

    def finish(self) -> Path:
        """Give it its name, durably, and return the path.

        Raises:
            ConflictError: Something has this name, or the part file was exchanged.
            UsageError: It can't be written.
        """
        path = self._folder.path / self._name
        with _translated(path):
            os.fsync(self._descriptor)
            _give_name(_part_name(self._name), self._name, self._folder.descriptor)
            self._check_same(path)
            os.fsync(self._folder.descriptor)
        return path

    def _check_same(self, path: Path) -> None:
        at = self._folder.descriptor
        named = os.stat(self._name, dir_fd=at, follow_symlinks=False)
        if not os.path.samestat(named, os.fstat(self._descriptor)):
            os.unlink(self._name, dir_fd=at)
            raise ConflictError(f"{path}: somebody exchanged the file on the way")


@dataclass(frozen=True, slots=True)
class TargetFolder:
    """A folder that is open, and that files are fetched into.

    Attributes:
        path: For people.
        descriptor: What is used, wherever the path leads meanwhile.
    """

    path: Path
    descriptor: int

    def has(self, name: str) -> bool:
        """Return whether something has this name.

        Raises:
            MalformedError: A name that could be harmful.
        """
        check_attachment_name(name)
        with _translated(self.path / name):
            try:
                os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
            except FileNotFoundError:
                return False
        return True

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[PartFile]:
        """Open the part file of a name, new or as an earlier run left it.

        Raises:
            ConflictError: Something has the name already, another run is at work on
                it, or the part file could be somebody else's.
            MalformedError: A name that could be harmful.
            UsageError: It can't be opened.
        """
        if self.has(name):
            raise exists(self.path / name)
        path = self.path / _part_name(name)
        with _translated(path):
            descriptor = self._open_part(_part_name(name))
        try:
            with _translated(path):
                _check_ours(path, descriptor)
            yield PartFile(self, name, descriptor)
        finally:
            os.close(descriptor)

    def _open_part(self, name: str) -> int:
        try:
            return os.open(name, _NEW, _PRIVATE, dir_fd=self.descriptor)
        except FileExistsError:
            return os.open(name, os.O_RDWR | _EXISTING, dir_fd=self.descriptor)

    @contextlib.contextmanager
    def existing(self, name: str) -> Iterator[int]:
        """Open a file that is there, for reading; yield its descriptor.

        Raises:
            ConflictError: What has this name is no file.
            MalformedError: A name that could be harmful.
            UsageError: It can't be opened, perhaps because it is a link.
        """
        check_attachment_name(name)
        path = self.path / name
        with _translated(path):
            descriptor = os.open(name, os.O_RDONLY | _EXISTING, dir_fd=self.descriptor)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ConflictError(f"{path}: not a file")
            yield descriptor
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def target_folder(path: Path) -> Iterator[TargetFolder]:
    """Open a folder that is there.

    Raises:
        UsageError: It is no folder, but perhaps a link to one.
    """
    with _translated(path):
        descriptor = os.open(path, _FOLDER)
    try:
        yield TargetFolder(path, descriptor)
    finally:
        os.close(descriptor)


def exists(path: Path) -> ConflictError:
    """Return the error of a name that is taken."""
    return ConflictError(f"{path}: exists already; nothing is overwritten")


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except FileExistsError as error:
        raise exists(path) from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def _part_name(name: str) -> str:
    plain = f".{name}.part"
    if len(plain.encode()) <= _MAX_NAME_BYTES:
        return plain
    return f".{hashlib.sha256(name.encode()).hexdigest()}.part"


def _check_ours(path: Path, descriptor: int) -> None:
    """Refuse a part file that somebody else made or can change."""
    found = os.fstat(descriptor)
    is_ours = (
        stat.S_ISREG(found.st_mode)
        and found.st_uid == os.geteuid()
        # Another name for it would be a file of ours that is not meant.
        and found.st_nlink == 1
        and not found.st_mode & _WRITABLE_BY_OTHERS
    )
    if not is_ours:
        raise ConflictError(f"{path}: not made by an earlier run; move it away")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConflictError(f"{path}: another command is fetching it") from error


def _give_name(part: str, name: str, folder: int) -> None:
    """Rename without ever replacing what has the name."""
    try:
        os.link(
            part,
            name,
            src_dir_fd=folder,
            dst_dir_fd=folder,
            follow_symlinks=False,
        )
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # Such as the file systems of memory sticks.
        _rename_only(part, name, folder)
    else:
        os.unlink(part, dir_fd=folder)


def _rename_only(part: str, name: str, folder: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    failed = library.renameat2(
        folder,
        os.fsencode(part),
        folder,
        os.fsencode(name),
        _RENAME_NOREPLACE,
    )
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
