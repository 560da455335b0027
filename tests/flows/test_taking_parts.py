"""Taking parts: named, bounded, written once, and bad ones only so often."""

import asyncio
from dataclasses import replace

import pytest

from gateway.core.errors import (
    MaintenanceError,
    PartMismatchError,
    QuotaError,
)
from gateway.ports.peers import PartName
from tests.support.evidence import (
    PART_BYTES,
    content,
    in_chunks,
    sent_with,
    transferred,
)
from tests.support.faulty_blobs import FaultyBlobs
from tests.support.pair import Side
from tests.support.peer_net import until

Two = tuple[Side, Side]
SMALL = content(70_000)


async def test_more_bytes_than_a_part_has_never_reach_the_next_one(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=content(PART_BYTES + 5))
    await ee.deliver()
    (ours,) = await ee.store.attachments(message_id)
    (row,) = await pt.store.attachments(message_id)
    authority = pt.other.authority
    await pt.store.announce_parts(authority, message_id, row.aid, ours.part_list)
    first = PartName(message_id, row.aid, 0, ours.part_list[:32], PART_BYTES)
    with pytest.raises(PartMismatchError):
        await pt.parts.take(pt.other, first, in_chunks(b"x" * (PART_BYTES + 20)))
    assert await pt.blobs.read(row.blob, PART_BYTES, 20) == bytes(20)


async def first_part_of(two: Two) -> PartName:
    """Offer a message with a file that nothing was announced of; name its part."""
    ee, pt = two
    message_id = await sent_with(ee, image=SMALL)
    await ee.deliver()
    (ours,) = await ee.store.attachments(message_id)
    (row,) = await pt.store.attachments(message_id)
    return PartName(message_id, row.aid, 0, ours.part_list[:32], ours.length)


async def test_a_part_of_a_file_that_was_not_announced_is_refused(two: Two) -> None:
    _, pt = two
    part = await first_part_of(two)
    with pytest.raises(PartMismatchError, match="not announced"):
        await pt.parts.take(pt.other, part, in_chunks(b""))


@pytest.mark.parametrize("changes", [{"length": 5}, {"digest": bytes(32)}])
async def test_a_part_that_is_not_in_the_list_is_refused_unread(
    two: Two,
    changes: dict[str, int | bytes],
) -> None:
    ee, pt = two
    part = await first_part_of(two)
    ee.wire.change_part = lambda name, chunks: (
        replace(name, **changes),  # type: ignore[arg-type]  # by name
        chunks,
    )
    with pytest.raises(PartMismatchError, match="than the list says"):
        await transferred(ee)
    (row,) = await pt.store.attachments(part.message_id)
    assert not row.parts.is_whole


async def test_two_calls_never_write_the_same_part(two: Two) -> None:
    ee, pt = two
    part = await first_part_of(two)
    disk = FaultyBlobs(pt.blobs, gate=asyncio.Event())
    pt.parts._blobs = disk
    assert disk.gate is not None
    (ours,) = await ee.store.attachments(part.message_id)
    data = await ee.blobs.read(ours.blob, 0, ours.length)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(transferred(ee))
        await until(lambda: bool(pt.parts._being_written))
        with pytest.raises(MaintenanceError, match="another call"):
            await pt.parts.take(pt.other, part, in_chunks(data))
        disk.gate.set()
    await ee.deliver()
    assert await pt.state(part.message_id) == "received"


async def test_a_peer_whose_parts_are_bad_is_put_off_for_a_while(two: Two) -> None:
    ee, pt = two
    part = await first_part_of(two)
    for _ in range(60):
        with pytest.raises(PartMismatchError):
            await pt.parts.take(pt.other, part, in_chunks(b""))
    with pytest.raises(QuotaError):
        await pt.parts.take(pt.other, part, in_chunks(b""))
    with pytest.raises(QuotaError):
        await pt.parts.announce(pt.other, b"")
    pt.clock.advance(61)
    await transferred(ee)
    await ee.deliver()
    assert await pt.state(part.message_id) == "received"
