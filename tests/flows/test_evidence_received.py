"""Room for a peer's evidence, and what its sender said of it and was not so."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gateway.core.errors import (
    BlobError,
    ConflictError,
    DiskReserveError,
    GatewayError,
    InvalidFormError,
    LogOutOfStepError,
    MalformedError,
    NotFoundError,
    UnreachableError,
)
from gateway.core.protocol import encode_delivery, parse_delivery
from gateway.core.values import MessageId
from gateway.flows.evidence_room import EvidenceRoom
from gateway.flows.kept_files import KeptFile
from gateway.ports.evidence import AttachmentState, Upload, UploadId, UploadState
from tests.flows.test_way_of_a_message import kinds_about
from tests.support.evidence import (
    OWNER,
    announced,
    arrived,
    content,
    request_with,
    sent_with,
    uploaded,
)
from tests.support.faulty_blobs import FaultyBlobs
from tests.support.pair import CASEWORKER, Side
from tests.support.upload_desk import Desk

Two = tuple[Side, Side]
SMALL = content(70_000)


def lying_blobs(folder: Path, side: Side) -> list[str]:
    """Return the names of all blobs on a side's disk."""
    names = (folder / f"blobs-{side.authority}").glob("[!O]*")
    return [path.name for path in names]


# --- room ---


@pytest.mark.parametrize(
    "error",
    [DiskReserveError("full"), BlobError(errno.errorcode[errno.EIO])],
    ids=lambda error: error.code,
)
async def test_room_for_one_file_of_three_is_no_room(
    two: Two,
    tmp_path: Path,
    error: GatewayError,
) -> None:
    ee, pt = two
    disk = FaultyBlobs(pt.blobs)
    pt.receive._evidence = EvidenceRoom(pt.exchange, disk)
    message_id = await sent_with(ee, one=SMALL, two=SMALL, three=SMALL)
    disk.fail("reserve", error, after=1)

    await ee.deliver()

    row = await ee.row(message_id)
    assert (row.state.value, row.last_code) == ("queued", error.code)
    assert disk.calls[:3] == ["reserve", "reserve", "remove"]
    assert lying_blobs(tmp_path, pt) == []
    with pytest.raises(NotFoundError):
        await pt.row(message_id)
    ee.clock.advance(3601)
    await ee.deliver()
    assert await pt.state(message_id) == "pending"
    assert len(lying_blobs(tmp_path, pt)) == 3


async def test_no_room_for_one_message_is_none_of_the_others_business(
    two: Two,
    tmp_path: Path,
) -> None:
    ee, pt = two
    disk = FaultyBlobs(pt.blobs)
    pt.receive._evidence = EvidenceRoom(pt.exchange, disk)
    plain = (await ee.send()).accepted.id
    first = await sent_with(ee, one=SMALL)
    second = await sent_with(ee, two=SMALL)
    disk.fail("reserve", DiskReserveError("full"))
    await ee.deliver()
    assert await pt.state(plain) == "received"
    stored = [one for one in (first, second) if await _is_there(pt, one)]
    assert len(stored) == len(lying_blobs(tmp_path, pt)) == 1


async def _is_there(side: Side, message_id: MessageId) -> bool:
    try:
        await side.row(message_id)
    except NotFoundError:
        return False
    return True


def with_items_twice(body: bytes) -> bytes:
    """Return a delivery in which every item stands twice."""
    delivery = parse_delivery(body)
    head = msgspec.structs.replace(delivery.head, items=delivery.head.items * 2)
    return encode_delivery(head, delivery.envelopes * 2)


async def test_a_message_that_is_offered_twice_in_one_batch_has_room_once(
    two: Two,
    tmp_path: Path,
) -> None:
    ee, pt = two
    ee.wire.change_request = with_items_twice
    ee.wire.loses_replies = True
    message_id = await sent_with(ee, ledger=SMALL)
    with pytest.raises(UnreachableError):
        await ee.deliver()
    (row,) = await pt.store.attachments(message_id)
    assert lying_blobs(tmp_path, pt) == [row.blob]


