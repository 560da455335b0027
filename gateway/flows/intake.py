"""A body on its way in: received into pieces, in the place where they are worked on.

An HTTP library hands a body on in many small copies. Once a head is read and says how
long the body is, its bytes can be received where they are wanted.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Protocol, cast

from gateway.core.errors import GatewayError
from gateway.core.limits import KIB, MIB

_PIECE_BYTES = 1 * MIB
# What one turn of the loop receives at most: others wait no longer for theirs.
_TURN_BYTES = 256 * KIB
# Where bytes go that nobody wants. One for all: nothing is read from it.
_DROPPED = memoryview(bytearray(64 * KIB))

Patience = Callable[[int, float], float]
"""Asked while a body is waited for, with the bytes that came since it was asked last,
and the seconds since the last one came or was asked for. Returns for how many seconds
to wait on, or raises a `GatewayError`."""


class Content(Protocol):
    """The body of a request, as the HTTP library has it."""

    total_bytes: int

    def read_nowait(self) -> bytes:
        """Return what has come and was not read."""
        ...

    def feed_eof(self) -> None:
        """Note that all has come."""
        ...


class Intake:
    """What is still to come of one body.

    One piece is filled while the one before is worked on; then nothing is received
    until the next is asked for.

    Args:
        begun: What has come of it with its head.
        length: Bytes that are to come beside those.
        set_reading: Lets the connection receive, or keeps it from that.
        ended: Called when all has come, if anything was to come.
    """

    def __init__(
        self,
        begun: bytes,
        length: int,
        *,
        set_reading: Callable[[bool], None],
        ended: Callable[[], None],
    ) -> None:
        self._ready: deque[bytes] = deque([begun] if begun else [])
        self._left = length
        self._set_reading = set_reading
        self._ended = ended
        self._room = bytearray()
        self._filled = 0
        self._came = len(begun)
        self._loop = asyncio.get_running_loop()
        self._moved_at_s = self._loop.time()
        self._is_paused = False
        self._is_dropped = False
        self._is_lost = False
        self._news = asyncio.Event()

    def buffer(self) -> memoryview:
        """Return where the next bytes go: room for no more than are to come."""
        if self._is_dropped:
            return _DROPPED[: self._left]
        if not self._room:
            self._room = bytearray(min(self._left, _PIECE_BYTES))
        return memoryview(self._room)[self._filled : self._filled + _TURN_BYTES]

    def received(self, length: int) -> None:
        """Count bytes that were put there."""
        self._left -= length
        self._came += length
        self._moved_at_s = self._loop.time()
        if not self._is_dropped:
            self._filled += length
            if self._filled == len(self._room):
                # Nobody writes to it any more, so it is as good as bytes.
                self._ready.append(cast("bytes", self._room))
                self._room, self._filled = bytearray(), 0
                self._pause(wanted=self._left > 0)
                self._news.set()
        if not self._left:
            self._ended()

    def lose(self) -> None:
        """Note that the connection has ended."""
        self._is_lost = True
        self._news.set()

    def drop(self) -> None:
        """Let go by what is still to come: nobody will ask for it."""
        self._is_dropped = True
        self._ready.clear()
        self._room, self._filled = bytearray(), 0
        self._pause(wanted=False)

    async def pieces(
        self,
        patience: Patience,
        lost: Callable[[], GatewayError],
    ) -> AsyncIterator[bytes]:
        """Yield the body, mostly in pieces of a mebibyte.

        If it breaks off, what had come is yielded first.

        Raises:
            GatewayError: What `patience` raises, or what `lost` gives if the connection
                has ended.
        """
        asked_at_s = self._loop.time()
        while self._ready or self._left:
            if self._ready:
                piece = self._ready.popleft()
                self._pause(wanted=False)
                yield piece
                asked_at_s = self._loop.time()
                continue
            try:
                if self._is_lost:
                    raise lost()
                await self._wait(patience, asked_at_s)
            except GatewayError:
                if self._filled:
                    yield bytes(self._room[: self._filled])
                raise

    async def _wait(self, patience: Patience, asked_at_s: float) -> None:
        quiet_s = self._loop.time() - max(asked_at_s, self._moved_at_s)
        came, self._came = self._came, 0
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience(came, quiet_s)):
                await self._news.wait()

    def _pause(self, *, wanted: bool) -> None:
        if wanted != self._is_paused:
            self._is_paused = wanted
            self._set_reading(not wanted)


def take_over(
    content: Content,
    length: int,
    transport: asyncio.Transport | None,
    ended: Callable[[], None],
) -> Intake:
    """Return what receives the body of a request from here on.

    Args:
        content: The body, of which nothing was read.
        length: Of all of it.
        transport: What it comes over; None if that has ended.
        ended: Called when all has come, if anything is still to come.
    """
    begun = bytearray()
    while len(begun) < content.total_bytes:
        begun += content.read_nowait()

    def set_reading(wanted: bool) -> None:  # noqa: FBT001 - a state, not an option
        if transport is None or transport.is_closing():
            return
        if wanted:
            transport.resume_reading()
        else:
            transport.pause_reading()

    def all_came() -> None:
        ended()
        content.feed_eof()

    return Intake(
        bytes(begun),
        length - len(begun),
        set_reading=set_reading,
        ended=all_came,
    )
