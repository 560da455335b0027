"""Small messages first: work on evidence pauses while a message is being handled.

Both share one loop and few processors. A piece of a file can wait a tenth of a second;
a message that waits for many pieces would be late (promise of isolation, section 10.6).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Evidence goes on at this pace at least, however many messages there are.
_LONGEST_WAIT_S = 0.1


class GivingWay:
    """Knows whether a message is being handled just now."""

    def __init__(self) -> None:
        self._messages = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def handling_message(self) -> Iterator[None]:
        """Let evidence wait as long as the block runs."""
        self._messages += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._messages -= 1
            if not self._messages:
                self._idle.set()

    async def give_way(self) -> None:
        """Return when no message is being handled, or after a tenth of a second."""
        if self._idle.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._idle.wait()