async def test_a_message_that_is_offered_again_keeps_its_room(
    two: Two,
    tmp_path: Path,
) -> None:
    ee, pt = two
    ee.wire.loses_replies = True
    message_id = await sent_with(ee, ledger=SMALL)
    for _ in range(3):
        with pytest.raises(UnreachableError):
            await ee.deliver()
        ee.clock.advance(3601)
    (row,) = await pt.store.attachments(message_id)
    assert lying_blobs(tmp_path, pt) == [row.blob]
    assert len(ee.wire.deliveries) == 3


async def test_room_for_a_batch_that_is_not_stored_is_given_back(
    two: Two,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ee, pt = two

    async def refuse(*_: object, **__: object) -> None:
        raise LogOutOfStepError("linked further meanwhile", seen=1)

    message_id = await sent_with(ee, ledger=SMALL)
    with monkeypatch.context() as patched:
        patched.setattr(pt.store, "commit_inbound", refuse)
        with pytest.raises(LogOutOfStepError):
            await pt.receive.take(pt.other, await _offer_of(ee))
    assert lying_blobs(tmp_path, pt) == []
    ee.clock.advance(3601)
    await ee.deliver()
    assert await pt.state(message_id) == "pending"


async def _offer_of(side: Side) -> bytes:
    """Return the body of a delivery that never arrives."""
    kept: list[bytes] = []

    def keep(body: bytes) -> bytes:
        kept.append(body)
        raise MalformedError("lost")

    side.wire.change_request = keep
    with pytest.raises(MalformedError):
        await side.deliver()
    side.wire.change_request = lambda body: body
    return kept[0]


# --- what its sender said of it ---


Lie = Callable[[Upload, KeptFile], tuple[Upload, KeptFile]]
DATA = b"x" * 104  # a length that needs no padding

LIES: dict[str, Lie] = {
    "another digest": lambda upload, kept: (upload, replace(kept, sha256="00" * 32)),
    "a byte less": lambda upload, kept: (replace(upload, size=103), kept),
    "some bytes less": lambda upload, kept: (replace(upload, size=101), kept),
}


async def lying_upload(side: Side, lie: Lie) -> UploadId:
    """Send a file in, then change what is kept of it as no honest node does."""
    upload_id = await uploaded(side, "ledger.bin", DATA)
    ((upload, kept),) = await side.uploads.complete([upload_id], OWNER)
    upload, kept = lie(upload, kept)
    other = UploadId("ab" * 16)
    await side.store.drop_upload(upload_id)
    changed = replace(upload, id=other, kept=side.spool.keep(other, kept))
    await side.store.add_upload(changed)
    return other


async def arrived_with_a_lie(two: Two, lie: Lie) -> MessageId:
    ee, pt = two
    upload_id = await lying_upload(ee, lie)
    form = request_with("ledger.bin")
    submitted = await ee.send(form, uploads=(upload_id,))
    message_id = submitted.accepted.id
    await arrived(ee, pt, message_id)
    assert await pt.state(message_id) == "received"
    return message_id


@pytest.mark.parametrize("kind", LIES)
async def test_a_file_that_is_not_what_its_sender_says_sets_the_message_aside(
    two: Two,
    kind: str,
) -> None:
    ee, pt = two
    message_id = await arrived_with_a_lie(two, LIES[kind])

    assert await pt.check.check_one()
    assert not await pt.check.check_one()

    assert await pt.state(message_id) == "quarantined"
    assert (await pt.row(message_id)).last_code == "cannot-open"
    assert (await kinds_about(pt, message_id))[-2:] == ["msg.check", "msg.reject"]
    with pytest.raises(ConflictError):
        await pt.open.open(message_id, CASEWORKER)
    await pt.telling.tell_due(pt.other)
    assert await ee.state(message_id) == "refused"


async def test_who_was_quicker_than_the_check_reads_no_byte_and_no_further(
    two: Two,
) -> None:
    _, pt = two
    message_id = await arrived_with_a_lie(two, LIES["another digest"])
    await pt.open.open(message_id, CASEWORKER)
    await pt.queue.confirm(message_id, CASEWORKER)
    assert await pt.check.check_one()
    assert await pt.state(message_id) == "quarantined"
    (row,) = await pt.store.attachments(message_id)
    with pytest.raises(ConflictError, match="quarantined"):
        await pt.open.fetch(message_id, row.aid, CASEWORKER)


async def test_a_disk_that_cannot_be_read_is_no_lie_of_the_sender(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await arrived(ee, pt, message_id)
    disk = FaultyBlobs(pt.blobs)
    pt.open._blobs = disk
    disk.fail("read", BlobError("I/O error"))
    assert await pt.check.check_one()
    assert await pt.state(message_id) == "received"
    (row,) = await pt.store.attachments(message_id)
    assert row.state is AttachmentState.DAMAGED
    await pt.care.recover()  # the next start looks again
    assert await pt.check.check_one()
    (row,) = await pt.store.attachments(message_id)
    assert row.state is AttachmentState.VERIFIED


# --- uploads that become attachments ---


async def refused(side: Side, expected: type[Exception], *uploads: UploadId) -> None:
    """Submit, expect it to fail, and show that nothing was stored."""
    before = await side.logged()
    with pytest.raises(expected):
        await side.send(request_with("ledger.bin"), uploads=uploads)
    assert await side.logged() == before


async def test_a_message_takes_complete_uploads_of_its_submitter_once(
    two: Two,
) -> None:
    ee, _ = two
    half = (await announced(ee, "ledger.bin", SMALL)).upload.id
    await refused(ee, ConflictError, half)
    foreign = await _foreign(ee)
    await refused(ee, NotFoundError, foreign)
    good = await uploaded(ee, "ledger.bin", SMALL)
    await refused(ee, ConflictError, good, good)
    await ee.send(request_with("ledger.bin"), uploads=(good,))
    await refused(ee, ConflictError, good)
    with pytest.raises(ConflictError, match="used"):
        await ee.uploads.drop(good, OWNER)


async def _foreign(side: Side) -> UploadId:
    desk = Desk(side)
    upload_id = await desk.announce(b"theirs")
    row = await desk.stored(upload_id)
    await side.store.drop_upload(upload_id)
    await side.store.add_upload(
        replace(row, owner="bob", state=UploadState.COMPLETE),
    )
    return upload_id


async def test_repeating_a_submission_is_harmless_after_its_uploads_were_used(
    two: Two,
) -> None:
    ee, _ = two
    upload_id = await uploaded(ee, "ledger.bin", SMALL)
    form = request_with("ledger.bin")
    first = await ee.send(form, key="k", uploads=(upload_id,))
    again = await ee.send(form, key="k", uploads=(upload_id,))
    assert again.accepted.id == first.accepted.id
    assert again.accepted.is_repetition
    other = await uploaded(ee, "ledger.bin", SMALL)
    with pytest.raises(ConflictError):
        await ee.send(form, key="k", uploads=(other,))


async def test_a_form_names_every_file_that_comes_with_it(two: Two) -> None:
    ee, _ = two
    upload_id = await uploaded(ee, "ledger.bin", SMALL)
    before = await ee.logged()
    with pytest.raises(InvalidFormError) as caught:
        await ee.send(request_with(), uploads=(upload_id,))
    blocking = [one for one in caught.value.problems if one.blocking]
    assert blocking
    assert all(one.pointer.startswith("/payload/manifest/0/") for one in blocking)
    assert await ee.logged() == before
    standing = await ee.uploads.show(upload_id, OWNER)
    assert standing.upload.state is UploadState.COMPLETE


async def test_a_form_that_names_a_file_that_does_not_come_is_refused(
    two: Two,
) -> None:
    ee, _ = two
    upload_id = await uploaded(ee, "ledger.bin", SMALL)
    with pytest.raises(InvalidFormError) as caught:
        await ee.send(request_with("ledger.bin", "image.bin"), uploads=(upload_id,))
    assert any("/payload/manifest/1" in one.pointer for one in caught.value.problems)
