"""Clients that post bodies over connections they keep: a program of its own.

    python -m benchmarks.post_load < load.json

As lean as may be, so that what is measured is the server: one HTTP/1.1 request at a
time on each connection, written by hand, its answer read by length. Reads one JSON
object and prints one.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import cast

import msgspec

_HOST = "127.0.0.1"
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to post.

    Attributes:
        body: The same for every request.
        token: Bearer token; empty for none.
        clients: Connections, each with one request at a time.
        requests: In all.
        first_key: Number of the first idempotency key; every request has its own.
        status: The only status that is a success.
    """

    port: int
    path: str
    body: str
    clients: int
    requests: int
    token: str = ""
    first_key: int = 0
    status: int = 200


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """How it went.

    Attributes:
        seconds: From the first request to the last answer; connecting is not in it.
        times_ms: Of every request, sorted.
    """

    seconds: float
    times_ms: Sequence[float]


class FailedPostError(Exception):
    """An answer was not the one that counts as success."""


class _Client(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, run: "_Run", done: asyncio.Future[None]) -> None:
        self._run = run
        self._done = done
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._began_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(FailedPostError(f"connection lost: {exc}"))

    def next(self) -> None:
        """Send the next request, or end if there is none left."""
        request = self._run.next_request()
        if request is None:
            self._done.set_result(None)
            return
        self._began_s = time.perf_counter()
        if self._transport is not None:
            self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_ends = self._received.find(_HEAD_END)
        if head_ends < 0:
            return
        head = self._received[:head_ends].lower()
        _, _, rest = head.partition(_LENGTH)
        body_at = head_ends + len(_HEAD_END)
        length = int(rest.split(b"\r\n", 1)[0])
        if len(self._received) < body_at + length:
            return
        self._run.times_ms.append((time.perf_counter() - self._began_s) * 1000)
        if not head.startswith(self._run.expected):
            answer = self._received.decode(errors="replace")
            self._done.set_exception(FailedPostError(answer))
            return
        self._received = b""
        self.next()


class _Run:
    """What the connections share."""

    def __init__(self, load: Load) -> None:
        body = load.body.encode()
        self.times_ms: list[float] = []
        self.expected = b"http/1.1 %d" % load.status
        self._keys = iter(range(load.first_key, load.first_key + load.requests))
        self._head = (
            f"POST {load.path} HTTP/1.1\r\nHost: {_HOST}:{load.port}\r\n"
            f"Authorization: Bearer {load.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Idempotency-Key: load-"
        ).encode()
        self._body = body

    def next_request(self) -> bytes | None:
        key = next(self._keys, None)
        if key is None:
            return None
        return b"%b%d\r\n\r\n%b" % (self._head, key, self._body)


async def post(load: Load) -> Loaded:
    """Post until all requests are answered.

    Raises:
        FailedPostError: One was refused, or a connection was lost.
    """
    loop = asyncio.get_running_loop()
    run = _Run(load)
    clients: list[_Client] = []
    ends: list[asyncio.Future[None]] = []
    try:
        for _ in range(load.clients):
            end: asyncio.Future[None] = loop.create_future()
            client = _Client(run, end)
            await loop.create_connection(lambda: client, _HOST, load.port)  # noqa: B023 - called at once
            clients.append(client)
            ends.append(end)
        began_s = time.perf_counter()
        for client in clients:
            client.next()
        await asyncio.gather(*ends)
        seconds = time.perf_counter() - began_s
    finally:
        for client in clients:
            client.close()
        # The loop closes sockets in its next turn.
        await asyncio.sleep(0)
    return Loaded(seconds=seconds, times_ms=sorted(run.times_ms))


def main() -> None:
    """Post what the input says."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    print(msgspec.json.encode(asyncio.run(post(load))).decode())


if __name__ == "__main__":
    main()
