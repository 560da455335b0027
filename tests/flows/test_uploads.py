"""Files on their way in: cut off anywhere, they go on, and nothing of them shows."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import (
    ConflictError,
    MaintenanceError,
    NotFoundError,
    SourceChangedError,
    TooLargeError,
    UsageError,
)
from gateway.core.sizes import CHUNK_BYTES, largest_attachment
from gateway.flows import spool as spool_module
from gateway.flows.kept_files import NewFile
from gateway.ports.evidence import UploadState
from tests.support.evidence import OWNER, content, in_chunks
from tests.support.pair import Side
from tests.support.peer_net import until
from tests.support.upload_desk import Desk, broken_off

MIB = 1024 * 1024
DAY_S = 86_400
ONE_DESK = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def desk(two: tuple[Side, Side]) -> Desk:
    return Desk(two[0])


SIZES = st.integers(min_value=2, max_value=6 * CHUNK_BYTES)
CUTS = st.lists(st.floats(min_value=0, max_value=1), max_size=4)


@ONE_DESK
@given(SIZES, CUTS)
async def test_a_file_that_is_cut_off_anywhere_goes_on_there(
    desk: Desk,
    size: int,
    cuts: list[float],
) -> None:
    data = content(size, seed=size)
    upload_id = await desk.announce(data)
    for cut in sorted(cuts):
        offset = await desk.offset(upload_id)
        end = max(offset, int(cut * size))
        with suppress(UsageError):
            await desk.uploads.append(
                upload_id,
                OWNER,
                offset,
                broken_off(data[offset:end]),
            )
        assert await desk.offset(upload_id) == end  # what came counts
    standing = await desk.send(upload_id, data)
    assert standing.upload.state is UploadState.COMPLETE
    assert await desk.plaintext(upload_id) == data


@ONE_DESK
@given(SIZES, CUTS)
async def test_after_a_restart_anywhere_it_goes_on_under_another_key(
    desk: Desk,
    size: int,
    cuts: list[float],
) -> None:
    data = content(size, seed=size)
    upload_id = await desk.announce(data)
    keys = {(await desk.key(upload_id)).raw}
    for cut in sorted(cuts):
        offset = await desk.offset(upload_id)
        end = max(offset, int(cut * (size - 1)))
        await desk.send(upload_id, data, end)
        keys.add((await desk.key(upload_id)).raw)
        desk.restart()
        assert end - CHUNK_BYTES < await desk.offset(upload_id) <= end
    await desk.send(upload_id, data)
    assert await desk.plaintext(upload_id) == data
    keys.add((await desk.key(upload_id)).raw)
    assert len(keys) == 1 + len(cuts)  # none is ever used for a second ciphertext


@pytest.mark.parametrize("size", [0, 1])
async def test_the_smallest_files_come_too(desk: Desk, size: int) -> None:
    data = content(size)
    upload_id = await desk.announce(data)
    desk.restart()
    await desk.send(upload_id, data)
    assert await desk.plaintext(upload_id) == data


async def test_a_restart_leaves_one_blob_for_an_upload(
    desk: Desk,
    tmp_path: Path,
) -> None:
    data = content(5 * CHUNK_BYTES)
    upload_id = await desk.announce(data)
    for end in (3 * CHUNK_BYTES, 4 * CHUNK_BYTES):
        await desk.send(upload_id, data, end)
        desk.restart()
    await desk.send(upload_id, data)
    assert desk.lying(tmp_path) == {(await desk.stored(upload_id)).blob}


async def test_a_file_of_many_flushes_comes_back(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_module, "_FLUSHED_AFTER_BYTES", 1 * MIB)
    data = content(5 * MIB + 3)
    upload_id = await desk.announce(data)
    await desk.send(upload_id, data)
    assert desk.blobs.calls.count("flush") >= 5
    assert await desk.plaintext(upload_id) == data


# --- reading back beside the request ---


async def test_much_is_read_back_beside_the_request_which_comes_again(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_module, "_RECOVERED_AT_ONCE_BYTES", 0)
    data = content(5 * CHUNK_BYTES + 7)
    upload_id = await desk.announce(data)
    await desk.send(upload_id, data, 4 * CHUNK_BYTES + 9)
    desk.restart()

    assert (await desk.standing(upload_id)).recovered is None
    for _ in range(2):  # asked for again while it waits is harmless
        with pytest.raises(MaintenanceError) as caught:
            await desk.send(upload_id, data)
        assert caught.value.retry_after_s == 2
    assert (await desk.standing(upload_id)).recovered == 0

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.spool.run())
        await until(lambda: upload_id not in desk.spool._recovered)
        running.cancel()
    assert await desk.offset(upload_id) == 4 * CHUNK_BYTES
    await desk.send(upload_id, data)
    assert await desk.plaintext(upload_id) == data


async def test_what_cannot_be_read_back_is_tried_again_and_holds_up_nothing(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_module, "_RECOVERED_AT_ONCE_BYTES", 0)
    data = content(3 * CHUNK_BYTES)
    first, second = await desk.announce(data), await desk.announce(data)
    for upload_id in (first, second):
        await desk.send(upload_id, data, 2 * CHUNK_BYTES)
    desk.restart()
    await desk.side.blobs.remove([(await desk.stored(first)).blob])
    for upload_id in (first, second):
        with pytest.raises(MaintenanceError):
            await desk.send(upload_id, data)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.spool.run())
        await until(lambda: not desk.spool._recovered)
        running.cancel()
    assert (await desk.standing(first)).recovered is None
    await desk.send(second, data)
    assert await desk.plaintext(second) == data


async def test_what_was_damaged_meanwhile_has_to_be_sent_again(desk: Desk) -> None:
    data = content(3 * CHUNK_BYTES)
    upload_id = await desk.announce(data)
    await desk.send(upload_id, data, 2 * CHUNK_BYTES)
    desk.restart()
    blob = (await desk.stored(upload_id)).blob
    await desk.side.blobs.write(blob, 20_000, b"\xff\xfe")
    with pytest.raises(SourceChangedError, match="damaged"):
        await desk.send(upload_id, data)
    with pytest.raises(NotFoundError):
        await desk.standing(upload_id)
    assert await desk.side.store.blobs() == {}


async def test_what_is_dropped_while_it_is_read_back_stays_dropped(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(spool_module, "_RECOVERED_AT_ONCE_BYTES", 0)
    data = content(3 * CHUNK_BYTES)
    upload_id = await desk.announce(data)
    await desk.send(upload_id, data, 2 * CHUNK_BYTES)
    desk.restart()
    with pytest.raises(MaintenanceError):
        await desk.send(upload_id, data)
    desk.blobs.gate = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.spool.run())
        await until(lambda: desk.blobs.calls[-1] == "read")
        await desk.uploads.drop(upload_id, OWNER)
        desk.blobs.gate.set()
        await until(lambda: upload_id not in desk.spool._recovered)
        running.cancel()
    assert desk.lying(tmp_path) == set()


# --- what does not fit together ---


async def test_a_file_that_is_not_the_announced_one_is_gone(desk: Desk) -> None:
    data = content(2 * CHUNK_BYTES)
    upload_id = await desk.announce(data)
    with pytest.raises(SourceChangedError, match="was changed"):
        await desk.send(upload_id, data[:-1] + b"x")
    with pytest.raises(NotFoundError):
        await desk.standing(upload_id)
    assert await desk.side.store.blobs() == {}


async def test_without_an_announced_digest_the_true_one_is_kept(desk: Desk) -> None:
    data = b"%PDF-1.7 and so on"
    upload_id = await desk.announce(data, sha256="", name="letter.bin")
    assert (await desk.standing(upload_id)).file is not None
    await desk.send(upload_id, data)
    kept = await desk.kept(upload_id)
    assert len(kept.sha256) == 64
    assert (kept.name, kept.media_type) == ("letter.bin", "application/pdf")
    assert await desk.plaintext(upload_id) == data


async def test_the_senders_word_on_the_media_type_stands(desk: Desk) -> None:
    data = b"%PDF-1.7 and so on"
    upload_id = await desk.announce(data, media_type="text/plain")
    await desk.send(upload_id, data)
    assert (await desk.kept(upload_id)).media_type == "text/plain"


async def test_a_byte_more_than_announced_is_refused_and_those_before_count(
    desk: Desk,
) -> None:
    data = content(2 * MIB + 10)
    upload_id = await desk.announce(data)
    with pytest.raises(UsageError, match="over the 2097162 bytes"):
        await desk.uploads.append(upload_id, OWNER, 0, in_chunks(data + b"x"))
    assert await desk.offset(upload_id) == 2 * MIB
    await desk.send(upload_id, data)
    assert await desk.plaintext(upload_id) == data


@pytest.mark.parametrize("offset", [0, 99, 101, 10**12])
async def test_a_file_goes_on_where_it_is_and_nowhere_else(
    desk: Desk,
    offset: int,
) -> None:
    data = content(200)
    upload_id = await desk.announce(data)
    await desk.send(upload_id, data, 100)
    with pytest.raises(ConflictError, match="expected 100"):
        await desk.uploads.append(upload_id, OWNER, offset, in_chunks(data))
    assert await desk.offset(upload_id) == 100


async def test_a_complete_file_takes_nothing_more_but_says_so_as_often_as_asked(
    desk: Desk,
) -> None:
    data = content(200)
    upload_id = await desk.announce(data)
    done = await desk.send(upload_id, data)
    again = await desk.uploads.append(upload_id, OWNER, 200, in_chunks(b""))
    assert again == done
    with pytest.raises(ConflictError, match="complete"):
        await desk.uploads.append(upload_id, OWNER, 100, in_chunks(data[100:]))


async def test_one_request_at_a_time_sends_a_file(desk: Desk) -> None:
    data = content(3 * MIB)
    upload_id = await desk.announce(data)
    desk.blobs.gate = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(desk.send(upload_id, data))
        await until(lambda: desk.spool._live[upload_id].is_busy)
        with pytest.raises(MaintenanceError, match="another request"):
            await desk.uploads.append(upload_id, OWNER, 0, in_chunks(data))
        desk.blobs.gate.set()
    assert first.result().upload.state is UploadState.COMPLETE
    assert await desk.plaintext(upload_id) == data


async def test_a_file_larger_than_any_attachment_is_refused_at_once(
    desk: Desk,
) -> None:
    new = NewFile("disk.img", largest_attachment() + 1)
    with pytest.raises(TooLargeError):
        await desk.uploads.create(new, OWNER, "")
    assert desk.blobs.calls == []


async def test_a_repeated_key_reserves_nothing_twice(
    desk: Desk,
    tmp_path: Path,
) -> None:
    new = NewFile("a.bin", 100)
    first = await desk.uploads.create(new, OWNER, "k")
    again = await desk.uploads.create(new, OWNER, "k")
    assert again.upload == first.upload
    with pytest.raises(ConflictError):
        await desk.uploads.create(NewFile("b.bin", 100), OWNER, "k")
    assert len(desk.lying(tmp_path)) == 1


async def test_a_whole_file_is_known_again_by_its_digest_or_without(
    desk: Desk,
) -> None:
    data = b"%PDF-1.7 and so on"
    without = NewFile("a.pdf", len(data))
    upload = (await desk.uploads.create(without, OWNER, "k")).upload
    await desk.send(upload.id, data)

    true, other = (hashlib.sha256(one).hexdigest() for one in (data, b"other"))
    for new in (without, replace(without, sha256=true)):
        assert (await desk.uploads.create(new, OWNER, "k")).upload.id == upload.id
    with pytest.raises(ConflictError):
        await desk.uploads.create(replace(without, sha256=other), OWNER, "k")


# --- letting go ---


async def test_a_dropped_file_leaves_nothing(desk: Desk) -> None:
    data = content(2 * CHUNK_BYTES)
    upload_id = await desk.announce(data)
    await desk.send(upload_id, data, CHUNK_BYTES)
    await desk.uploads.drop(upload_id, OWNER)
    for call in (
        desk.standing(upload_id),
        desk.uploads.append(upload_id, OWNER, CHUNK_BYTES, in_chunks(b"")),
        desk.uploads.drop(upload_id, OWNER),
    ):
        with pytest.raises(NotFoundError):
            await call
    assert await desk.side.store.blobs() == {}


async def test_what_nothing_comes_for_in_a_week_is_forgotten(desk: Desk) -> None:
    data = content(200)
    old, young = await desk.announce(data), await desk.announce(data)
    clock = desk.side.clock
    clock.advance(6 * DAY_S)
    await desk.send(young, data, 100)
    await desk.uploads.tidy(clock.now())
    assert await desk.offset(old) == 0
    clock.advance(2 * DAY_S)
    await desk.uploads.tidy(clock.now())
    with pytest.raises(NotFoundError):
        await desk.standing(old)
    await desk.send(young, data)
    assert await desk.plaintext(young) == data


async def test_what_is_just_being_sent_is_not_forgotten(desk: Desk) -> None:
    data = content(200)
    upload_id = await desk.announce(data)
    desk.side.clock.advance(8 * DAY_S)
    held = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield data[:100]
        await held.wait()
        yield data[100:]

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.uploads.append(upload_id, OWNER, 0, slowly()))
        await until(lambda: desk.spool._live[upload_id].is_busy)
        await desk.uploads.tidy(desk.side.clock.now())
        held.set()
    assert await desk.plaintext(upload_id) == data


# --- nothing shows ---


CANARY = b"CANARY-of-the-plaintext-0123456789"


async def test_neither_disk_nor_database_shows_anything_of_a_file(
    desk: Desk,
    tmp_path: Path,
) -> None:
    data = CANARY * 3_000
    upload_id = await desk.announce(data, name="canary-name.bin")
    for end in (CHUNK_BYTES, len(data)):
        await desk.send(upload_id, data, end)
        stored = await desk.stored(upload_id)
        assert b"canary" not in repr(stored).encode().lower() + stored.kept.lower()
        raw_key = (await desk.key(upload_id)).raw
        for path in (tmp_path / f"blobs-{desk.side.authority}").iterdir():
            lying = path.read_bytes()
            assert CANARY[:12] not in lying
            assert raw_key not in lying
        assert raw_key not in stored.kept
    assert "canary" not in repr(await desk.standing(upload_id)).lower()
