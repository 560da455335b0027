"""S15: what a node costs that has nothing to do: memory and processor time.

Two nodes that know each other and have exchanged a message, left alone for a while.
Each is counted with all its child processes; the worse of the two is the figure.
"""

import time
from collections.abc import Iterator

from benchmarks.asking import Caller
from benchmarks.figures import Figure, Setting
from benchmarks.neighbours import cpu_s, neighbours, processes_of, resident_bytes
from benchmarks.scenarios.latency import deliver_one
from gateway.admin.route import PREFIX
from gateway.core.limits import MIB

_SETTLING_S = 3.0
_GOAL_MIB, _GOAL_PERCENT = 90.0, 0.5


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield memory held and share of a core used."""
    seconds = 20.0 if setting.is_quick else 90.0
    with neighbours(setting.folder) as nodes:
        with Caller(nodes[0]) as caller:
            deliver_one(caller)
        with Caller(nodes[1]) as caller:
            caller.get(f"{PREFIX}/messages?limit=1")
        time.sleep(_SETTLING_S)
        groups = [processes_of(node) for node in nodes]
        before_s = [cpu_s(pids) for pids in groups]
        began_s = time.monotonic()
        time.sleep(seconds)
        took_s = time.monotonic() - began_s
        used_s = [
            cpu_s(pids) - before for pids, before in zip(groups, before_s, strict=True)
        ]
        resident = [resident_bytes(pids) / MIB for pids in groups]
    yield Figure(
        scenario="S15",
        name="idle_memory",
        what="idle node: resident memory",
        value=max(resident),
        unit="MiB",
        goal=_GOAL_MIB,
        is_at_most=True,
        context={"other_node": min(resident)},
    )
    yield Figure(
        scenario="S15",
        name="idle_cpu",
        what="idle node: processor time",
        value=100 * max(used_s) / took_s,
        unit="% of a core",
        goal=_GOAL_PERCENT,
        is_at_most=True,
        context={"other_node": 100 * min(used_s) / took_s, "seconds": took_s},
    )
