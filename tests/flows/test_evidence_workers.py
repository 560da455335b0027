"""What runs behind the exchange of evidence: checks, rates, and pace."""

import asyncio
from pathlib import Path

import pytest

from gateway.core.errors import BlobError
from gateway.flows.evidence_check import EvidenceCheck
from gateway.flows.pace import Pace
from gateway.flows.rates import Rates
from gateway.mla.media_types import media_type_of
from gateway.ports.evidence import AttachmentState
from tests.support.evidence import arrived, content, sent_with
from tests.support.faulty_blobs import FaultyBlobs
from tests.support.pair import Side
from tests.support.surroundings import ManualClock

Two = tuple[Side, Side]
SMALL = content(70_000)


async def test_the_check_follows_what_arrives_and_survives_a_failing_disk(
    two: Two,
) -> None:
    ee, pt = two
    disk, received = FaultyBlobs(pt.blobs), asyncio.Event()
    check = EvidenceCheck(
        pt.exchange,
        disk,
        inspection=pt.inspection,
        received=received,
        wake=lambda _: None,
    )
    pt.open._blobs = disk
    disk.fail("read", BlobError("I/O error"))
    states = []
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(check.run())
        await asyncio.sleep(0)
        message_id = await sent_with(ee, ledger=SMALL)
        await arrived(ee, pt, message_id)
        for _ in range(2):
            await pt.care.recover()  # as the next start does: looks again
            received.set()
            await asyncio.sleep(0.1)
            (row,) = await pt.store.attachments(message_id)
            states.append(row.state)
        running.cancel()
    assert states == [AttachmentState.DAMAGED, AttachmentState.VERIFIED]
    assert not disk.fault_is_waiting


async def test_care_that_fails_is_told_and_ends_nothing(two: Two) -> None:
    ee, pt = two
    await sent_with(ee, ledger=SMALL)
    await ee.deliver()
    disk = FaultyBlobs(pt.blobs)
    pt.care._blobs = disk
    disk.fail("remove", BlobError("I/O error"))
    pt.clock.advance(8 * 86_400)
    await pt.care.tidy(pt.clock.now())
    assert not disk.fault_is_waiting
    await pt.care.recover()  # the next start finds what was left
    assert (await pt.blobs.sweep(())).removed == 0


async def test_a_lost_blob_of_a_whole_file_is_awaited_from_a_copy(
    two: Two,
    tmp_path: Path,
) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    blob, copy = tmp_path / f"blobs-{pt.authority}" / row.blob, tmp_path / "copy"
    blob.rename(copy)
    states = []
    for there, to in ((copy, copy), (copy, blob)):
        there.rename(to)
        await pt.care.recover()
        await pt.check.check_one()
        (row,) = await pt.store.attachments(message_id)
        states.append(row.state)
        assert row.blob == blob.name
    assert states == [AttachmentState.DAMAGED, AttachmentState.VERIFIED]
    assert (await pt.blobs.sweep([row.blob])).removed == 0


# --- how fast ---


def test_a_rate_is_of_the_last_seconds_alone() -> None:
    clock = ManualClock()
    rates = Rates(clock)
    assert rates.rate("a") == 0
    for _ in range(20):
        rates.note("a", 1_000)
        clock.advance(1)
    assert rates.rate("a") == 1_000
    clock.advance(5)
    assert rates.rate("a") == 500
    clock.advance(10)
    assert rates.rate("a") == 0


def test_only_so_many_rates_are_kept_the_longest_silent_go_first() -> None:
    rates = Rates(ManualClock())
    for name in range(256):
        rates.note(str(name), 10)
    rates.note("0", 10)
    rates.note("new", 10)
    assert (rates.rate("0"), rates.rate("1"), rates.rate("new")) == (2, 0, 1)


async def test_all_that_share_a_pace_are_within_it_together() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    began_s = clock.monotonic_s()
    await pace.take(10**9)
    assert clock.monotonic_s() == began_s  # no limit was set
    pace.limit(100)
    for _ in range(20):
        await pace.take(50 * 1024)
    took_s = clock.monotonic_s() - began_s
    assert 9 <= took_s <= 10
    pace.limit(0)
    await pace.take(10**9)
    assert clock.monotonic_s() - began_s == took_s


async def test_a_pause_is_not_made_up_for() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    pace.limit(100)
    clock.advance(3600)
    began_s = clock.monotonic_s()
    for _ in range(10):
        await pace.take(100 * 1024)
    assert clock.monotonic_s() - began_s >= 8


# --- what kind of file ---


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.txt", b"%PDF-1.7", "application/pdf"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.bin", b"\0\0\0\x18ftypisom", "video/mp4"),
        ("a.doc", b"PK\x03\x04", "application/msword"),
        ("a", b"PK\x03\x04", "application/zip"),
        ("a.txt", b"hello", "text/plain"),
        ("a.tar.gz", b"\x1f\x8b", "application/octet-stream"),
        ("a", b"", "application/octet-stream"),
    ],
)
def test_a_media_type_is_told_from_the_beginning_then_from_the_name(
    name: str,
    head: bytes,
    expected: str,
) -> None:
    assert media_type_of(name, head) == expected
