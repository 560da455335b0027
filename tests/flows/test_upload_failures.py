"""A disk that fails under an upload: what was acknowledged is there, whatever comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from gateway.core.errors import (
    BlobError,
    DiskReserveError,
    GatewayError,
    QuotaError,
)
from gateway.core.sizes import CHUNK_BYTES
from gateway.flows import spool as spool_module
from gateway.flows.kept_files import NewFile
from gateway.ports.evidence import UploadId, UploadState
from tests.support.evidence import OWNER, content, in_chunks
from tests.support.pair import Side
from tests.support.peer_net import until
from tests.support.upload_desk import Desk

MIB = 1024 * 1024
FULL = DiskReserveError("blob: no space left on device")
BROKEN = BlobError("blob: I/O error")
DATA = content(4 * MIB + 5)
SHORT = content(5 * CHUNK_BYTES + 100)


@pytest.fixture
def desk(two: tuple[Side, Side]) -> Desk:
    return Desk(two[0])


@pytest.fixture(autouse=True)
def _flushed_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_FLUSHED_AFTER_BYTES", 2 * MIB)


async def calls_of_an_upload(desk: Desk, data: bytes) -> list[str]:
    """Return the calls of the disk that sending a file in takes."""
    upload_id = await desk.announce(data)
    desk.blobs.calls.clear()
    await desk.send(upload_id, data)
    return list(desk.blobs.calls)


@pytest.mark.parametrize("error", [FULL, BROKEN], ids=lambda error: error.code)
@pytest.mark.parametrize("name", ["write", "flush"])
async def test_any_call_of_the_disk_may_fail_and_the_file_still_comes_whole(
    desk: Desk,
    name: str,
    error: GatewayError,
) -> None:
    """The first, the second and so on, until there is none left to fail."""
    count = (await calls_of_an_upload(desk, DATA)).count(name)
    assert count >= 3
    for number in range(count):
        upload_id = await desk.announce(DATA)
        desk.blobs.fail(name, error, after=number)
        with pytest.raises(type(error)):
            await desk.send(upload_id, DATA)
        assert not desk.blobs.fault_is_waiting
        assert (await desk.stored(upload_id)).state is UploadState.OPEN
        await desk.send(upload_id, DATA)
        assert await desk.plaintext(upload_id) == DATA


async def test_a_failed_flush_is_never_repeated_and_acknowledges_nothing(
    desk: Desk,
) -> None:
    upload_id = await desk.announce(DATA)
    await desk.send(upload_id, DATA, 1 * MIB)
    before = (await desk.stored(upload_id)).spooled
    desk.blobs.calls.clear()
    desk.blobs.fail("flush", BROKEN)
    with pytest.raises(BlobError):
        await desk.send(upload_id, DATA, 2 * MIB)
    assert desk.blobs.calls.count("flush") == 1
    assert (await desk.stored(upload_id)).spooled == before
    assert await desk.offset(upload_id) == before


async def test_what_was_flushed_before_a_failure_need_not_be_sent_again(
    desk: Desk,
) -> None:
    upload_id = await desk.announce(DATA)
    desk.blobs.fail("write", FULL, after=3)
    with pytest.raises(DiskReserveError):
        await desk.send(upload_id, DATA)
    offset = await desk.offset(upload_id)
    assert 2 * MIB - CHUNK_BYTES <= offset < 3 * MIB
    await desk.send(upload_id, DATA)
    assert await desk.plaintext(upload_id) == DATA


async def test_a_failure_and_then_a_restart_lose_nothing_that_was_flushed(
    desk: Desk,
) -> None:
    upload_id = await desk.announce(DATA)
    desk.blobs.fail("write", BROKEN, after=3)
    with pytest.raises(BlobError):
        await desk.send(upload_id, DATA)
    offset = await desk.offset(upload_id)
    desk.restart()
    assert await desk.offset(upload_id) == offset
    await desk.send(upload_id, DATA)
    assert await desk.plaintext(upload_id) == DATA


@pytest.mark.parametrize("name", ["reserve", "write", "flush", "read", "remove"])
async def test_reading_back_may_fail_too_and_is_done_again(
    desk: Desk,
    name: str,
) -> None:
    upload_id = await desk.announce(SHORT)
    await desk.send(upload_id, SHORT, 3 * CHUNK_BYTES)
    desk.restart()
    desk.blobs.fail(name, BROKEN)
    with suppress(BlobError):
        await desk.send(upload_id, SHORT)
    assert not desk.blobs.fault_is_waiting
    await desk.send(upload_id, SHORT)
    assert await desk.plaintext(upload_id) == SHORT


async def test_a_request_that_is_cancelled_leaves_no_hole(desk: Desk) -> None:
    """What was sealed and not written must never count as being there."""
    upload_id = await desk.announce(DATA)
    await desk.send(upload_id, DATA, 1 * MIB)
    desk.blobs.gate = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(desk.send(upload_id, DATA))
        sealer = desk.spool._live[upload_id].sealer
        await until(lambda: sealer.fed > 1 * MIB)
        sending.cancel()
    desk.blobs.gate = None
    await desk.send(upload_id, DATA)
    assert await desk.plaintext(upload_id) == DATA


async def test_a_request_that_is_cancelled_while_it_waits_costs_little(
    desk: Desk,
) -> None:
    upload_id = await desk.announce(DATA)
    waiting = asyncio.Event()

    async def never_ending() -> AsyncIterator[bytes]:
        yield DATA[: 1 * MIB]
        waiting.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(
            desk.uploads.append(upload_id, OWNER, 0, never_ending()),
        )
        await waiting.wait()
        sending.cancel()
    await desk.send(upload_id, DATA)
    assert await desk.plaintext(upload_id) == DATA


async def test_what_is_dropped_while_it_is_sent_is_gone(desk: Desk) -> None:
    upload_id = await desk.announce(DATA)
    held = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield DATA[: 1 * MIB]
        await held.wait()
        yield DATA[1 * MIB :]

    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(_outcome(desk, upload_id, slowly()))
        await until(lambda: desk.spool._live[upload_id].sealer.fed > 0)
        await desk.uploads.drop(upload_id, OWNER)
        held.set()
    assert isinstance(sending.result(), GatewayError)
    assert await desk.side.store.blobs() == {}


async def _outcome(
    desk: Desk,
    upload_id: UploadId,
    chunks: AsyncIterator[bytes],
) -> GatewayError | None:
    try:
        await desk.uploads.append(upload_id, OWNER, 0, chunks)
    except GatewayError as error:
        return error
    return None


async def test_no_room_is_said_before_anything_is_kept(desk: Desk) -> None:
    desk.blobs.fail("reserve", FULL)
    with pytest.raises(DiskReserveError):
        await desk.announce(DATA)
    assert await desk.side.store.blobs() == {}


async def test_room_for_an_upload_that_is_not_kept_is_given_back(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.storage.operations.uploads.MAX_UNUSED_UPLOADS", 1)
    await desk.announce(SHORT)
    with pytest.raises(QuotaError):
        await desk.uploads.create(NewFile("a.bin", 5), OWNER, "")
    uses = await desk.side.store.blobs()
    assert (await desk.side.blobs.sweep(uses)).removed == 0


async def test_a_failing_disk_under_one_upload_leaves_the_others_alone(
    desk: Desk,
) -> None:
    one, other = await desk.announce(SHORT), await desk.announce(SHORT)
    desk.blobs.fail("write", BROKEN)
    with pytest.raises(BlobError):
        await desk.send(one, SHORT)
    await desk.uploads.append(other, OWNER, 0, in_chunks(SHORT))
    assert await desk.plaintext(other) == SHORT
