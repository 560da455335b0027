"""Exchange first: other work pauses while messages are being handled.

All share one loop and few processors. A piece of a file, a page of the log or a form to
be read can wait a little; a message that waits for many of them would be late (promise
of isolation, section 10.6). Nothing waits for ever: each says how long at most.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Evidence goes on at this pace at least, however many messages there are.
_LONGEST_WAIT_S = 0.1
# What one step of a message leaves behind, the next takes up within this time: once
# accepted, it is offered.
_BETWEEN_STEPS_S = 0.02
# A message that takes longer waits for its peer, and evidence for others goes on.
_LONGEST_STEP_S = 0.5


class GivingWay:
    """Knows whether messages are being handled just now."""

    def __init__(self) -> None:
        self._exchanging = _Busy()
        self._reading = _Busy()

    @contextmanager
    def handling_message(self) -> Iterator[None]:
        """Let other work wait as long as the block runs, and a moment longer."""
        with self._exchanging.during():
            yield

    @contextmanager
    def reading_messages(self) -> Iterator[None]:
        """Let the checks of the log wait: received messages are being read."""
        with self._reading.during():
            yield

    async def give_way(self, longest_s: float = _LONGEST_WAIT_S) -> None:
        """Return when no message is being handled, or after so many seconds."""
        await self._exchanging.over(longest_s)

    async def give_way_to_all(self, longest_s: float) -> None:
        """Return when messages are neither handled nor read, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._exchanging.over(longest_s)
                await self._reading.over(longest_s)


class _Busy:
    """Whether work of one sort is under way."""

    def __init__(self) -> None:
        self._steps: set[object] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def during(self) -> Iterator[None]:
        loop, step = asyncio.get_running_loop(), object()
        self._steps.add(step)
        self._idle.clear()
        too_long = loop.call_later(_LONGEST_STEP_S, self._end, step)
        try:
            yield
        finally:
            too_long.cancel()
            loop.call_later(_BETWEEN_STEPS_S, self._end, step)

    def _end(self, step: object) -> None:
        self._steps.discard(step)
        if not self._steps:
            self._idle.set()

    async def over(self, longest_s: float) -> None:
        if self._idle.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await self._idle.wait()
