"""S14: the longest time for which the event loop of any node stood still.

Every scenario before this one has left what its nodes said of their loops. Run alone,
it lets messages be exchanged first.
"""

from collections.abc import Iterator

from benchmarks.exchanging import exchange
from benchmarks.figures import Figure, Setting
from benchmarks.loop_stalls import longest_stall_ms
from benchmarks.neighbours import neighbours
from benchmarks.running import STALL

_MESSAGES = 1_000
_GOAL_MS = 100.0


def measure(setting: Setting) -> Iterator[Figure]:
    """Give the longest stall of all scenarios of this run."""
    stalls = {
        one.name.removeprefix(STALL): one.value
        for one in setting.earlier
        if one.name.startswith(STALL)
    }
    if not stalls:
        with neighbours(setting.folder) as nodes:
            exchange(nodes, _MESSAGES, setting.tell)
        stalls = {"exchange": longest_stall_ms(setting.folder) or 0.0}
    worst = max(stalls, key=lambda name: stalls[name])
    yield Figure(
        scenario="S14",
        name="longest_loop_stall",
        what="longest stall of a node's event loop",
        value=stalls[worst],
        unit="ms",
        goal=_GOAL_MS,
        is_at_most=True,
        context={"during": worst, **stalls},
    )
