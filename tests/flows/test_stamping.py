"""Stamping: when one is asked for, when not, and what failing changes."""

import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, UnreachableError
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs
from gateway.flows.stamping import Stamping
from tests.support.pair import Side
from tests.support.surroundings import ManualClock

Two = tuple[Side, Side]
HOUR_S = 3_600
DAY_S = 24 * HOUR_S
YEAR_MS = 366 * DAY_S * 1000


@dataclass
class Clerk:
    """Implements `TimeStamping`: stamps what it is given, or is not there."""

    clock: ManualClock
    lifetime_ms: int = YEAR_MS
    is_away: bool = False
    asked: list[int] = field(default_factory=list)

    async def stamp(self, text: bytes) -> TimeStamp:
        self.asked.append(parse_checkpoint(text).size)
        if self.is_away:
            raise UnreachableError("time-stamping authority: gone fishing")
        now = self.clock.now()
        ends = UnixMs(now + self.lifetime_ms)
        return TimeStamp(b"stamp %d" % len(self.asked), "CN=Clerk", now, ends)


async def sizes(side: Side) -> list[int]:
    return [one.size for one in await side.store.stamps(2**63 - 1, 99)]


async def something_happens(side: Side) -> int:
    await side.store.append([EntryDraft("admin.test", side.clock.now(), {})])
    signed = await side.rounds.begin(is_forced=True)
    assert signed is not None
    return signed.size


async def test_a_log_is_stamped_once_a_day_if_it_grew(two: Two) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    first = await something_happens(ee)
    await stamping.tick()
    assert await sizes(ee) == [first]

    second = await something_happens(ee)
    ee.clock.advance(DAY_S - 60)
    await stamping.tick()
    assert await sizes(ee) == [first]
    ee.clock.advance(60)
    await stamping.tick()
    assert await sizes(ee) == [second, first]


async def test_checkpoints_between_rounds_are_not_stamped(two: Two) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    await ee.exchange.checkpoints.newest()
    await stamping.tick()
    assert clerk.asked == []
    size = await something_happens(ee)
    await ee.store.append([EntryDraft("admin.test", ee.clock.now(), {})])
    await ee.exchange.checkpoints.newest()
    await stamping.tick()
    assert clerk.asked == [size]


async def test_stamps_alone_are_no_growth(two: Two) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    first = await something_happens(ee)
    await stamping.tick()
    for _ in range(3):
        # A checkpoint that covers the stamp's own entry, as an exchange would sign.
        await ee.rounds.begin(is_forced=True)
        ee.clock.advance(2 * DAY_S)
        await stamping.tick()
    assert clerk.asked == [first]
    assert (await stamping.stamp_now()).size == first
    assert not (await stamping.standing()).is_late


async def test_before_its_certificate_ends_a_stamp_is_renewed(two: Two) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock, lifetime_ms=40 * DAY_S * 1000)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    first = await something_happens(ee)
    await stamping.tick()
    (old,) = await ee.store.stamps(2**63 - 1, 9)
    ee.clock.advance(9 * DAY_S)
    await stamping.tick()
    assert clerk.asked == [first]

    ee.clock.advance(2 * DAY_S)
    clerk.lifetime_ms = YEAR_MS
    await stamping.tick()
    new, _ = await ee.store.stamps(2**63 - 1, 9)
    # The new one is over a log that holds the digest of the old one.
    assert new.size > old.index
    ee.clock.advance(2 * DAY_S)
    await stamping.tick()
    assert len(clerk.asked) == 2


async def test_without_an_answer_it_asks_again_later_and_says_so(two: Two) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock, is_away=True)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    size = await something_happens(ee)
    logged = await ee.logged()

    waits = [await stamping.tick() for _ in range(8)]

    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert await sizes(ee) == []
    assert await ee.logged() == logged
    standing = await stamping.standing()
    assert standing.failure == "unreachable: time-stamping authority: gone fishing"
    assert not standing.is_late
    ee.clock.advance(3 * DAY_S)
    assert (await stamping.standing()).is_late

    clerk.is_away = False
    await stamping.tick()
    assert await sizes(ee) == [size]
    assert (await stamping.standing()).failure == ""


async def test_one_can_be_asked_for_at_any_time(two: Two) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    await something_happens(ee)
    await stamping.tick()
    await ee.store.append([EntryDraft("admin.test", ee.clock.now(), {})])

    kept = await stamping.stamp_now()

    assert kept.size == await ee.logged() - 1
    assert clerk.asked[-1] == kept.size
    assert await stamping.stamp_now() == kept
    clerk.is_away = True
    await something_happens(ee)
    with pytest.raises(UnreachableError):
        await stamping.stamp_now()


async def test_nothing_waits_for_an_authority_that_does_not_answer(two: Two) -> None:
    ee, _ = two
    asked, answer = asyncio.Event(), asyncio.Event()

    class Silent(Clerk):
        async def stamp(self, text: bytes) -> TimeStamp:
            asked.set()
            await answer.wait()
            return await super().stamp(text)

    stamping = Stamping(ee.exchange, Silent(ee.clock), every_hours=24)
    await something_happens(ee)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stamping.tick())
        await asked.wait()
        sent = await ee.send()
        await ee.deliver()
        assert await ee.state(sent.accepted.id) == "delivered"
        assert (await ee.exchange.checkpoints.newest()).size == await ee.logged()
        assert await sizes(ee) == []
        answer.set()
    assert len(await sizes(ee)) == 1


async def test_what_the_log_says_about_itself_is_no_growth_however_long(
    two: Two,
) -> None:
    ee, _ = two
    clerk = Clerk(ee.clock)
    stamping = Stamping(ee.exchange, clerk, every_hours=24)
    size = await something_happens(ee)
    await stamping.tick()
    head = await ee.store.log_head()
    cosigned = EntryDraft(
        "wit.cosign",
        ee.clock.now(),
        {"cp": {"o": "pgr.pt/audit/1", "n": 1, "r": encode_base64(head.root)}},
    )
    await ee.store.append([cosigned] * 600)
    assert (await stamping.stamp_now()).size == size
    await something_happens(ee)
    assert (await stamping.stamp_now()).size > size + 600


async def test_with_nobody_to_ask_nothing_is_stamped(two: Two) -> None:
    ee, _ = two
    stamping = Stamping(ee.exchange, None, every_hours=24)
    await something_happens(ee)
    await stamping.tick()
    assert await sizes(ee) == []
    with pytest.raises(ConflictError, match="tsa"):
        await stamping.stamp_now()
