"""Reading evidence that may be hostile, and writing evidence that is never replaced.

Inside a folder under check no link is followed, nothing but plain files is opened,
and every read has a limit that is checked before memory is spent.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from gateway.core.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    TooLargeError,
    UsageError,
)

MAX_FOLDER_FILES = 1_000_000
"""Files in one folder; a log of 100 million entries has 800,000."""

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}"
_SAFE_PATH = re.compile(rf"{_PART}(?:/{_PART})*\Z")
_MAX_DEPTH = 12
# Not every system has all of them; a folder is searched for links beforehand.
_READ_FLAGS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _READ_FLAGS |= getattr(os, _flag, 0)
_CHUNK_BYTES = 1024 * 1024


def read_given(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a file that the user named.

    Raises:
        UsageError: It can't be read, or is over the limit.
    """
    raw = read_start(path, max_bytes=max_bytes + 1)
    if len(raw) > max_bytes:
        raise UsageError(f"{path}: over {max_bytes} bytes, not a file of this kind")
    return raw


def read_start(path: Path, *, max_bytes: int) -> bytes:
    """Return the first bytes of a file that the user named.

    Raises:
        UsageError: It can't be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(max_bytes)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error


def check_safe_path(path: str) -> None:
    """Refuse a relative path that could leave its folder or hide something.

    Raises:
        MalformedError: Another character than letters, digits, `.`, `_` and `-`, a
            part that does not begin with a letter or digit, or too deep.
    """
    if not _SAFE_PATH.match(path) or path.count("/") >= _MAX_DEPTH:
        raise MalformedError(f"{path[:120]!r}: not the name of an evidence file")


class EvidenceFiles(Protocol):
    """Files whose content is not trusted: a folder's, or a ZIP file's.

    Can be sent to another process, which then reads the same files.
    """

    def names(self) -> frozenset[str]:
        """Return the relative paths of all files.

        Raises:
            MalformedError: A link, a special file or an odd name.
            TooLargeError: More files than any log has.
        """
        ...

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Return the content of a file.

        Raises:
            NotFoundError: There is none.
            MalformedError: Not a plain file, or it can't be read.
            TooLargeError: Over the limit; nothing was read.
        """
        ...

    def chunks(self, name: str, *, max_bytes: int | None = None) -> Iterator[bytes]:
        """Yield the content of a file piece by piece; errors as for `read`."""
        ...


class EvidenceFolder:
    """A folder whose content is not trusted.

    Attributes:
        root: Where it is.
    """

    def __init__(self, root: Path, *, max_files: int = MAX_FOLDER_FILES) -> None:
        self.root = root
        self._max_files = max_files

    def names(self) -> frozenset[str]:
        """Return the relative paths of all files.

        Raises:
            MalformedError: A link, a special file or an odd name.
            TooLargeError: More files than any log has.
        """
        names = set()
        for name in self._walk(""):
            names.add(name)
            if len(names) > self._max_files:
                raise TooLargeError(f"folder: more than {self._max_files} files")
        return frozenset(names)

    def _walk(self, below: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / below) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            raise MalformedError(f"{below or '.'}: {error.strerror}") from error
        for entry in entries:
            name = below + entry.name
            check_safe_path(name)
            if entry.is_symlink():
                raise MalformedError(f"{name}: a link, expected a file")
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(f"{name}/")
            elif entry.is_file(follow_symlinks=False):
                yield name
            else:
                raise MalformedError(f"{name}: a special file")

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Return the content of a file.

        Raises:
            NotFoundError: There is none.
            MalformedError: Not a plain file, or it can't be read.
            TooLargeError: Over the limit; nothing was read.
        """
        return b"".join(self.chunks(name, max_bytes=max_bytes))

    def chunks(self, name: str, *, max_bytes: int | None = None) -> Iterator[bytes]:
        """Yield the content of a file piece by piece.

        Raises:
            NotFoundError: There is none.
            MalformedError: Not a plain file, or it can't be read.
            TooLargeError: Over the limit; nothing was read.
        """
        check_safe_path(name)
        yield from plain_chunks(self.root, name, max_bytes=max_bytes)


def plain_chunks(
    root: Path,
    name: str,
    *,
    max_bytes: int | None = None,
) -> Iterator[bytes]:
    """Yield the content of a plain file, piece by piece; no link is followed.

    Args:
        root: The folder.
        name: Of a file in it, checked to stay there.
        max_bytes: Limit, checked before anything is read.

    Raises:
        NotFoundError: There is none.
        MalformedError: Not a plain file, or it can't be read.
        TooLargeError: Over the limit; nothing was read.
    """
    descriptor = _open_plain(root, name)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise MalformedError(f"{name}: not a plain file")
        left = found.st_size
        if max_bytes is not None and left > max_bytes:
            raise TooLargeError(f"{name}: {left} bytes, at most {max_bytes}")
        # As much as there was at first: a file that grows meanwhile has no end.
        while left and (chunk := os.read(descriptor, min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk
    except OSError as error:
        raise MalformedError(f"{name}: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _open_plain(root: Path, name: str) -> int:
    try:
        return os.open(root / name, _READ_FLAGS)
    except FileNotFoundError as error:
        raise NotFoundError(f"{name}: missing") from error
    except OSError as error:
        raise MalformedError(f"{name}: {error.strerror}") from error


class NewFolder:
    """A folder that this program fills and that held nothing before.

    Attributes:
        root: Where it is.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def create(cls, root: Path) -> "NewFolder":
        """Make the folder, or take an empty one.

        Raises:
            ConflictError: It holds something already, or is not a folder.
            UsageError: It can't be made.
        """
        try:
            root.mkdir(mode=0o700, exist_ok=True)
            if root.is_symlink() or any(root.iterdir()):
                raise ConflictError(f"{root}: not empty, nothing is overwritten")
        except (FileExistsError, NotADirectoryError) as error:
            raise ConflictError(f"{root}: exists and is not a folder") from error
        except OSError as error:
            raise UsageError(f"{root}: {error.strerror}") from error
        return cls(root)

    def write(self, name: str, content: bytes) -> None:
        """Write a new file, and the folders it lies in.

        Raises:
            MalformedError: The name could leave the folder.
            ConflictError: There is such a file.
            UsageError: It can't be written.
        """
        check_safe_path(name)
        path = self.root / name
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_new_file(path, content)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from error


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet; no link is followed.

    Raises:
        ConflictError: There is something of that name.
        UsageError: It can't be written.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise ConflictError(f"{path}: exists, nothing is overwritten") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
