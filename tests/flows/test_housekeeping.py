"""What time does, and what a wrong clock must not do (specification, section 10.4)."""

from gateway.core.values import NEVER, UnixMs
from gateway.flows.housekeeping import Housekeeping
from tests.support.pair import Side

Two = tuple[Side, Side]
DAY_S = 86_400


class NoWork:
    """Stands for what has nothing due: couriers, card, peers and keys."""

    def __init__(self) -> None:
        self.renewed = 0

    def wake(self, _peer: str) -> None:
        """Note nothing."""

    async def renew_if_due(self, _now: UnixMs = NEVER) -> None:
        """Count."""
        self.renewed += 1

    async def push_where_due(self) -> int:
        """Push nothing."""
        return 0

    async def check_epoch(self, _peer: str) -> None:
        """Check nothing."""

    async def refresh_card(self, _peer: str) -> bool:
        """Refresh nothing."""
        return False


def housekeeping(side: Side, idle: NoWork | None = None) -> Housekeeping:
    """Return the housekeeping of a side whose cards and keys have nothing due."""
    idle = idle or NoWork()
    return Housekeeping(
        side.exchange,
        couriers=idle,  # type: ignore[arg-type]  # only `wake` is called
        our_card=idle,  # type: ignore[arg-type]  # see above
        peer_care=idle,  # type: ignore[arg-type]  # see above
        keys=idle,
        evidence=side.care,
        rounds=side.rounds,
        gossip=side.gossip,
        erasure=side.erasure,
        approvals=side.approvals,
        retention=side.retention,
        round_minutes=60,
    )


async def test_what_is_past_its_moment_expires(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    keeping = housekeeping(ee)
    await keeping.tick()
    ee.clock.advance(31 * DAY_S)
    await keeping.tick()
    assert await ee.state(sent.accepted.id) == "expired"


async def test_after_a_jump_nothing_expires_until_a_peer_agrees(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    keeping = housekeeping(ee)
    await keeping.tick()
    ee.wire.is_cut = True
    ee.clock.jump(31 * DAY_S)
    await keeping.tick()
    assert keeping.is_clock_held
    assert await ee.state(sent.accepted.id) == "queued"
    ee.wire.is_cut = False
    ee.clock.advance(61)
    await keeping.tick()
    assert await ee.state(sent.accepted.id) == "expired"


async def test_a_start_long_after_the_last_entry_waits_for_a_peer_too(two: Two) -> None:
    ee, _ = two
    sent = await ee.send()
    ee.wire.is_cut = True
    ee.clock.advance(31 * DAY_S)
    keeping = housekeeping(ee)
    await keeping.tick()
    assert keeping.is_clock_held
    assert await ee.state(sent.accepted.id) == "queued"


async def test_without_peers_nobody_is_waited_for(two: Two) -> None:
    ee, _ = two
    ee.directory.known.clear()
    ee.clock.advance(31 * DAY_S)
    keeping = housekeeping(ee)
    await keeping.tick()
    assert not keeping.is_clock_held


async def test_a_round_signs_what_the_log_has_grown_to(two: Two) -> None:
    ee, _ = two
    keeping = housekeeping(ee)
    await keeping.tick()
    await ee.send()
    ee.clock.advance(3_600)
    await keeping.tick()
    newest = await ee.store.newest_checkpoint()
    assert newest
    assert newest.size == await ee.logged()
