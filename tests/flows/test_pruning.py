"""Pruning the log: only what is old, signed and told, step by step."""

import pytest

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ClockError, ConflictError, UsageError
from gateway.core.values import UnixMs
from gateway.flows import pruning as flow
from gateway.flows.pruning import PruneLog
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
SECURITY = Act("saar", "security", "end of the retention period")
DAY_MS = 86_400_000


def pruning(side: Side, log_days: int = 3_650) -> PruneLog:
    return PruneLog(side.exchange, side.keyring.disclosures, log_days=log_days)


async def with_looks(side: Side, count: int, age_days: int) -> None:
    """Log looks at lists that lie some days back."""
    at = UnixMs(side.clock.now() - age_days * DAY_MS)
    drafts = [
        EntryDraft("msg.list", at, {"count": one}, CASEWORKER.disclosures())
        for one in range(count)
    ]
    await side.store.append(drafts)
    signed = await side.exchange.checkpoints.newest()
    await side.store.record_round(signed.size, side.clock.now())


async def test_what_is_old_enough_goes_in_steps(
    two: Two,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ee, _ = two
    monkeypatch.setattr(flow, "_STEP", 512)
    await with_looks(ee, 1_300, age_days=4_000)
    plan = await pruning(ee).plan(1_280)

    done = await pruning(ee).prune(1_280, "ten years", SECURITY)

    assert done.pruning == plan
    assert len(done.log_indices) == 3
    assert await ee.store.log_minimum() == 1_280
    minima = []
    for index in done.log_indices:
        (entry,) = await ee.store.entries(index, 1)
        assert entry.kind == "log.prune"
        minima.append(entry.data.count(b'"min":'))
    assert minima == [1, 1, 1]
    assert await ee.store.is_compaction_due()


async def test_what_is_younger_stays_whoever_asks(two: Two) -> None:
    ee, _ = two
    await with_looks(ee, 300, age_days=3_649)

    for attempt in (
        pruning(ee).plan(256),
        pruning(ee).prune(256, "ten years", SECURITY),
    ):
        with pytest.raises(ConflictError, match="log_days"):
            await attempt

    assert await ee.store.log_minimum() == 0
    assert (await pruning(ee, 3_648).plan(256)).minimum == 256


@pytest.mark.parametrize(("below", "such_as"), [(100, 256), (257, 256), (700, 512)])
async def test_a_minimum_is_a_multiple_of_256(
    two: Two,
    below: int,
    such_as: int,
) -> None:
    ee, _ = two
    with pytest.raises(UsageError, match=f"such as {such_as}"):
        await pruning(ee).plan(below)


async def test_nothing_is_pruned_by_a_clock_that_is_in_doubt(two: Two) -> None:
    ee, _ = two
    await with_looks(ee, 300, age_days=4_000)
    ee.exchange.clock_hold.is_held = True

    with pytest.raises(ClockError):
        await pruning(ee).prune(256, "ten years", SECURITY)


async def test_exchange_goes_on_over_a_pruned_log(two: Two) -> None:
    """Proofs for peers reach back over what was pruned."""
    ee, pt = two
    first = (await ee.send()).accepted.id
    await ee.deliver()
    await with_looks(ee, 300, age_days=4_000)
    await pruning(ee).prune(256, "ten years", SECURITY)

    second = (await ee.send()).accepted.id
    await ee.deliver()

    assert await ee.state(second) == "delivered"
    assert await pt.state(second) == "received"
    (index,) = [one for one in await ee.store.log_indices(first) if one < 256][:1]
    checkpoint = await ee.exchange.checkpoints.newest()
    (proven,) = await ee.store.prove([index], checkpoint.size)
    assert b'"k":"msg.send"' in proven.data
