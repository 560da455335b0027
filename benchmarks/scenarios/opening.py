"""S13: opening one message: the access is logged durably, then it is decrypted.

From the first byte of the request to the first byte of the answer, over a connection
that is open, at the node that received the message. Every message is opened for the
first time, so that its sender is told as well, beside what is measured.
"""

import statistics
import time
from collections.abc import Iterator

import msgspec

from benchmarks.asking import Caller
from benchmarks.figures import Figure, Setting
from benchmarks.neighbours import neighbours
from benchmarks.scenarios.latency import deliver_one
from gateway.admin.route import PREFIX

_GOAL_MS = 15.0
_WITHIN_S = 20.0
_PAUSE_S = 0.05  # the sender has been told of the opening before the next one


class _Row(msgspec.Struct):
    id: str
    state: str


def measure(setting: Setting) -> Iterator[Figure]:
    """Yield the median time to the first byte."""
    messages = 40 if setting.is_quick else 300
    with (
        neighbours(setting.folder) as (sender, receiver),
        Caller(sender) as submitter,
        Caller(receiver) as reader,
    ):
        for _ in range(messages):
            deliver_one(submitter)
        times_ms = []
        for row in _received(reader, messages):
            path = f"{PREFIX}/messages/{row.id}/open"
            answer = reader.post(path, {"purpose": "to answer it"})
            times_ms.append(answer.first_byte_ms)
            time.sleep(_PAUSE_S)
    times_ms.sort()
    yield Figure(
        scenario="S13",
        name="open_first_byte",
        what="open one message: access logged, decrypted, first byte, median",
        value=statistics.median(times_ms),
        unit="ms",
        goal=_GOAL_MS,
        is_at_most=True,
        context={"p99_ms": times_ms[len(times_ms) * 99 // 100], "messages": messages},
    )


def _received(reader: Caller, messages: int) -> list[_Row]:
    """Return the messages there are, once all are validated.

    Raises:
        TimeoutError: They are not in time.
    """
    ends_at_s = time.monotonic() + _WITHIN_S
    while time.monotonic() < ends_at_s:
        page = reader.get(f"{PREFIX}/messages?box=in&limit={messages}")
        rows = msgspec.convert(page.document["items"], list[_Row])
        if len(rows) == messages:
            time.sleep(1)
            return rows
        time.sleep(0.1)
    raise TimeoutError(f"not all of {messages} messages were received")
