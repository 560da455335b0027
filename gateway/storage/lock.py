"""One node a folder: a lock that ends with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.errors import StoreError

_LOCK_FILE = "lock"
_MAX_PID_BYTES = 32


@contextmanager
def hold_folder(run_folder: Path) -> Iterator[None]:
    """Hold a home's `run` folder for this process.

    Raises:
        StoreError: Another node runs on this home; says which process.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    path = run_folder / _LOCK_FILE
    try:
        lock = os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    try:
        _lock(lock, run_folder)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, run_folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, _MAX_PID_BYTES, 0).decode("ascii", "replace").strip()
        raise StoreError(
            f"{run_folder.parent}: another node runs on this folder "
            f"(process {holder}); stop that one first",
        ) from error
