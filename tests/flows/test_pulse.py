"""What moved in the last minutes, counted from the feed of changes."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.flows.pulse import MINUTE_MS, WINDOW_MINUTES, Pulse
from gateway.ports.messages import Box, Change, MessageViews
from tests.support.surroundings import ManualClock


@dataclass
class Feed:
    """A feed of changes, with how much of it was read."""

    kept: list[Change] = field(default_factory=list)
    read: int = 0
    asked: int = 0

    def add(self, at: UnixMs, state: str, box: Box = Box.OUT) -> None:
        cursor = self.kept[-1].cursor + 1 if self.kept else 1
        peer, message = AuthorityId("pgr.pt"), MessageId("m")
        self.kept.append(Change(cursor, at, box, message, peer, state, 0))

    async def changes(self, after: int, limit: int) -> list[Change]:
        found = [one for one in self.kept if one.cursor > after][:limit]
        self.read += len(found)
        self.asked += 1
        return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def pulse(feed: Feed, clock: ManualClock) -> Pulse:
    return Pulse(cast("MessageViews", feed), clock)


async def test_each_change_counts_in_its_minute(
    feed: Feed, pulse: Pulse, clock: ManualClock
) -> None:
    feed.add(clock.now(), "held")
    feed.add(clock.now(), "queued")
    feed.add(clock.now(), "pending", Box.IN)
    feed.add(clock.now(), "received", Box.IN)
    clock.advance(60)
    for state in ("delivered", "refused", "expired", "opened"):
        feed.add(clock.now(), state)
    before, present = await pulse.minutes(2)
    assert (before.queued, before.received) == (1, 1)
    assert (before.delivered, before.failed) == (0, 0)
    assert (present.delivered, present.failed, present.queued) == (1, 2, 0)
    assert present.at - before.at == MINUTE_MS


async def test_a_later_look_reads_only_what_is_new(
    feed: Feed, pulse: Pulse, clock: ManualClock
) -> None:
    for _ in range(50):
        feed.add(clock.now(), "queued")
    assert (await pulse.minutes(1))[0].queued == 50
    feed.read = 0
    feed.add(clock.now(), "queued")
    assert (await pulse.minutes(1))[0].queued == 51
    assert feed.read == 1


async def test_what_is_older_than_the_window_is_not_even_read(
    feed: Feed, pulse: Pulse, clock: ManualClock
) -> None:
    for _ in range(5_000):
        feed.add(clock.now(), "queued")
    clock.advance(WINDOW_MINUTES * 60 + 60)
    feed.add(clock.now(), "delivered")
    minutes = await pulse.minutes(WINDOW_MINUTES)
    assert sum(one.queued for one in minutes) == 0
    assert minutes[-1].delivered == 1
    assert feed.read < 50


async def test_who_looks_after_long_begins_where_the_window_does(
    feed: Feed, pulse: Pulse, clock: ManualClock
) -> None:
    feed.add(clock.now(), "queued")
    await pulse.minutes(1)
    clock.advance(WINDOW_MINUTES * 60 * 3)
    for _ in range(3_000):
        feed.add(UnixMs(clock.now() - WINDOW_MINUTES * MINUTE_MS * 2), "queued")
    feed.add(clock.now(), "queued")
    feed.read = 0
    minutes = await pulse.minutes(WINDOW_MINUTES)
    assert sum(one.queued for one in minutes) == 1
    assert feed.read < 50


async def test_what_the_feed_has_let_go_of_does_no_harm(
    feed: Feed, pulse: Pulse, clock: ManualClock
) -> None:
    for _ in range(20):
        feed.add(clock.now(), "queued")
    del feed.kept[:13]
    assert (await pulse.minutes(1))[0].queued == 7


async def test_one_look_reads_no_more_than_so_much(
    feed: Feed, pulse: Pulse, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.flows.pulse._PAGE", 10)
    monkeypatch.setattr("gateway.flows.pulse._MAX_PAGES", 2)
    for _ in range(50):
        feed.add(clock.now(), "queued")
    assert [(await pulse.minutes(1))[0].queued for _ in range(3)] == [20, 40, 50]
