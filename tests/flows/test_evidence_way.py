"""Evidence files on their way between two authorities (specification, 5 and 10.6)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from gateway.core import canonical
from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    CannotOpenError,
    ConflictError,
    DamagedError,
    MalformedError,
    NoSuchMessageError,
    NotAllowedError,
    PartConflictError,
    PartMismatchError,
    RootMismatchError,
    UnreachableError,
)
from gateway.core.protocol import PartsAnnounced
from gateway.ports.evidence import AttachmentState
from gateway.ports.peers import PartName, PeerPolicy
from tests.flows.test_way_of_a_message import kinds_about
from tests.support.evidence import (
    PART_BYTES,
    arrived,
    content,
    fetched,
    in_chunks,
    sent_with,
    transferred,
)
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
SMALL = content(70_000)
LARGE = content(2 * PART_BYTES + 12_345, seed=1)
DAY_S = 86_400


async def test_a_request_with_evidence_arrives_whole(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL, image=LARGE)
    await arrived(ee, pt, message_id)
    assert await ee.state(message_id) == "delivered"
    assert await pt.state(message_id) == "received"
    opened = await pt.open.open(message_id, CASEWORKER)
    names = [file.described.name for file in opened.attachments]
    assert names == ["ledger.bin", "image.bin"]
    aids = [file.described.aid for file in opened.attachments]
    assert await fetched(pt, message_id, aids[0]) == SMALL
    assert await fetched(pt, message_id, aids[1]) == LARGE
    assert (await pt.row(message_id)).problems == 0


async def test_there_is_no_receipt_before_the_evidence_is_whole(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await ee.deliver()
    assert await ee.state(message_id) == "queued"
    assert (await ee.row(message_id)).last_code == "incomplete"
    assert await kinds_about(pt, message_id) == ["msg.hold"]
    with pytest.raises(ConflictError, match="pending"):
        await pt.open.open(message_id, CASEWORKER)
    await transferred(ee)
    assert await pt.state(message_id) == "pending"
    await ee.deliver()
    assert await kinds_about(pt, message_id) == ["msg.hold", "msg.receive"]
    assert await kinds_about(ee, message_id) == ["msg.send", "msg.deliver"]


async def test_a_cut_transfer_sends_nothing_twice(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()

    def cut(
        part: PartName,
        chunks: AsyncIterator[bytes],
    ) -> tuple[PartName, AsyncIterator[bytes]]:
        if part.index != 1:
            raise UnreachableError("the line is down")
        return part, chunks

    ee.wire.change_part = cut
    with pytest.raises(UnreachableError):
        await transferred(ee)
    assert [part.index for part in ee.wire.parts_put] == [1]
    ee.wire.change_part = lambda part, chunks: (part, chunks)
    await transferred(ee)
    assert sorted(part.index for part in ee.wire.parts_put) == [0, 1, 2]
    await ee.deliver()
    assert await pt.state(message_id) == "received"


async def test_progress_is_seen_on_both_sides(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    (coming,) = await pt.store.attachments(message_id)
    assert (coming.state, len(coming.parts)) == (AttachmentState.COMING, 0)
    await transferred(ee)
    (there,) = await pt.store.attachments(message_id)
    assert (there.state, there.parts.is_whole) == (AttachmentState.STORED, True)
    (sent,) = await ee.store.attachments(message_id)
    assert sent.parts.is_whole


async def test_a_part_that_was_changed_on_the_way_never_counts(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await ee.deliver()

    async def spoilt(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk[:-1] + bytes([chunk[-1] ^ 1])

    ee.wire.change_part = lambda part, chunks: (part, spoilt(chunks))
    with pytest.raises(PartMismatchError):
        await transferred(ee)
    (row,) = await pt.store.attachments(message_id)
    assert len(row.parts) == 0
    (own,) = await ee.store.attachments(message_id)
    assert own.state is AttachmentState.VERIFIED  # our own bytes are what they were
    ee.wire.change_part = lambda part, chunks: (part, chunks)
    await transferred(ee)
    await ee.deliver()
    assert await pt.state(message_id) == "received"


async def test_other_bytes_for_a_part_that_is_there_are_a_conflict(two: Two) -> None:
    ee, pt = two
    await sent_with(ee, image=LARGE)
    await ee.deliver()
    await transferred(ee)
    part = ee.wire.parts_put[0]
    other = replace(part, digest=bytes(32))
    with pytest.raises(PartConflictError):
        await pt.parts.take(pt.other, other, in_chunks(b""))
    same = content(part.length)
    with pytest.raises(PartConflictError):
        await pt.parts.take(pt.other, part, in_chunks(same))


async def test_the_same_part_again_is_harmless(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await ee.deliver()
    await transferred(ee)
    part = ee.wire.parts_put[0]
    (row,) = await ee.store.attachments(message_id)
    data = await ee.blobs.read(row.blob, 0, part.length)
    assert (await pt.parts.take(pt.other, part, in_chunks(data))).status == "stored"


@pytest.mark.parametrize("index", [3, 700])
async def test_a_part_that_no_file_has_is_refused(two: Two, index: int) -> None:
    ee, pt = two
    await sent_with(ee, image=LARGE)
    await ee.deliver()
    await transferred(ee)
    part = replace(ee.wire.parts_put[0], index=index)
    with pytest.raises(MalformedError, match="index"):
        await pt.parts.take(pt.other, part, in_chunks(b""))


async def test_a_list_with_another_root_is_refused(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    (row,) = await ee.store.attachments(message_id)
    body = PartsAnnounced(aid=row.aid, message=message_id, parts=["00" * 32] * 3)
    with pytest.raises(RootMismatchError):
        await pt.parts.announce(pt.other, canonical.encode(body))


async def test_parts_are_taken_only_for_a_message_that_waits(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await arrived(ee, pt, message_id)
    part = ee.wire.parts_put[0]
    with pytest.raises(NoSuchMessageError):
        await pt.parts.take(pt.other, part, in_chunks(b""))
    with pytest.raises(NoSuchMessageError):
        await pt.parts.parts(pt.other, message_id, part.aid)


async def test_evidence_is_read_only_by_who_opened_the_message(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    with pytest.raises(NotAllowedError):
        await pt.open.fetch(message_id, row.aid, CASEWORKER)
    await pt.open.open(message_id, CASEWORKER)
    with pytest.raises(NotAllowedError):
        await pt.open.fetch(message_id, row.aid, Act("bob", "caseworker", "look"))
    assert await fetched(pt, message_id, row.aid, 69_990) == SMALL[69_990:]
    pt.clock.advance(13 * 3600)
    with pytest.raises(NotAllowedError):
        await pt.open.fetch(message_id, row.aid, CASEWORKER)


async def test_fetching_is_logged_once_an_opening(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    await pt.open.open(message_id, CASEWORKER)
    await fetched(pt, message_id, row.aid)
    await fetched(pt, message_id, row.aid, 10)
    kinds = await kinds_about(pt, message_id)
    assert kinds.count("msg.export") == 1
    await pt.open.open(message_id, CASEWORKER)
    await fetched(pt, message_id, row.aid)
    assert (await kinds_about(pt, message_id)).count("msg.export") == 2


async def test_the_sender_can_read_its_own_evidence(two: Two) -> None:
    ee, _ = two
    message_id = await sent_with(ee, ledger=SMALL)
    opened = await ee.open.open(message_id, CASEWORKER)
    (file,) = opened.attachments
    assert await fetched(ee, message_id, file.described.aid) == SMALL


async def test_what_arrived_is_verified_before_anybody_asks(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL, image=LARGE)
    await arrived(ee, pt, message_id)
    assert await pt.check.check_one()
    assert await pt.check.check_one()
    assert not await pt.check.check_one()
    states = {row.state for row in await pt.store.attachments(message_id)}
    assert states == {AttachmentState.VERIFIED}
    assert (await kinds_about(pt, message_id)).count("msg.check") == 3


async def test_damage_on_our_disk_is_found_and_never_handed_out(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    await pt.blobs.write(row.blob, 40_000, b"\xff\xfe\xfd")
    assert await pt.check.check_one()
    (row,) = await pt.store.attachments(message_id)
    assert row.state is AttachmentState.DAMAGED
    assert await pt.state(message_id) == "received"  # it is not the sender's fault
    await pt.open.open(message_id, CASEWORKER)
    with pytest.raises(DamagedError):
        await pt.open.fetch(message_id, row.aid, CASEWORKER)


async def test_damage_after_the_check_breaks_the_stream_off(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    await pt.open.open(message_id, CASEWORKER)
    await pt.blobs.write(row.blob, row.length - 4_000_000, b"\xff\xfe\xfd")
    got: list[bytes] = []
    file = await pt.open.fetch(message_id, row.aid, CASEWORKER)
    with pytest.raises(CannotOpenError):
        await _read_into(got, file.chunks)
    assert got
    assert LARGE.startswith(b"".join(got))


async def _read_into(got: list[bytes], chunks: AsyncIterator[bytes]) -> None:
    async for chunk in chunks:
        got.append(chunk)  # noqa: PERF401 - what came before an error counts


async def test_our_own_damaged_file_is_found_when_the_peer_refuses_it(
    two: Two,
) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    (row,) = await ee.store.attachments(message_id)
    await ee.blobs.write(row.blob, PART_BYTES + 5, b"\xff\xfe\xfd")
    with pytest.raises((DamagedError, PartMismatchError)):
        await transferred(ee)
    (row,) = await ee.store.attachments(message_id)
    assert row.state is AttachmentState.DAMAGED
    assert await pt.state(message_id) == "pending"


async def test_evidence_over_the_peers_quota_waits_and_is_not_lost(two: Two) -> None:
    ee, pt = two
    _limit(pt, max_evidence_gib=0)
    message_id = await sent_with(ee, ledger=SMALL)
    await ee.deliver()
    row = await ee.row(message_id)
    assert (row.state.value, row.last_code) == ("queued", "quota")
    _limit(pt, max_evidence_gib=1)
    ee.clock.advance(3601)
    await ee.deliver()
    assert await pt.state(message_id) == "pending"


def _limit(side: Side, *, max_evidence_gib: int) -> None:
    peer = side.other
    policy = PeerPolicy(max_evidence_gib=max_evidence_gib)
    side.directory.known[peer.authority] = replace(peer, policy=policy)


async def test_what_does_not_come_within_a_week_is_let_go(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    pt.clock.advance(6 * DAY_S)
    await pt.care.tidy(pt.clock.now())
    assert await pt.state(message_id) == "pending"
    pt.clock.advance(2 * DAY_S)
    await pt.care.tidy(pt.clock.now())
    assert await pt.state(message_id) == "expired"
    assert await kinds_about(pt, message_id) == ["msg.hold", "msg.expire"]
    assert await pt.store.blobs() == {}


async def test_a_message_that_was_let_go_can_still_come(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    pt.clock.advance(8 * DAY_S)
    await pt.care.tidy(pt.clock.now())
    await transferred(ee)  # finds that nobody waits, so it is offered again
    await arrived(ee, pt, message_id)
    assert await pt.state(message_id) == "received"
    (row,) = await pt.store.attachments(message_id)
    await pt.open.open(message_id, CASEWORKER)
    assert await fetched(pt, message_id, row.aid) == LARGE


async def test_a_withdrawn_message_is_let_go_at_once(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    ee.clock.advance(31 * DAY_S)
    await ee.store.expire_due(ee.clock.now(), 10)
    await ee.telling.tell_due(ee.other)
    await pt.care.tidy(pt.clock.now())
    assert await pt.state(message_id) == "expired"
    assert await pt.store.blobs() == {}


async def test_a_missing_blob_is_asked_for_again(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, image=LARGE)
    await ee.deliver()
    await transferred(ee)
    (row,) = await pt.store.attachments(message_id)
    await pt.blobs.remove([row.blob])
    await pt.care.recover()
    (row,) = await pt.store.attachments(message_id)
    assert len(row.parts) == 0
    await ee.deliver()
    await transferred(ee)
    await ee.deliver()
    assert await pt.state(message_id) == "received"


async def test_blobs_that_nothing_names_are_swept(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await ee.deliver()
    orphan = await pt.blobs.reserve(100)
    await pt.care.recover()
    assert orphan not in await pt.store.blobs()
    await transferred(ee)
    await ee.deliver()
    assert await pt.state(message_id) == "received"


async def test_a_held_message_keeps_its_evidence(two: Two) -> None:
    ee, pt = two
    ee.pause(is_paused=True)
    message_id = await sent_with(ee, ledger=SMALL)
    assert await ee.state(message_id) == "held"
    opened = await ee.open.open(message_id, CASEWORKER)
    assert [file.described.name for file in opened.attachments] == ["ledger.bin"]
    ee.pause(is_paused=False)
    await ee.release.release_held(ee.other)
    await arrived(ee, pt, message_id)
    assert await pt.state(message_id) == "received"


async def test_what_was_sealed_to_a_retired_key_keeps_its_evidence(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await pt.retire_key()
    await ee.deliver()
    assert await ee.state(message_id) == "held"
    await ee.reseal.reseal_refused(ee.other)
    await arrived(ee, pt, message_id)
    (row,) = await pt.store.attachments(message_id)
    await pt.open.open(message_id, CASEWORKER)
    assert await fetched(pt, message_id, row.aid) == SMALL


async def test_a_pending_message_outlives_the_key_it_was_sealed_to(two: Two) -> None:
    ee, pt = two
    message_id = await sent_with(ee, ledger=SMALL)
    await ee.deliver()
    await pt.retire_key()
    await transferred(ee)
    await ee.deliver()
    assert await pt.state(message_id) == "received"
