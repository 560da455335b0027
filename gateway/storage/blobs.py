"""Evidence in a folder of this machine: one file a blob, its room reserved at once.

Names are random; what a file is of stands in the database alone. Bytes count once
they were flushed and the database says so, so a file that was cut off by a crash is
never taken for more than it is.
"""

import asyncio
import errno
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from gateway.core.errors import BlobError, DiskReserveError, StoreError
from gateway.ports.blobs import BlobId, Digest, Sweep
from gateway.ports.world import DiskGuard

T = TypeVar("T")

_ID_BYTES = 16
_OWNER_FILE = "OWNER"
_NAME = re.compile(r"[0-9a-f]{32}\Z")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
# Each waits for the disk; more would only take turns.
_THREADS = 6
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_RETRY_DISK_S = 60


class FolderBlobs:
    """Implements `BlobStore` in a folder; close it last.

    Args:
        folder: Made if need be, for this account alone.
        disk: Asked before room is reserved.
        owner: Whose evidence it is; stands in a file of the folder, so that neither
            another node's evidence nor a disk that is not there is taken for it.

    Raises:
        StoreError: The folder can't be used.
    """

    def __init__(self, folder: Path, disk: DiskGuard, *, owner: str) -> None:
        self._disk = disk
        self._path = folder
        self._owner = f"{owner}\n".encode()
        try:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            self._folder = os.open(folder, _FOLDER)
        except OSError as error:
            raise StoreError(f"blobs: {folder}: {error.strerror}") from error
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs")

    def close(self) -> None:
        """Finish what was begun and release the folder."""
        self._threads.shutdown()
        os.close(self._folder)

    async def reserve(self, length: int) -> BlobId:
        """Return a new blob with room for `length` bytes, durably there."""
        self._disk.check(length)
        blob = BlobId(secrets.token_hex(_ID_BYTES))
        await self._run(lambda: self._reserve(blob, length))
        return blob

    async def write(
        self,
        blob: BlobId,
        offset: int,
        data: bytes,
        digest: Digest | None = None,
    ) -> None:
        """Write bytes at a place inside the blob; durable after `flush`."""
        await self._run(lambda: self._write(blob, offset, data, digest))

    async def flush(self, blob: BlobId) -> None:
        """Return once all that was written is on disk."""
        await self._run(lambda: self._flush(blob))

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        """Return `length` bytes from a place inside the blob."""
        return await self._run(lambda: self._read(blob, offset, length))

    async def remove(self, blobs: Collection[BlobId]) -> None:
        """Remove blobs; one that is gone already is passed over."""
        if blobs:
            await self._run(lambda: self._remove(blobs))

    async def sweep(self, named: Collection[BlobId]) -> Sweep:
        """Remove blobs that nothing names; tell which are missing."""
        return await self._run(lambda: self._sweep(set(named)))

    async def _run(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            # Who comes next for the same place must not find it still being written.
            await asyncio.wait([running])
            running.exception()
            raise

    def _reserve(self, blob: BlobId, length: int) -> None:
        with self._opened(blob, _NEW) as file:
            try:
                if length:
                    os.posix_fallocate(file, 0, length)
                os.fsync(file)
                os.fsync(self._folder)
            except OSError:
                os.unlink(blob, dir_fd=self._folder)
                raise

    def _write(
        self,
        blob: BlobId,
        offset: int,
        data: bytes,
        digest: Digest | None,
    ) -> None:
        if digest is not None:
            digest.update(data)
        with self._opened(blob, _WRITE) as file:
            rest = memoryview(data)
            while rest:
                written = os.pwrite(file, rest, offset)
                offset += written
                rest = rest[written:]

    def _flush(self, blob: BlobId) -> None:
        with self._opened(blob, _WRITE) as file:
            os.fdatasync(file)

    def _read(self, blob: BlobId, offset: int, length: int) -> bytes:
        with self._opened(blob, _READ) as file:
            data = os.pread(file, length, offset)
            while len(data) < length:
                more = os.pread(file, length - len(data), offset + len(data))
                if not more:
                    raise BlobError(f"blob {blob}: ends at {offset + len(data)}")
                data += more
            return data

    def _remove(self, blobs: Collection[BlobId]) -> None:
        with _translated("removing"):
            for blob in blobs:
                _check_name(blob)
                with suppress(FileNotFoundError):
                    os.unlink(blob, dir_fd=self._folder)
            os.fsync(self._folder)

    def _sweep(self, named: set[BlobId]) -> Sweep:
        self._check_owner(is_empty=not named)
        with _translated("sweep"), os.scandir(self._folder) as entries:
            found = {BlobId(entry.name) for entry in entries}
        # What is not a blob by its name was not made here, and is left alone.
        orphans = {one for one in found - named if _NAME.match(one)}
        self._remove(orphans)
        return Sweep(removed=len(orphans), missing=tuple(sorted(named - found)))

    def _check_owner(self, *, is_empty: bool) -> None:
        """Claim a new folder; refuse one that is not ours, or not there.

        Raises:
            StoreError: It is not ours.
        """
        with _translated("owner"):
            try:
                file = os.open(_OWNER_FILE, _READ, dir_fd=self._folder)
            except FileNotFoundError:
                if not is_empty:
                    raise StoreError(
                        f"blobs: {self._path} does not hold this node's evidence; is "
                        "its disk there? If it is lost for good, write "
                        f"{self._owner.decode().strip()!r} into {_OWNER_FILE} there, "
                        "and what is missing is marked and asked for again",
                    ) from None
                self._claim()
                return
            with os.fdopen(file, "rb") as opened:
                if opened.read(len(self._owner) + 1) != self._owner:
                    raise StoreError(
                        f"blobs: {self._path} holds the evidence of another node",
                    )

    def _claim(self) -> None:
        file = os.open(_OWNER_FILE, _NEW, _PRIVATE_FILE, dir_fd=self._folder)
        with os.fdopen(file, "wb") as opened:
            opened.write(self._owner)
            opened.flush()
            os.fsync(file)
        os.fsync(self._folder)

    @contextmanager
    def _opened(self, blob: BlobId, flags: int) -> Iterator[int]:
        _check_name(blob)
        with _translated(blob):
            file = os.open(blob, flags, _PRIVATE_FILE, dir_fd=self._folder)
            try:
                yield file
            finally:
                os.close(file)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskReserveError(
                f"blob {what}: {error.strerror}",
                retry_after_s=_RETRY_DISK_S,
            ) from error
        raise BlobError(f"blob {what}: {error.strerror}") from error


def _check_name(blob: BlobId) -> None:
    if not _NAME.match(blob):
        raise AssertionError("internal: not the id of a blob")
