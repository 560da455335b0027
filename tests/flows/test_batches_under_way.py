"""A long queue: two deliveries under way, recorded in order; what a failure ends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.core.errors import UnreachableError
from gateway.core.protocol import DeliveryReply
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.deliver import Delivery
from gateway.flows.delivery_policy import DeliveryPolicy
from tests.support.pair import Side

Two = tuple[Side, Side]
Deliver = Callable[[AuthorityId, bytes], Awaitable[DeliveryReply]]


class Line:
    """The way to the peer, which counts what is under way on it.

    Attributes:
        most: How many deliveries were under way at the same time, at most.
        sent: How many were made.
        broken: Numbers of those that do not arrive.
    """

    def __init__(self, deliver: Deliver, broken: tuple[int, ...] = ()) -> None:
        self._deliver = deliver
        self._now = 0
        self.most = self.sent = 0
        self.broken = broken

    async def deliver(self, peer: AuthorityId, body: bytes) -> DeliveryReply:
        """Take a while, as a network does, then deliver."""
        self.sent += 1
        number = self.sent
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await asyncio.sleep(0.02)
            if number in self.broken:
                raise UnreachableError("the line broke")
            return await self._deliver(peer, body)
        finally:
            self._now -= 1


def small_batches(side: Side, *broken: int) -> tuple[Delivery, Line]:
    """Return a delivery of two messages at a time, and the line it goes over."""
    wire = side.exchange.transport
    line = Line(wire.deliver, broken)
    transport = replace(wire)  # type: ignore[type-var]  # a dataclass of the tests
    transport.deliver = line.deliver  # type: ignore[method-assign]
    exchange = replace(side.exchange, transport=transport)
    policy = DeliveryPolicy(max_items=2)
    return Delivery(exchange, policy, send_evidence=lambda _: None), line


async def queue(side: Side, count: int) -> list[MessageId]:
    """Queue so many messages, the agreement of the logs being known already."""
    await side.send()
    await side.deliver()
    return [(await side.send()).accepted.id for _ in range(count)]


async def states(side: Side, ids: list[MessageId]) -> list[str]:
    """Return the states of messages."""
    return [await side.state(one) for one in ids]


async def test_a_long_queue_goes_with_two_batches_under_way(two: Two) -> None:
    ee, _ = two
    ids = await queue(ee, 7)
    delivery, line = small_batches(ee)
    told: list[int] = []

    # Once, or more often if an answer was overtaken by a later one.
    while await delivery.deliver_due(
        ee.other, may_go_on=lambda: True, recorded=lambda: told.append(line.sent)
    ):
        pass

    assert set(await states(ee, ids)) == {"delivered"}
    assert line.most == 2
    assert len(told) == line.sent >= 4


async def test_without_leave_to_go_on_one_batch_goes(two: Two) -> None:
    ee, _ = two
    ids = await queue(ee, 3)
    delivery, line = small_batches(ee)
    assert await delivery.deliver_due(ee.other) == 2
    assert (line.sent, line.most) == (1, 1)
    assert await states(ee, ids) == ["delivered", "delivered", "queued"]


async def test_leave_is_asked_for_batch_by_batch(two: Two) -> None:
    ee, _ = two
    await queue(ee, 7)
    delivery, line = small_batches(ee)
    leaves = iter([True, False])
    assert await delivery.deliver_due(ee.other, may_go_on=lambda: next(leaves)) == 4
    assert line.sent == 2


async def test_after_a_failure_no_more_is_claimed_and_what_is_under_way_is_recorded(
    two: Two,
) -> None:
    ee, _ = two
    ids = await queue(ee, 8)
    delivery, line = small_batches(ee, 1)

    with pytest.raises(UnreachableError, match="the line broke"):
        await delivery.deliver_due(ee.other, may_go_on=lambda: True)

    assert line.sent == 2
    rows = [await ee.row(one) for one in ids]
    offered, waiting = rows[:4], rows[4:]
    assert sorted((row.state, row.has_unknown_attempt) for row in offered) == [
        ("delivered", False),
        ("delivered", False),
        ("queued", True),
        ("queued", True),
    ]
    assert {(row.state, row.attempts) for row in waiting} == {("queued", 0)}
    again, _ = small_batches(ee)
    assert await again.deliver_due(ee.other, may_go_on=lambda: True) == 6
    assert set(await states(ee, ids)) == {"delivered"}


async def test_an_answer_that_was_overtaken_is_nobody_s_fault(two: Two) -> None:
    """What is taken first is answered last: its tree is smaller than what was seen."""
    ee, _ = two
    ids = await queue(ee, 4)
    delivery, line = small_batches(ee)
    take = line._deliver
    begun: list[bytes] = []
    first_is_taken, second_is_answered = asyncio.Event(), asyncio.Event()

    async def first_is_late(peer: AuthorityId, body: bytes) -> DeliveryReply:
        begun.append(body)
        if len(begun) == 1:
            reply = await take(peer, body)
            first_is_taken.set()
            await second_is_answered.wait()
            await asyncio.sleep(0.2)
            return reply
        await first_is_taken.wait()
        reply = await take(peer, body)
        second_is_answered.set()
        return reply

    line._deliver = first_is_late
    assert await delivery.deliver_due(ee.other, may_go_on=lambda: True) == 4
    assert sorted(await states(ee, ids)) == ["delivered"] * 2 + ["queued"] * 2
    assert await ee.exchange.conflicts.all() == []

    assert await delivery.deliver_due(ee.other, may_go_on=lambda: True) == 2
    assert line.most == 2
    assert set(await states(ee, ids)) == {"delivered"}
