"""Waiting for something to happen on behalf of a caller, bounded and interruptible."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from gateway.core.errors import QuotaError

T = TypeVar("T")

_FIRST_LOOK_S = 0.025
_LONGEST_LOOK_S = 0.25


class Waiting:
    """Looks again and again, ever less often, until there is something or time is up.

    The store is what is asked, not a signal from within: what another process of this
    authority commits is seen as well. A signal only makes the next look come at once.
    """

    def __init__(self, waits_per_caller: int) -> None:
        self._waits_per_caller = waits_per_caller
        self._waits: Counter[str] = Counter()
        self._is_stopping = False
        self._news = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._is_stopping

    def stop(self) -> None:
        """End every wait now: callers get what there is."""
        self._is_stopping = True
        self.nudge()

    def nudge(self) -> None:
        """Make every wait look again now: something has happened."""
        told, self._news = self._news, asyncio.Event()
        told.set()

    async def until(
        self,
        look: Callable[[], Awaitable[T | None]],
        *,
        wait_s: float,
        caller: str,
    ) -> T | None:
        """Return what `look` finds, or None once `wait_s` have passed without.

        Raises:
            QuotaError: The caller waits for too much at the same time.
        """
        # Taken before the look: what happens during it is looked for as well.
        news = self._news
        found = await look()
        if found is not None or wait_s <= 0:
            return found
        if self._waits[caller] >= self._waits_per_caller:
            raise QuotaError(
                f"waiting: more than {self._waits_per_caller} requests at once",
                retry_after_s=1,
            )
        self._waits[caller] += 1
        try:
            return await self._look_again(look, wait_s, news)
        finally:
            self._waits[caller] -= 1
            if not self._waits[caller]:
                del self._waits[caller]

    async def _look_again(
        self,
        look: Callable[[], Awaitable[T | None]],
        wait_s: float,
        news: asyncio.Event,
    ) -> T | None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + wait_s
        pause_s = _FIRST_LOOK_S
        while (left_s := ends_at - loop.time()) > 0 and not self._is_stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause_s, left_s)):
                    await news.wait()
            news = self._news
            found = await look()
            if found is not None:
                return found
            pause_s = min(pause_s * 1.5, _LONGEST_LOOK_S)
        return None
