"""A peer that floods another, in a process of its own."""

import asyncio
import contextlib
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from benchmarks.forms import small_request
from gateway.assembly.node import Node
from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError
from gateway.core.values import AuthorityId
from gateway.flows.submission import Submission
from tests.support.impostor import lying_delivery, taken_over

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_ACT = Act("benchmark", "officer", "a flood")
_FILLED_AT_ONCE = 64
_GARBAGE_BYTES = 256 * 1024
_GARBAGE_AT_ONCE = 12
_AFTER_REFUSAL_S = 0.01
_STARTS_WITHIN_S = 60.0
_NICE = 19


class Flood(Enum):
    """What a flooding peer sends, as fast as it may.

    Attributes:
        MESSAGES: Full batches of good messages from a full queue.
        GARBAGE: Bodies that are no delivery, over all connections it may have.
        LIES: Deliveries of which one envelope is not what was logged.
    """

    MESSAGES = "messages"
    GARBAGE = "garbage"
    LIES = "lies"


@dataclass(frozen=True, slots=True)
class Flooder:
    """A flooding peer in a process of its own, from outside."""

    _process: "Connection[object, object]"

    def begin(self, flood: Flood) -> None:
        """Begin to flood."""
        self._process.send(flood)

    def end(self) -> int:
        """Stop; return how many messages, or bodies of garbage, were sent."""
        self._process.send("stop")
        sent = self._process.recv()
        if not isinstance(sent, int):
            raise TypeError(f"internal: the flooder said {sent!r}")
        return sent


@contextmanager
def flooding_peer(home: Path, target: AuthorityId, messages: int) -> Iterator[Flooder]:
    """Give a peer that has so many messages in its queue and sends none yet.

    It runs on what the others leave of the processors: it stands for a machine of its
    own, whose time is not to be counted.

    Args:
        home: Of a node that knows the target and does not run.
        target: Who will be flooded.
        messages: How many to queue.
    """
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_run, args=(theirs, home, target, messages))
    process.start()
    theirs.close()
    try:
        if not ours.poll(_STARTS_WITHIN_S):
            raise TimeoutError("the flooding peer did not start")
        ours.recv()
        yield Flooder(ours)
    finally:
        ours.close()
        process.join(_AFTER_REFUSAL_S)
        process.terminate()
        process.join()


def _run(
    parent: "Connection[object, object]",
    home: Path,
    target: AuthorityId,
    messages: int,
) -> None:
    os.nice(_NICE)
    # Standard output is the benchmark's own: it may be JSON.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with contextlib.suppress(EOFError):
        asyncio.run(_obey(parent, home, target, messages))


async def _obey(
    parent: "Connection[object, object]",
    home: Path,
    target: AuthorityId,
    messages: int,
) -> None:
    async with taken_over(home) as node:
        await _fill(node, target, messages)
        parent.send("ready")
        while True:
            flood = Flood(await asyncio.to_thread(parent.recv))
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                flooding = group.create_task(_flood(node, target, flood, stop))
                await asyncio.to_thread(parent.recv)
                stop.set()
            parent.send(flooding.result())


async def _fill(node: Node, target: AuthorityId, messages: int) -> None:
    async def submit_some(count: int) -> None:
        for _ in range(count):
            await node.submit.submit(Submission(target, small_request(), _ACT))

    async with asyncio.TaskGroup() as group:
        for number in range(_FILLED_AT_ONCE):
            share = len(range(number, messages, _FILLED_AT_ONCE))
            group.create_task(submit_some(share))


async def _flood(
    node: Node,
    target: AuthorityId,
    flood: Flood,
    stop: asyncio.Event,
) -> int:
    if flood is Flood.GARBAGE:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_send_garbage(node, target, stop))
                for _ in range(_GARBAGE_AT_ONCE)
            ]
        return sum(task.result() for task in tasks)
    return await _send_batches(node, target, stop, lies=flood is Flood.LIES)


async def _send_batches(
    node: Node,
    target: AuthorityId,
    stop: asyncio.Event,
    *,
    lies: bool,
) -> int:
    delivery = lying_delivery(node, _with_a_lie if lies else lambda body: body)
    peer = node.exchange.directory.peer(target)
    if peer is None:
        raise LookupError(f"internal: {target} is no peer")
    sent = 0
    while not stop.is_set():
        try:
            offered = await delivery.deliver_due(peer)
        except GatewayError:
            offered = 0
        sent += offered
        if not offered:
            await asyncio.sleep(_AFTER_REFUSAL_S)
    return sent


def _with_a_lie(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1])


async def _send_garbage(node: Node, target: AuthorityId, stop: asyncio.Event) -> int:
    sent = 0
    while not stop.is_set():
        try:
            await node.base.client.deliver(target, os.urandom(_GARBAGE_BYTES))
        except GatewayError as error:
            if error.code not in {"malformed", "too-large"}:
                await asyncio.sleep(_AFTER_REFUSAL_S)
        sent += 1
    return sent
