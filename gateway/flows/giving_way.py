"""Small messages first: work on evidence pauses while a message is being handled.

Both share one loop and few processors. A piece of a file can wait a tenth of a second;
a message that waits for many pieces would be late (promise of isolation, section 10.6).
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
    """Knows whether a message is being handled just now."""

    def __init__(self) -> None:
        self._steps: set[object] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def handling_message(self) -> Iterator[None]:
        """Let evidence wait as long as the block runs, and a moment longer."""
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

    async def give_way(self) -> None:
        """Return when no message is being handled, or after a tenth of a second."""
        if self._idle.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._idle.wait()
