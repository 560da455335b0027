"""Every list and search page of the admin API, and how long each takes."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import msgspec

from gateway.admin import (
    node_shapes,
    shapes,
    stamp_shapes,
    watch_shapes,
    witness_shapes,
)
from gateway.client import calls, watch_calls
from gateway.client.call import Call
from tests.support.processes import RunningNode

T = TypeVar("T")

_TIMES = 3
# Small enough for the limit on calls of one account.
_PAUSE_S = 0.055
# Its proofs are real ones, unlike those of the messages that were timed.
_SEEDED_REF = "ref-7"
_DAYS_AGO = "2026-01-01T00:00:00.000Z"


def measured(node: RunningNode, tell: Callable[[str], None]) -> dict[str, float]:
    """Return the median milliseconds of each page, with the call and its decoding."""
    found = {}
    for name, call in _pages(node):
        took = statistics.median(_once(call) for _ in range(_TIMES))
        tell(f"{took:7.1f} ms  {name}")
        found[name] = took
    return found


def _once(ask: Callable[[], object]) -> float:
    time.sleep(_PAUSE_S)
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _pages(node: RunningNode) -> Iterator[tuple[str, Callable[[], object]]]:
    def page_of(call: Call[T]) -> Callable[[], object]:
        return partial(node.client.send, call)

    seeded = shapes.MessageQuery(sender_ref=_SEEDED_REF, limit=1)
    (one,) = node.send(calls.list_messages(seeded)).items
    for name, fields in _filters(one).items():
        query = msgspec.convert(fields, shapes.MessageQuery)
        yield f"messages {name}", page_of(calls.list_messages(query))
        page = node.send(calls.list_messages(query))
        if page.next:
            following = msgspec.structs.replace(query, cursor=page.next)
            yield f"messages {name}, next page", page_of(calls.list_messages(following))
    yield "message", page_of(calls.show_message(one.id))
    yield "timeline", page_of(calls.timeline(one.id))
    yield "receipts", page_of(calls.receipts(one.id))
    yield "changes from the first", page_of(calls.changes(shapes.ChangesQuery()))
    size = node.send(calls.log_checkpoint()).size
    yield "log, last", page_of(calls.log_entries(node_shapes.EntriesQuery()))
    yield (
        "log, middle",
        page_of(calls.log_entries(node_shapes.EntriesQuery(start=size // 2))),
    )
    yield "log entry", page_of(calls.log_entry(size // 3))
    yield "checkpoint", page_of(calls.log_checkpoint())
    yield "log check", page_of(watch_calls.log_check())
    yield "owed", page_of(watch_calls.log_owed(watch_shapes.OwedQuery()))
    yield "peers", page_of(calls.list_peers())
    yield "peer", page_of(calls.show_peer(newest_peer(node)))
    yield "statistics", page_of(calls.stats())
    yield "figures", page_of(calls.metrics())
    yield "operators", page_of(calls.list_operators())
    yield "witnesses", page_of(calls.witnesses())
    yield "rounds", page_of(calls.rounds(witness_shapes.RoundsQuery()))
    yield "conflicts", page_of(calls.conflicts())
    yield "stamps", page_of(calls.log_stamps(stamp_shapes.StampsQuery()))
    yield "diagnostics", page_of(calls.diagnostics())


def newest_peer(node: RunningNode) -> str:
    """Return the peer of a node that has one."""
    return node.send(calls.list_peers()).items[0].id


def _filters(one: shapes.Message) -> Mapping[str, Mapping[str, str]]:
    """Return one filter of each sort; some of them let little through."""
    return {
        "all": {},
        "in": {"box": "in"},
        "out": {"box": "out"},
        "queue": {"box": "out", "state": "queued"},
        "held": {"box": "out", "state": "held"},
        "unopened": {"box": "in", "state": "received"},
        "erased, of which there are none": {"state": "erased"},
        "since": {"since": _DAYS_AGO},
        "peer": {"peer": one.peer},
        "peer and state": {"peer": one.peer, "state": "delivered"},
        "unknown peer": {"peer": "nobody.xx"},
        "case": {"case": one.case},
        "type": {"type": "ANS"},
        "type and rare state": {"type": "CLR", "state": "cancelled"},
        "type and no state": {"type": "CLR", "state": "erased"},
        "type and unknown peer": {"type": "CLR", "peer": "nobody.xx"},
        "reference": {"sender_ref": _SEEDED_REF},
        "key": {"idempotency_key": "key-00000001"},
    }
