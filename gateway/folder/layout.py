"""Where things lie in a watched folder, and how they are moved and written.

Everything is given its name when it is whole: files by renaming, folders by renaming.
So whoever watches the results sees whole things only, and a process that dies leaves
nothing half done under a name that means something.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConfigError, ConflictError, UsageError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER_MODE, _PRIVATE_MODE, _FILE_MODE = 0o750, 0o700, 0o640
_OTHERS = 0o077
_MOST_NAMESAKES = 1_000


@dataclass(frozen=True, slots=True)
class FolderLayout:
    """A watched folder.

    Attributes:
        root: It; on one file system with all that is in it.
    """

    root: Path

    @property
    def out(self) -> Path:
        """Where a system drops what is to be sent."""
        return self.root / "out"

    @property
    def work(self) -> Path:
        """What is being handled; for this process alone."""
        return self.root / "work"

    @property
    def sent(self) -> Path:
        """What the node has accepted, with what became of it."""
        return self.root / "sent"

    @property
    def refused(self) -> Path:
        """What was not accepted, with the reason."""
        return self.root / "refused"

    @property
    def inbound(self) -> Path:
        """What was received."""
        return self.root / "inbound"

    @property
    def place(self) -> Path:
        """How far the changes of the node were followed."""
        return self.work / ".cursor"

    def prepare(self) -> None:
        """Make the folders that are missing, and check those that are there.

        Raises:
            ConfigError: The root is none, others may write to it, or something in it is
                no folder, a link, or on another file system.
        """
        root = _checked(self.root)
        for folder in (self.out, self.work, self.sent, self.refused, self.inbound):
            mode = _PRIVATE_MODE if folder == self.work else _FOLDER_MODE
            with _told(folder), contextlib.suppress(FileExistsError):
                folder.mkdir(mode=mode)
            found = _checked(folder)
            if found.st_dev != root.st_dev:
                raise ConfigError(
                    f"{folder}: on another file system than {self.root}; what is "
                    "handled has to be renamed",
                )
        if stat.S_IMODE(self.work.stat().st_mode) & _OTHERS:
            raise ConfigError(f"{self.work}: others can get in, expected mode 0700")


def _checked(folder: Path) -> os.stat_result:
    with _told(folder):
        found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{folder}: no folder, or a link to one")
    if stat.S_IMODE(found.st_mode) & stat.S_IWOTH:
        raise ConfigError(
            f"{folder}: everybody may write to it, expected owner or group"
        )
    return found


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def names_in(folder: Path, *, most: int) -> list[str]:
    """Return names in a folder, but for those that begin with a point, in order.

    Raises:
        UsageError: It can't be read.
    """
    with _usable(folder), os.scandir(folder) as found:
        names = [one.name for one in found if not one.name.startswith(".")]
    return sorted(names)[:most]


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """Return what is in a plain file; no link is followed.

    Raises:
        UsageError: It can't be read, or is no plain file.
    """
    with _usable(path):
        descriptor = os.open(path, _READ)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{path}: is no plain file")
            with os.fdopen(os.dup(descriptor), "rb") as file:
                raw = file.read(max_bytes + 1)
        finally:
            os.close(descriptor)
    if len(raw) > max_bytes:
        raise UsageError(f"{path}: over {max_bytes} bytes")
    return raw


def write_file(path: Path, content: bytes) -> None:
    """Write a file durably; it has old or new content, whenever the process dies.

    Raises:
        UsageError: It can't be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    with _usable(path):
        descriptor = os.open(fresh, _NEW, _FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
        flush(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder, unless it is there.

    Raises:
        UsageError: It can't be made.
    """
    with _usable(path), contextlib.suppress(FileExistsError):
        path.mkdir(mode=_FOLDER_MODE)


def move(folder: Path, target: Path) -> Path:
    """Rename a folder durably, and return its name there.

    If something has that name already, it gets a number: `NAME~2`.

    Raises:
        ConflictError: There are too many of that name.
        UsageError: It can't be renamed.
    """
    for number in range(1, _MOST_NAMESAKES):
        name = folder.name if number == 1 else f"{folder.name}~{number}"
        wanted = target / name
        if os.path.lexists(wanted):
            continue
        place(folder, wanted)
        return wanted
    raise ConflictError(f"{target / folder.name}: too many of that name")


def place(folder: Path, wanted: Path) -> None:
    """Give a folder its name durably.

    Raises:
        UsageError: It can't be renamed.
    """
    with _usable(folder):
        folder.rename(wanted)
        flush(wanted.parent)
        flush(folder.parent)


def flush(folder: Path) -> None:
    """Make durable what was named in a folder."""
    descriptor = os.open(folder, _FOLDER)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
