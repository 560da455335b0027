"""The worker that sends evidence: whom it serves first, and when it waits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from gateway.core.delivery import BackOff
from gateway.core.errors import (
    MaintenanceError,
    MalformedError,
    PartMismatchError,
    UnreachableError,
)
from gateway.core.limits import PENDING_LIFETIME_MS
from gateway.core.protocol import DeliveryReply, ItemReply, PartsReply
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.rates import Rates
from gateway.flows.transfers import Transfers
from gateway.ports.evidence import AttachmentState
from gateway.ports.peers import PartName, PeerPolicy
from tests.support.evidence import (
    PART_BYTES,
    content,
    request_with,
    sent_with,
    transferred,
    uploaded,
)
from tests.support.pair import PT, Side, Wire
from tests.support.peer_net import until

Two = tuple[Side, Side]
SMALL = content(70_000)
LARGE = content(2 * PART_BYTES + 12_345, seed=1)
LONG = content(5 * PART_BYTES + 12_345, seed=2)
IN_FLIGHT = 4
LONGEST_WAIT_S = 60.0


@dataclass
class Sender:
    """A worker of one side, and the peers it said to offer messages to again."""

    side: Side
    offered: list[AuthorityId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transfers = Transfers(
            self.side.exchange,
            self.side.blobs,
            Rates(self.side.clock),
            back_off=BackOff(first_delay_ms=8_000, max_delay_ms=20_000),
            offer=self.offered.append,
        )

    async def turn(self) -> float:
        return await self.transfers._turn(PT)

    async def settle(self) -> None:
        """Take turns until there is nothing more to do for a while."""
        for _ in range(8):
            if await self.turn() == LONGEST_WAIT_S:
                return
        raise AssertionError("there is always another turn")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            tasks.create_task(self.transfers.run())
            yield
            self.transfers.stop()


@pytest.fixture
def sender(two: Two) -> Sender:
    return Sender(two[0])


def when_first_sent(side: Side, then: Callable[[], object]) -> None:
    """Do something while the first part is on its way."""
    done: list[int] = []

    def change(
        part: PartName,
        chunks: AsyncIterator[bytes],
    ) -> tuple[PartName, AsyncIterator[bytes]]:
        if not done:
            done.append(part.index)
            then()
        return part, chunks

    side.wire.change_part = change


def policy(side: Side, **changes: object) -> None:
    peer = side.other
    changed = replace(PeerPolicy(), **changes)  # type: ignore[arg-type]  # by name
    side.directory.known[peer.authority] = replace(peer, policy=changed)


async def offered(side: Side, **files: bytes) -> MessageId:
    message_id = await sent_with(side, **files)
    await side.deliver()
    return message_id


async def sent_as(side: Side, urgency: str, data: bytes) -> MessageId:
    """Send a request of some urgency with one file."""
    name = f"{urgency}.bin"
    upload_id = await uploaded(side, name, data)
    form = request_with(name) | {"urgency": urgency}
    return (await side.send(form, uploads=(upload_id,))).accepted.id


async def test_a_worker_sends_what_waits_and_then_lets_it_be_offered(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    async with sender.running():
        await until(lambda: PT in sender.transfers._workers._wakes)
        message_id = await offered(ee, image=LARGE)
        sender.transfers.wake(PT)
        await until(lambda: sender.offered == [PT])
    await ee.deliver()
    assert await pt.state(message_id) == "received"


async def test_a_worker_begins_with_what_waited_before_it_was_started(
    two: Two,
    sender: Sender,
) -> None:
    ee, _ = two
    await offered(ee, ledger=SMALL)
    async with sender.running():
        await until(lambda: sender.offered == [PT])


async def test_a_peer_that_is_added_later_is_served_too(
    two: Two,
    sender: Sender,
) -> None:
    ee, _ = two
    await offered(ee, ledger=SMALL)
    peer = ee.directory.known.pop(PT)
    async with sender.running():
        await asyncio.sleep(0)
        assert PT not in sender.transfers._workers._wakes
        ee.directory.known[PT] = peer
        sender.transfers.reload()
        await until(lambda: sender.offered == [PT])


async def test_where_nothing_waits_there_is_a_pause(sender: Sender) -> None:
    assert await sender.turn() == LONGEST_WAIT_S


async def test_a_paused_or_removed_peer_is_sent_nothing(
    two: Two,
    sender: Sender,
) -> None:
    ee, _ = two
    await offered(ee, ledger=SMALL)
    policy(ee, is_paused=True)
    assert await sender.turn() == LONGEST_WAIT_S
    peer = ee.directory.known.pop(PT)
    assert await sender.turn() == LONGEST_WAIT_S
    assert ee.wire.announcements == []
    ee.directory.known[PT] = replace(peer, policy=PeerPolicy())
    assert await sender.turn() == 0.0


# --- hours and bandwidth ---


def hours_around(side: Side, before_min: int, length_min: int) -> str:
    """Return hours that begin `before_min` minutes from now."""
    start = (side.clock.now() // 60_000 + before_min) % 1440
    end = (start + length_min) % 1440
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


async def test_outside_its_hours_nothing_is_sent(two: Two, sender: Sender) -> None:
    ee, _ = two
    await offered(ee, ledger=SMALL)
    policy(ee, upload_hours=hours_around(ee, 10, 60))
    assert await sender.turn() == LONGEST_WAIT_S
    assert ee.wire.announcements == []
    ee.clock.advance(10 * 60 - 30)
    assert 0 < await sender.turn() <= 60
    ee.clock.advance(30)
    assert await sender.turn() == 0.0
    assert len(ee.wire.parts_put) == 1


async def test_when_the_hours_end_the_parts_under_way_are_finished(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    message_id = await offered(ee, image=LONG)
    policy(ee, upload_hours=hours_around(ee, -1, 2))
    when_first_sent(ee, lambda: ee.clock.advance(120))
    assert await sender.turn() == 0.0
    assert len(ee.wire.parts_put) == IN_FLIGHT
    assert await sender.turn() == LONGEST_WAIT_S  # now it waits for tomorrow
    (row,) = await pt.store.attachments(message_id)
    assert len(row.parts) == IN_FLIGHT
    assert sender.offered == []


async def test_evidence_keeps_within_its_bandwidth(two: Two, sender: Sender) -> None:
    ee, _ = two
    await offered(ee, image=LARGE)
    policy(ee, upload_kib_s=1024)
    began_s = ee.clock.monotonic_s()
    assert await sender.turn() == 0.0
    took_s = ee.clock.monotonic_s() - began_s
    fair_s = len(LARGE) / 2**20
    assert fair_s - 1 <= took_s <= fair_s + 1


# --- what is most urgent ---


async def test_an_urgent_message_goes_between_the_parts_of_another(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    long_id = await sent_as(ee, "ROUTINE", LONG)
    await ee.deliver()
    urgent_id = await sent_as(ee, "URGENT", SMALL)
    begun: list[int] = []
    woken = asyncio.Event()

    async def interrupted(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        begun.append(1)
        if len(begun) == 1:
            await ee.deliver()
            sender.transfers.wake(PT)
            woken.set()
        await woken.wait()
        async for chunk in chunks:
            yield chunk

    ee.wire.change_part = lambda part, chunks: (part, interrupted(chunks))
    async with sender.running():
        await until(lambda: len(sender.offered) == 2)

    order = [part.message_id for part in ee.wire.parts_put]
    assert order.index(urgent_id) <= IN_FLIGHT
    assert order.count(long_id) == 6
    await ee.deliver()
    assert await pt.state(urgent_id) == await pt.state(long_id) == "received"


async def test_a_stop_finishes_the_parts_under_way_and_begins_no_other(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    message_id = await offered(ee, image=LONG)
    when_first_sent(ee, sender.transfers.stop)
    async with asyncio.timeout(10):
        await sender.transfers.run()
    (theirs,) = await pt.store.attachments(message_id)
    (ours,) = await ee.store.attachments(message_id)
    assert len(theirs.parts) == len(ee.wire.parts_put) == IN_FLIGHT
    assert ours.parts == theirs.parts
    await transferred(ee)  # the next start goes on there
    assert len(ee.wire.parts_put) == 6


# --- failures ---


async def test_failures_are_waited_out_longer_and_longer(
    two: Two,
    sender: Sender,
) -> None:
    ee, _ = two
    await offered(ee, ledger=SMALL)
    ee.wire.is_cut = True
    assert [await sender.turn() for _ in range(4)] == [8.0, 16.0, 20.0, 20.0]
    ee.wire.is_cut = False
    assert await sender.turn() == 0.0
    await offered(ee, image=SMALL)
    ee.wire.is_cut = True
    assert await sender.turn() == 8.0


def fail_parts(side: Side, error: Exception) -> None:
    def change(
        _part: PartName,
        _chunks: AsyncIterator[bytes],
    ) -> tuple[PartName, AsyncIterator[bytes]]:
        raise error

    side.wire.change_part = change


async def test_a_peer_that_asks_to_wait_is_given_the_time(
    two: Two,
    sender: Sender,
) -> None:
    ee, _ = two
    await offered(ee, ledger=SMALL)
    fail_parts(ee, MaintenanceError("later", retry_after_s=77))
    assert await sender.turn() == 77.0
    fail_parts(ee, MaintenanceError("later", retry_after_s=1))
    assert await sender.turn() == 16.0


async def test_a_lost_answer_costs_one_part_again_and_no_bytes_twice(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    message_id = await offered(ee, ledger=SMALL)
    ee.wire.loses_replies = True
    assert await sender.turn() == 8.0
    ee.wire.loses_replies = False
    assert await sender.turn() == 0.0
    assert len(ee.wire.parts_put) == 1
    await ee.deliver()
    assert await pt.state(message_id) == "received"


@pytest.mark.parametrize("kind", ["damaged", "missing"])
async def test_a_file_of_ours_that_cannot_be_sent_holds_up_no_other(
    two: Two,
    sender: Sender,
    kind: str,
) -> None:
    ee, pt = two
    bad, good = await offered(ee, image=SMALL), await offered(ee, ledger=SMALL)
    (row,) = await ee.store.attachments(bad)
    if kind == "damaged":
        await ee.blobs.write(row.blob, 40_000, b"\xff\xfe\xfd")
    else:
        await ee.blobs.remove([row.blob])

    assert [await sender.turn() for _ in range(3)] == [0.0, 0.0, LONGEST_WAIT_S]

    await ee.deliver()
    assert await pt.state(good) == "received"
    assert await pt.state(bad) == "pending"
    (row,) = await ee.store.attachments(bad)
    assert (row.state is AttachmentState.DAMAGED) is (kind == "damaged")
    announced = len(ee.wire.announcements)
    ee.clock.advance(3601)
    await sender.turn()  # people may have helped meanwhile
    assert len(ee.wire.announcements) == announced + (kind == "missing")


# --- peers that lie ---


@dataclass
class LyingWire(Wire):
    """A way to a peer that answers announcements as it likes."""

    missing: list[int] = field(default_factory=list)

    async def announce_parts(self, peer: AuthorityId, body: bytes) -> PartsReply:
        await Wire.announce_parts(self, peer, body)
        return PartsReply(missing=self.missing)


def lie(sender: Sender, *missing: int) -> LyingWire:
    ee = sender.side
    wire = LyingWire(ee.authority, other=ee.wire.other, missing=list(missing))
    sender.transfers._exchange = replace(ee.exchange, transport=wire)
    return wire


async def test_parts_that_no_file_has_are_not_sent(two: Two, sender: Sender) -> None:
    ee, _ = two
    await offered(ee, image=LARGE)
    wire = lie(sender, 1, 3, 700, 1)
    assert await sender.turn() == 0.0
    assert [part.index for part in wire.parts_put] == [1]


async def test_a_peer_that_misses_nothing_is_offered_the_message_twice_a_minute(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    message_id = await offered(ee, image=LARGE)
    wire = lie(sender)
    for _ in range(5):
        await sender.settle()
        await ee.deliver()
    assert sender.offered == [PT, PT]
    ee.clock.advance(61)
    await sender.settle()
    assert (wire.parts_put, sender.offered) == ([], [PT, PT, PT])
    assert await pt.state(message_id) == "pending"


def _always_incomplete(reply: DeliveryReply) -> DeliveryReply:
    items = [ItemReply(status="incomplete", missing=[]) for _ in reply.items]
    return DeliveryReply(
        checkpoint=reply.checkpoint,
        consistency=reply.consistency,
        items=items,
        now=reply.now,
    )


async def test_a_peer_that_has_everything_and_denies_it_is_not_sent_it_again(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    ee.wire.change_reply = _always_incomplete
    message_id = await offered(ee, image=LARGE)
    for _ in range(5):
        await sender.settle()
        await ee.deliver()
    assert len(ee.wire.parts_put) == 3
    assert sender.offered == [PT, PT]
    assert await pt.state(message_id) == "received"
    assert await ee.state(message_id) == "queued"
    ee.wire.change_reply = lambda reply: reply
    ee.clock.advance(PENDING_LIFETIME_MS // 1000)
    await ee.deliver()
    assert await ee.state(message_id) == "delivered"


async def test_a_peer_that_wants_evidence_of_a_message_without_any(
    two: Two,
    sender: Sender,
) -> None:
    ee, _ = two
    ee.wire.change_reply = _always_incomplete
    await ee.send()
    for _ in range(5):
        await ee.deliver()
        await sender.settle()
    assert sender.offered == [PT, PT]


@pytest.mark.parametrize(
    "error",
    [
        PartMismatchError("no"),
        UnreachableError("no"),
    ],
    ids=lambda error: error.code,
)
async def test_a_part_that_is_not_taken_does_not_damage_our_own_file(
    two: Two,
    sender: Sender,
    error: Exception,
) -> None:
    ee, _ = two
    message_id = await offered(ee, image=LARGE)
    fail_parts(ee, error)
    assert await sender.turn() == 8.0
    (row,) = await ee.store.attachments(message_id)
    assert row.state is AttachmentState.VERIFIED
    assert len(row.parts) == 0


async def test_a_file_that_is_refused_for_good_holds_up_no_other(
    two: Two,
    sender: Sender,
) -> None:
    ee, pt = two
    refused = await offered(ee, image=LARGE)
    other = await offered(ee, ledger=SMALL)
    fail_parts(ee, MalformedError("no"))
    while await sender.turn() == 0.0:
        ee.wire.change_part = lambda part, chunks: (part, chunks)
    await ee.deliver()
    states = {await pt.state(one) for one in (refused, other)}
    assert states == {"received", "pending"}
