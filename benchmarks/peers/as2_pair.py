"""Two processes that exchange AS2 messages over HTTPS with mutual TLS 1.3.

aiohttp on both sides, connections kept open, several messages under way. The receiver
flushes the payload to a file before it answers, the sender the receipt before it
counts the message. There is no queue and no retry, no log, no proof that anything was
logged, no protection of what is stored, no check of the form, and what was seen before
is forgotten at a crash.
"""

import asyncio
import multiprocessing
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from benchmarks.limits.wire import Certificates
from benchmarks.peers.as2 import RECEIVER, SENDER, Side, make_keys

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PARALLEL = 8

_HOST = "127.0.0.1"
_MIB = 1024 * 1024
_MAX_BODY = 1024 * _MIB
_STARTS_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """What the sender is asked to send.

    Attributes:
        parallel: How many messages are under way at once.
    """

    payload: bytes
    count: int
    parallel: int = PARALLEL


@dataclass(frozen=True, slots=True)
class Pair:
    """Both processes, from outside."""

    _sender: "Connection[Order, float]"
    _pids: tuple[int, int]

    def exchange(self, order: Order) -> float:
        """Exchange messages until the last receipt is stored; return seconds.

        Raises:
            EOFError: The sender has ended over an error, which it has printed.
        """
        self._sender.send(order)
        return self._sender.recv()

    def memory_mib(self) -> tuple[float, float]:
        """Return what sender and receiver have in RAM now."""
        return self._read("VmRSS")

    def peak_mib(self) -> tuple[float, float]:
        """Return the most that sender and receiver ever had in RAM."""
        return self._read("VmHWM")

    def _read(self, name: str) -> tuple[float, float]:
        sender, receiver = (_status_mib(pid, name) for pid in self._pids)
        return sender, receiver


@contextmanager
def running_as2_pair(folder: Path) -> Iterator[Pair]:
    """Give a sender and a receiver that are ready."""
    make_keys(folder)
    Certificates.make(folder)
    spawning = multiprocessing.get_context("spawn")
    to_receiver, theirs = spawning.Pipe()
    receiver = spawning.Process(target=_receiver, args=(theirs, folder))
    processes = [receiver]
    try:
        receiver.start()
        theirs.close()
        port = _first_word(to_receiver)
        to_sender, theirs = spawning.Pipe()
        sender = spawning.Process(target=_sender, args=(theirs, folder, port))
        processes.append(sender)
        sender.start()
        theirs.close()
        _first_word(to_sender)
        yield Pair(to_sender, (sender.pid or 0, receiver.pid or 0))
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _first_word(process: "Connection[object, object]") -> object:
    if not process.poll(_STARTS_WITHIN_S):
        raise TimeoutError("a process of the AS2 pair did not start")
    return process.recv()


def _receiver(parent: "Connection[int, object]", folder: Path) -> None:
    asyncio.run(_serve(parent, folder))


async def _serve(parent: "Connection[int, object]", folder: Path) -> None:
    side, store = Side(folder, RECEIVER), folder / "received"
    store.mkdir()

    async def take(request: web.Request) -> web.Response:
        taken = side.take(request.headers, await request.read())
        _keep(store / taken.message_id, taken.payload)
        return web.Response(body=taken.body, headers=taken.headers)

    application = web.Application(client_max_size=_MAX_BODY)
    application.router.add_post("/as2", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    context = Certificates.of(folder).context(is_server=True)
    await web.TCPSite(runner, _HOST, 0, ssl_context=context).start()
    parent.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def _sender(parent: "Connection[object, Order]", folder: Path, port: int) -> None:
    asyncio.run(_send_orders(parent, folder, port))


async def _send_orders(
    parent: "Connection[object, Order]", folder: Path, port: int
) -> None:
    url = f"https://{_HOST}:{port}/as2"
    sender = _Sender(folder, url, Certificates.of(folder).context(is_server=False))
    async with sender.session:
        parent.send("ready")
        while True:
            order = await asyncio.to_thread(parent.recv)
            parent.send(await sender.exchange(order))


class _Sender:
    def __init__(self, folder: Path, url: str, context: ssl.SSLContext) -> None:
        self._side = Side(folder, SENDER)
        self._url = url
        self._store = folder / "receipts"
        self._store.mkdir()
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context, limit=0),
        )

    async def exchange(self, order: Order) -> float:
        """Send what was ordered and return how many seconds it took."""
        began = time.perf_counter()
        numbers = iter(range(order.count))
        async with asyncio.TaskGroup() as group:
            for _ in range(order.parallel):
                group.create_task(self._send(order.payload, numbers))
        return time.perf_counter() - began

    async def _send(self, payload: bytes, numbers: Iterator[int]) -> None:
        for _ in numbers:
            sealed = self._side.seal(payload)
            async with self.session.post(
                self._url,
                data=sealed.body,
                headers=sealed.headers,
            ) as response:
                response.raise_for_status()
                body = await response.read()
            self._side.check_receipt(sealed.message, response.headers, body)
            _keep(self._store / sealed.message.message_id, body)


def _keep(path: Path, content: bytes) -> None:
    """Write a file and flush it to the disk."""
    with path.open("xb", buffering=0) as file:
        file.write(content)
        os.fsync(file.fileno())


def _status_mib(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024
