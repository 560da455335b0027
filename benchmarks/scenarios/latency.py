"""S3: one message between idle nodes, from the request to its verified receipt.

Measured by who submits: the request asks to wait for the outcome (`Prefer: wait`), and
is answered once the receipt was verified and stored at the sender. So the figure is
from the first byte of the request to the answer that says `delivered`, one look into
the store and HTTP both ways included.
"""

import statistics
import time
from collections.abc import Iterator

import msgspec

from benchmarks.asking import Caller, RefusedError
from benchmarks.figures import Figure, Setting
from benchmarks.forms import small_request
from benchmarks.neighbours import neighbours
from gateway.admin.route import PREFIX
from gateway.core.values import parse_time

_WAIT = {"Prefer": "wait=20"}
_PAUSE_S = 0.02  # the nodes are idle again before the next message
_GOAL_P50_MS, _GOAL_P99_MS = 15.0, 50.0


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield median and 99th percentile of the time to the receipt."""
    messages = 100 if setting.is_quick else 1000
    with neighbours(setting.folder) as (node, _), Caller(node) as caller:
        for _ in range(20):
            deliver_one(caller)
        times_ms = []
        for _ in range(messages):
            times_ms.append(deliver_one(caller))
            time.sleep(_PAUSE_S)
        stored_ms = _as_recorded(caller)
    times_ms.sort()
    yield Figure(
        scenario="S3",
        name="receipt_p50",
        what="one message, idle nodes: request to verified receipt, median",
        value=statistics.median(times_ms),
        unit="ms",
        goal=_GOAL_P50_MS,
        is_at_most=True,
        context={"by_the_nodes_clock_ms": stored_ms},
    )
    yield Figure(
        scenario="S3",
        name="receipt_p99",
        what="one message, idle nodes: request to verified receipt, 99th percentile",
        value=times_ms[len(times_ms) * 99 // 100],
        unit="ms",
        goal=_GOAL_P99_MS,
        is_at_most=True,
        context={"longest_ms": times_ms[-1], "messages": messages},
    )


def deliver_one(caller: Caller) -> float:
    """Submit a message and wait for its receipt; return the milliseconds it took.

    Raises:
        RefusedError: It was not delivered.
    """
    request = {"to": "pgr.pt", "message": small_request()}
    answer = caller.post(f"{PREFIX}/messages", request, _WAIT)
    if answer.document["state"] not in ("delivered", "opened"):
        raise RefusedError(f"state {answer.document['state']}")
    return answer.whole_ms


def _as_recorded(caller: Caller) -> float:
    """Return the median from accept to receipt as the node wrote the two moments."""
    page = caller.get(f"{PREFIX}/messages?box=out&limit=100")
    rows = msgspec.convert(page.document["items"], list[_Row])
    return statistics.median(
        parse_time(row.updated_at) - parse_time(row.created_at) for row in rows
    )


class _Row(msgspec.Struct):
    created_at: str
    updated_at: str
