"""S9, S10: a message, a start and a page, with a million messages stored.

Two homes are filled, one with a thousand messages and one with many; batches go through
their stores in turn, so that what the machine does beside it falls on both. Then the
node of the full one is started, and every list is asked for.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import pages
from benchmarks.figures import Figure, Setting
from benchmarks.per_message import BATCH, opened
from benchmarks.seeded_rows import Amount
from benchmarks.seeding import seed_home
from gateway.core.values import AuthorityId, UnixMs
from tests.support.processes import RunningNode, running_pair
from tests.support.storing import PEER

_FEW = 1_000
_MANY, _QUICK_MANY = 1_000_000, 20_000
_ROUNDS, _QUICK_ROUNDS = 40, 12
_STARTS, _QUICK_STARTS = 3, 1
_QUEUED_SHARE = 200
# What a node does once after a start, such as sweeping ring keys, is over by then.
_SETTLED_S = 2.0


def measure(setting: Setting) -> Iterator[Figure]:
    """Measure S9 and S10."""
    many = _QUICK_MANY if setting.is_quick else _MANY
    with running_pair(setting.folder) as (full, empty):
        for node in (full, empty):
            node.node.stop()
        _fill(setting, full, empty, many)
        yield from _per_message(setting, full.node.home, empty.node.home, many)
        yield from _start_and_pages(setting, full, many)


def _fill(setting: Setting, full: RunningNode, empty: RunningNode, many: int) -> None:
    for node, peer, messages in ((full, empty, many), (empty, full, _FEW)):
        began = time.monotonic()
        amount = Amount(
            messages=messages,
            peers=(AuthorityId(peer.id), PEER),
            now=UnixMs(time.time_ns() // 1_000_000),
            queued=messages // _QUEUED_SHARE,
        )
        asyncio.run(seed_home(node.node.home, amount))
        took_s = time.monotonic() - began
        setting.tell(f"{messages} messages stored in {took_s:.0f} s")


def _per_message(
    setting: Setting, full: Path, few: Path, many: int
) -> Iterator[Figure]:
    rounds = _QUICK_ROUNDS if setting.is_quick else _ROUNDS
    full_s, few_s = asyncio.run(_in_turn(full, few, rounds))
    yield Figure(
        scenario="S9",
        name="per_message_growth",
        what=f"store time a message at {many} messages ÷ at {_FEW}, both sides",
        value=full_s / few_s,
        unit="ratio",
        goal=1.3,
        is_at_most=True,
        context={
            "messages": many,
            "ms_full": round(full_s / BATCH * 1000, 3),
            "ms_few": round(few_s / BATCH * 1000, 3),
        },
    )


async def _in_turn(full: Path, few: Path, rounds: int) -> tuple[float, float]:
    """Return the median seconds of a batch in each home; the first two only warm up."""
    async with opened(full) as one, opened(few) as other:
        took = [(await one.batch_s(), await other.batch_s()) for _ in range(rounds)]
    first, second = zip(*took[2:], strict=True)
    return statistics.median(first), statistics.median(second)


def _start_and_pages(
    setting: Setting, full: RunningNode, many: int
) -> Iterator[Figure]:
    starts = _QUICK_STARTS if setting.is_quick else _STARTS
    took_s = [full.node.start()]
    for _ in range(starts - 1):
        full.node.stop()
        took_s.append(full.node.start())
    yield Figure(
        scenario="S10",
        name="start",
        what=f"process begun → ready, with {many} messages",
        value=statistics.median(took_s),
        unit="s",
        goal=3.0,
        is_at_most=True,
        context={"messages": many, "starts": starts, "slowest_s": max(took_s)},
    )
    time.sleep(_SETTLED_S)
    found = pages.measured(full, setting.tell)
    slowest = max(found, key=lambda name: found[name])
    yield Figure(
        scenario="S10",
        name="slowest_page",
        what=f"slowest of {len(found)} list and search pages, with {many} messages",
        value=found[slowest],
        unit="ms",
        goal=50.0,
        is_at_most=True,
        context={
            "page": slowest,
            "median_ms": round(statistics.median(found.values()), 1),
        },
    )
