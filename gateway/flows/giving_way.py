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
# Of so many messages a step counts as one of few.
FEW_MESSAGES = 16
# Many messages wait for few ones for so long at a time, and never longer.
_LONGEST_PASSING_S = 0.05
# Few messages were about a moment ago: more of them are expected.
_ABOUT_S = 1.0


class GivingWay:
    """Knows whether messages are being handled just now."""

    def __init__(self) -> None:
        self._exchanging = _Busy()
        self._few = _Busy(lingers_s=0.0)
        self._reading = _Busy()
        self._few_until_s = 0.0
        self._passing_not_before_s = 0.0

    @contextmanager
    def handling_message(
        self, messages: int = 0, *, longest_s: float = _LONGEST_STEP_S
    ) -> Iterator[None]:
        """Let other work wait as long as the block runs, and a moment longer.

        Args:
            messages: How many there are, if that is known: few go before many.
            longest_s: Then others go on although the block still runs.
        """
        with self._exchanging.during(longest_s):
            if not 0 < messages <= FEW_MESSAGES:
                yield
                return
            with self._few.during(longest_s):
                yield
            loop = asyncio.get_running_loop()
            self._few_until_s = loop.time() + _ABOUT_S

    @property
    def are_few_about(self) -> bool:
        """Whether few messages are being handled, or were a moment ago."""
        now_s = asyncio.get_running_loop().time()
        return self._few.is_on or now_s < self._few_until_s

    async def let_few_pass(self, messages: int) -> None:
        """Breathe between some of many messages: few that are handled go first.

        Many are never held up for more than half of their time.

        Args:
            messages: How many the caller handles; few wait for nobody.
        """
        now_s = asyncio.get_running_loop().time()
        if messages > FEW_MESSAGES and now_s >= self._passing_not_before_s:
            await self._few.over(_LONGEST_PASSING_S)
            after_s = asyncio.get_running_loop().time()
            self._passing_not_before_s = 2 * after_s - now_s
        await asyncio.sleep(0)

    @contextmanager
    def reading_messages(self) -> Iterator[None]:
        """Let the checks of the log wait: received messages are being read."""
        with self._reading.during(_LONGEST_STEP_S):
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

    def __init__(self, lingers_s: float = _BETWEEN_STEPS_S) -> None:
        self._lingers_s = lingers_s
        self._steps: set[object] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def is_on(self) -> bool:
        return not self._idle.is_set()

    @contextmanager
    def during(self, longest_s: float) -> Iterator[None]:
        loop, step = asyncio.get_running_loop(), object()
        self._steps.add(step)
        self._idle.clear()
        too_long = loop.call_later(longest_s, self._end, step)
        try:
            yield
        finally:
            too_long.cancel()
            if self._lingers_s:
                loop.call_later(self._lingers_s, self._end, step)
            else:
                self._end(step)

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
