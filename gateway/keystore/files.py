"""Files that only the gateway may read, written so that a crash leaves old or new.

Owner and mode are checked on the opened descriptor, so that nobody can swap the file
between the check and the reading.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.core.errors import KeystoreError

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        raise KeystoreError(f"{path}: {error.strerror}") from error


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, _PRIVATE_FILE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def make_private_folder(path: Path) -> None:
    """Create a folder for the gateway alone, or check one that is there.

    Raises:
        KeystoreError: It can't be made, or others can enter it.
    """
    with _translated(path):
        try:
            path.mkdir(mode=_PRIVATE_FOLDER)
        except FileExistsError:
            check_private_folder(path)
        else:
            path.chmod(_PRIVATE_FOLDER)  # the umask may have taken bits away
            sync_folder(path.parent)


def check_private_folder(path: Path) -> None:
    """Check that a folder belongs to the gateway and that others can't enter it.

    Raises:
        KeystoreError: Not so; says the command that mends it.
    """
    with _translated(path), _opened(path, _READ | os.O_DIRECTORY) as descriptor:
        check_private(path, os.fstat(descriptor))


def read_private(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a file that only the gateway can read.

    Raises:
        KeystoreError: No such file, not a plain file, too large, another's, or
            readable by others; says the command that mends it.
    """
    return _read(path, max_bytes=max_bytes, is_private=True)


def read_public(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a plain file; links are not followed.

    Raises:
        KeystoreError: No such file, not a plain file, or too large.
    """
    return _read(path, max_bytes=max_bytes, is_private=False)


def create_private(path: Path, content: bytes) -> None:
    """Write a new file for the gateway alone; a crash leaves it whole or not there.

    Raises:
        KeystoreError: The file exists, or can't be written.
    """
    with _translated(path), _written_beside(path, content) as temporary:
        # Unlike renaming, linking never takes the place of a file that is there.
        path.hardlink_to(temporary)
    with _translated(path):
        sync_folder(path.parent)


def replace_private(path: Path, content: bytes) -> None:
    """Write a file for the gateway alone; a crash leaves the old or the new one.

    Raises:
        KeystoreError: It can't be written.
    """
    with _translated(path), _written_beside(path, content) as temporary:
        temporary.rename(path)
    with _translated(path):
        sync_folder(path.parent)


def move_private(source: Path, target: Path) -> None:
    """Put a file in the place of another of its folder; a crash leaves either.

    Raises:
        KeystoreError: It can't be moved.
    """
    with _translated(source):
        source.rename(target)
        sync_folder(target.parent)


def destroy(path: Path) -> None:
    """Remove a file durably; it may be gone already.

    Raises:
        KeystoreError: It can't be removed.
    """
    with _translated(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _read(path: Path, *, max_bytes: int, is_private: bool) -> bytes:
    with _translated(path), _opened(path, _READ) as descriptor:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise KeystoreError(f"{path}: not a plain file")
        if is_private:
            check_private(path, status)
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            # One byte more than allowed, because a file can grow while it is read.
            content = opened.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise KeystoreError(f"{path}: over {max_bytes} bytes")
    return content


def check_private(path: Path, status: os.stat_result) -> None:
    """Check that an opened file belongs to the gateway and to nobody else.

    Raises:
        KeystoreError: Not so; says the command that mends it.
    """
    if status.st_uid != os.geteuid():
        raise KeystoreError(
            f"{path}: belongs to user {status.st_uid}, expected {os.geteuid()}; "
            f"run: chown {os.geteuid()} {path}",
        )
    if status.st_mode & _OTHERS:
        raise KeystoreError(
            f"{path}: others have access (mode {stat.S_IMODE(status.st_mode):04o}); "
            f"run: chmod go= {path}",
        )


@contextlib.contextmanager
def _written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """Give a file with the content, on disk, that is to get its name; then drop it."""
    # A name of its own: one left behind by a crash must not stop the next attempt.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        _write_new(temporary, content)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _write_new(path: Path, content: bytes) -> None:
    with _opened(path, _CREATE) as descriptor:
        os.fchmod(descriptor, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb", closefd=False) as opened:
            opened.write(content)
        os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """Make names in a folder durable."""
    with _opened(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as descriptor:
        os.fsync(descriptor)
