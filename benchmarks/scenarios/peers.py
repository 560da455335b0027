"""S2: our exchange beside pyas2lib over mutual TLS, in turn, with the same payload.

What AS2 gives people is less: a signed receipt, and payload and receipt flushed to
files. No queue survives a crash, nothing is logged or proven to anybody else, nothing
is sealed at rest, no form is checked. Its time for one large payload, and the memory
that takes, stand beside.
"""

import os
from collections.abc import Iterator
from statistics import median

from benchmarks.exchanging import exchange
from benchmarks.figures import Figure, Setting
from benchmarks.forms import small_request
from benchmarks.neighbours import neighbours
from benchmarks.peers.as2_pair import PARALLEL, Order, Pair, running_as2_pair
from gateway.core import canonical

GOAL = 25.0

_MIB = 1024 * 1024
# Messages of ours and of theirs in a round, rounds, MiB of the large payload.
_AMOUNTS, _QUICK_AMOUNTS = (5_000, 200, 2, 16), (1_000, 60, 1, 4)
_WARM_UP = 2 * PARALLEL


def measure(setting: Setting) -> Iterator[Figure]:
    """Measure both in turn, then what a large payload costs there.

    Raises:
        ImportError: pyas2lib is not installed.
    """
    ours_a_round, theirs_a_round, rounds, mib = (
        _QUICK_AMOUNTS if setting.is_quick else _AMOUNTS
    )
    order = Order(canonical.encode(small_request()), theirs_a_round)
    as2, home = setting.folder / "as2", setting.folder / "ours"
    as2.mkdir()
    home.mkdir()
    with running_as2_pair(as2) as pair, neighbours(home) as nodes:
        pair.exchange(Order(order.payload, _WARM_UP))
        theirs, ours = [_per_s(pair, order)], []
        for number in range(rounds):
            found = exchange(
                nodes,
                ours_a_round,
                setting.tell,
                first_key=number * ours_a_round,
            )
            ours.append(found.per_s)
            theirs.append(_per_s(pair, order))
        yield _exchange_figure(ours, theirs, len(order.payload))
        yield from _large(pair, mib * _MIB)


def _per_s(pair: Pair, order: Order) -> float:
    return order.count / pair.exchange(order)


def _exchange_figure(
    ours: list[float],
    theirs: list[float],
    payload_bytes: int,
) -> Figure:
    return Figure(
        scenario="S2",
        name="exchange_to_pyas2lib",
        what="queued to delivered ÷ pyas2lib with signed receipts",
        value=median(ours) / median(theirs),
        unit="ratio",
        goal=GOAL,
        context={
            "ours_a_second": round(median(ours), 1),
            "theirs_a_second": round(median(theirs), 1),
            "theirs_under_way_at_once": PARALLEL,
            "payload_bytes": payload_bytes,
        },
    )


def _large(pair: Pair, size: int) -> Iterator[Figure]:
    """Yield speed and memory of a large payload, one at a time."""
    before = pair.memory_mib()
    seconds = pair.exchange(Order(os.urandom(size), count=1, parallel=1))
    grown = [peak - was for peak, was in zip(pair.peak_mib(), before, strict=True)]
    context: dict[str, float | str] = {
        "payload_mib": size / _MIB,
        "sender_grew_mib": round(grown[0], 1),
        "receiver_grew_mib": round(grown[1], 1),
    }
    yield Figure(
        scenario="S2",
        name="pyas2lib_large",
        what="pyas2lib, one large payload",
        value=size / _MIB / seconds,
        unit="MiB/s",
        context=context,
    )
    yield Figure(
        scenario="S2",
        name="pyas2lib_memory",
        what="pyas2lib, memory of the hungrier side ÷ payload",
        value=max(grown) * _MIB / size,
        unit="ratio",
        context=context,
    )
