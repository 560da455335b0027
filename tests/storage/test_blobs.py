"""Evidence on a real disk: room that is there, errors that leave nothing half."""

import asyncio
import errno
import os
import resource
import stat
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.core.errors import (
    BlobError,
    DiskReserveError,
    GatewayError,
    StoreError,
)
from gateway.core.limits import KIB, MIB
from gateway.ports.blobs import BlobId
from gateway.storage.blobs import FolderBlobs

UNKNOWN = BlobId("0" * 32)


class Disk:
    """A disk guard that says what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.is_full = False
        self.asked: list[int] = []

    def check(self, wanted_bytes: int) -> None:
        self.asked.append(wanted_bytes)
        if self.is_full:
            raise DiskReserveError("disk: nearly full")


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "blobs"


@pytest.fixture
async def blobs(folder: Path, disk: Disk) -> AsyncIterator[FolderBlobs]:
    made = FolderBlobs(folder, disk, owner="moj.ee/audit/1")
    await made.sweep([])
    yield made
    made.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"OWNER"}


def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let a call of the system fail from now on."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, name, fail)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# --- what is there ---


async def test_room_is_really_there_before_a_byte_is_written(
    blobs: FolderBlobs,
    folder: Path,
    disk: Disk,
) -> None:
    blob = await blobs.reserve(3 * MIB + 1)
    found = (folder / blob).stat()
    assert found.st_size == 3 * MIB + 1
    assert found.st_blocks * 512 >= 3 * MIB + 1
    assert disk.asked == [3 * MIB + 1]


async def test_nobody_else_may_look_in(blobs: FolderBlobs, folder: Path) -> None:
    before = os.umask(0)
    try:
        blob = await blobs.reserve(10)
    finally:
        os.umask(before)
    assert mode_of(folder) == 0o700
    assert mode_of(folder / blob) == 0o600


async def test_names_say_nothing_and_never_repeat(
    blobs: FolderBlobs,
    folder: Path,
) -> None:
    made = {await blobs.reserve(1) for _ in range(20)}
    assert len(made) == 20
    assert names(folder) == made
    assert all(len(bytes.fromhex(one)) == 16 for one in made)


async def test_bytes_are_read_where_they_were_written_in_any_order(
    blobs: FolderBlobs,
) -> None:
    blob = await blobs.reserve(10)
    await blobs.write(blob, 6, b"6789")
    await blobs.write(blob, 0, b"012345")
    await blobs.flush(blob)
    assert await blobs.read(blob, 0, 10) == b"0123456789"
    assert await blobs.read(blob, 4, 3) == b"456"
    assert await blobs.read(blob, 10, 0) == b""


async def test_an_empty_blob_is_a_blob(blobs: FolderBlobs) -> None:
    blob = await blobs.reserve(0)
    await blobs.flush(blob)
    assert await blobs.read(blob, 0, 0) == b""


async def test_what_was_written_is_there_for_whoever_opens_the_folder_next(
    blobs: FolderBlobs,
    folder: Path,
    disk: Disk,
) -> None:
    blob = await blobs.reserve(4)
    await blobs.write(blob, 0, b"kept")
    await blobs.flush(blob)
    again = FolderBlobs(folder, disk, owner="moj.ee/audit/1")
    assert await again.read(blob, 0, 4) == b"kept"
    again.close()


async def test_removing_is_repeatable(blobs: FolderBlobs, folder: Path) -> None:
    one, other = await blobs.reserve(1), await blobs.reserve(1)
    await blobs.remove([one, UNKNOWN])
    await blobs.remove([one])
    await blobs.remove([])
    assert names(folder) == {other}


# --- sweeping ---


async def test_a_sweep_removes_what_nothing_names_and_tells_what_is_missing(
    blobs: FolderBlobs,
    folder: Path,
) -> None:
    kept, orphan, lost = [await blobs.reserve(1) for _ in range(3)]
    (folder / lost).unlink()
    found = await blobs.sweep({kept, lost, UNKNOWN})
    assert found.removed == 1
    assert found.missing == tuple(sorted((lost, UNKNOWN)))
    assert names(folder) == {kept}
    assert orphan not in names(folder)


async def test_what_was_not_made_here_is_left_alone(
    blobs: FolderBlobs,
    folder: Path,
) -> None:
    foreign = {"lost+found", ".keep", "A" * 32, "0" * 31, "0" * 32 + ".tmp", "note"}
    for name in foreign:
        (folder / name).write_bytes(b"not ours")
    await blobs.reserve(1)
    assert (await blobs.sweep(())).removed == 1
    assert names(folder) == foreign


# --- what is refused ---


@pytest.mark.parametrize(
    "name",
    ["", "..", "../" + "0" * 32, "0" * 31, "A" * 32, "0" * 32 + "\n", "/etc/passwd"],
)
async def test_what_is_not_a_blob_by_its_name_is_never_opened(
    blobs: FolderBlobs,
    name: str,
) -> None:
    blob = BlobId(name)
    for call in (
        blobs.write(blob, 0, b"x"),
        blobs.flush(blob),
        blobs.read(blob, 0, 1),
        blobs.remove([blob]),
    ):
        with pytest.raises(AssertionError, match="not the id of a blob"):
            await call


async def test_no_link_is_followed(blobs: FolderBlobs, folder: Path) -> None:
    target = folder.parent / "secret"
    target.write_bytes(b"secret")
    (folder / UNKNOWN).symlink_to(target)
    for call in (
        blobs.write(UNKNOWN, 0, b"x"),
        blobs.flush(UNKNOWN),
        blobs.read(UNKNOWN, 0, 1),
    ):
        with pytest.raises(BlobError):
            await call
    await blobs.remove([UNKNOWN])
    assert target.read_bytes() == b"secret"


async def test_a_folder_that_is_none_or_a_link_is_refused(
    tmp_path: Path,
    disk: Disk,
) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"")
    link.symlink_to(tmp_path)
    for path in (file, link, file / "below"):
        with pytest.raises(StoreError, match="blobs"):
            FolderBlobs(path, disk, owner="moj.ee/audit/1")


async def test_a_blob_that_is_not_there_is_an_error_of_the_disk(
    blobs: FolderBlobs,
) -> None:
    for call in (
        blobs.write(UNKNOWN, 0, b"x"),
        blobs.flush(UNKNOWN),
        blobs.read(UNKNOWN, 0, 1),
    ):
        with pytest.raises(BlobError, match="No such file"):
            await call


async def test_a_file_that_was_cut_short_is_noticed(
    blobs: FolderBlobs,
    folder: Path,
) -> None:
    blob = await blobs.reserve(100)
    os.truncate(folder / blob, 60)
    assert len(await blobs.read(blob, 0, 60)) == 60
    with pytest.raises(BlobError, match="ends at 60"):
        await blobs.read(blob, 50, 50)


# --- a disk that fails ---


async def test_nothing_is_begun_on_a_disk_that_is_nearly_full(
    blobs: FolderBlobs,
    folder: Path,
    disk: Disk,
) -> None:
    disk.is_full = True
    with pytest.raises(DiskReserveError):
        await blobs.reserve(1)
    assert names(folder) == set()


@contextmanager
def _largest_file(length: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_room_that_the_system_does_not_give_leaves_no_file(
    blobs: FolderBlobs,
    folder: Path,
) -> None:
    """For real: the system itself says no."""
    with _largest_file(64 * KIB), pytest.raises(DiskReserveError) as caught:
        await blobs.reserve(65 * KIB)
    assert caught.value.retry_after_s == 60
    assert names(folder) == set()
    await blobs.reserve(65 * KIB)


FAILURES: dict[int, tuple[type[GatewayError], str]] = {
    errno.ENOSPC: (DiskReserveError, "disk"),
    errno.EDQUOT: (DiskReserveError, "disk"),
    errno.EFBIG: (DiskReserveError, "disk"),
    errno.EIO: (BlobError, "blob-failed"),
    errno.EROFS: (BlobError, "blob-failed"),
    errno.EMFILE: (BlobError, "blob-failed"),
}


@pytest.mark.parametrize("number", FAILURES, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", ["posix_fallocate", "fsync"])
async def test_a_reservation_that_fails_leaves_no_file(
    blobs: FolderBlobs,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
) -> None:
    expected, code = FAILURES[number]
    with monkeypatch.context() as patched:
        failing(patched, name, number)
        with pytest.raises(expected) as caught:
            await blobs.reserve(10)
    assert caught.value.code == code
    assert names(folder) == set()
    await blobs.reserve(10)


async def test_a_folder_that_cannot_be_flushed_holds_no_new_blob(
    blobs: FolderBlobs,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = os.fsync
    flushed: list[int] = []

    def second_fails(file: int) -> None:
        flushed.append(file)
        if len(flushed) == 2:
            raise OSError(errno.EIO, "I/O error")
        real(file)

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(BlobError):
        await blobs.reserve(10)
    assert names(folder) == set()


@pytest.mark.parametrize("number", FAILURES, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", ["pwrite", "fdatasync", "pread", "open", "unlink"])
async def test_every_failure_has_its_code_and_what_was_flushed_stays(
    blobs: FolderBlobs,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    number: int,
) -> None:
    blob = await blobs.reserve(10)
    await blobs.write(blob, 0, b"before")
    await blobs.flush(blob)
    expected, code = FAILURES[number]
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "pwrite": lambda: blobs.write(blob, 6, b"more"),
        "fdatasync": lambda: blobs.flush(blob),
        "pread": lambda: blobs.read(blob, 0, 6),
        "open": lambda: blobs.read(blob, 0, 6),
        "unlink": lambda: blobs.remove([blob]),
    }
    with monkeypatch.context() as patched:
        failing(patched, name, number)
        with pytest.raises(expected) as caught:
            await calls[name]()
    assert caught.value.code == code
    assert await blobs.read(blob, 0, 6) == b"before"


async def test_what_the_system_takes_in_pieces_arrives_whole(
    blobs: FolderBlobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = bytes(range(100))
    blob = await blobs.reserve(100)
    pwrite, pread = os.pwrite, os.pread

    def write_some(file: int, rest: bytes, offset: int) -> int:
        return pwrite(file, rest[:7], offset)

    def read_some(file: int, length: int, offset: int) -> bytes:
        return pread(file, min(length, 9), offset)

    monkeypatch.setattr(os, "pwrite", write_some)
    monkeypatch.setattr(os, "pread", read_some)
    await blobs.write(blob, 0, data)
    assert await blobs.read(blob, 0, 100) == data


async def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    blobs: FolderBlobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blob = await blobs.reserve(1)
    with monkeypatch.context() as patched:
        failing(patched, "scandir", errno.EIO)
        with pytest.raises(BlobError):
            await blobs.sweep({blob})


async def test_no_descriptor_is_left_open(
    blobs: FolderBlobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blob = await blobs.reserve(10)
    await blobs.read(blob, 0, 10)
    before = open_descriptors()
    for _ in range(5):
        await blobs.write(blob, 0, b"x")
    failing(monkeypatch, "pwrite", errno.EIO)
    for _ in range(5):
        with pytest.raises(BlobError):
            await blobs.write(blob, 0, b"x")
    assert open_descriptors() == before


@pytest.mark.parametrize("fails", [False, True])
async def test_what_is_cancelled_ends_when_nothing_is_written_any_more(
    blobs: FolderBlobs,
    monkeypatch: pytest.MonkeyPatch,
    *,
    fails: bool,
) -> None:
    blob = await blobs.reserve(4)
    begun, go_on = threading.Event(), threading.Event()
    write = os.pwrite

    def slow(file: int, data: bytes, offset: int) -> int:
        begun.set()
        go_on.wait(10)
        if fails:
            raise OSError(errno.EIO, "I/O error")
        return write(file, data, offset)

    monkeypatch.setattr(os, "pwrite", slow)
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(blobs.write(blob, 0, b"good"))
        await asyncio.to_thread(begun.wait, 10)
        writing.cancel()
        await asyncio.wait([writing], timeout=0.05)
        assert not writing.done()
        go_on.set()
    assert writing.cancelled()
    assert await blobs.read(blob, 0, 4) == (bytes(4) if fails else b"good")
