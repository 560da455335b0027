"""Maintenance windows: peers are told `later`, nothing is sent, until the end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, UsageError
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.exchange import Exchange
from gateway.ports.halts import Window

log = structlog.get_logger()

LONGEST_WINDOW_MS: Final = 7 * 86_400_000
"""Messages expire, and peers give up: nobody maintains a node for longer at once."""

# The clock of the wall may be set meanwhile.
_LOOK_AGAIN_S = 30.0
_NODE = Act("node", "node", "its time is over")


class Maintenance:
    """Begins and ends windows."""

    def __init__(
        self, exchange: Exchange, *, wake: Callable[[AuthorityId], None]
    ) -> None:
        self._exchange = exchange
        self._wake = wake
        self._changed = asyncio.Event()

    def window(self) -> Window | None:
        """Return the window that is open now."""
        halts = self._exchange.halts
        is_on = halts.maintained_until(self._exchange.clock.now())
        return halts.window if is_on else None

    async def begin(self, until: UnixMs, act: Act) -> Window:
        """Begin a window, or give the open one another end.

        Raises:
            UsageError: It would end before now, or in more than seven days.
        """
        now = self._exchange.clock.now()
        if not now < until <= now + LONGEST_WINDOW_MS:
            raise UsageError("until: expected a moment of the next seven days")
        await self.tidy()
        window = await self._exchange.store.begin_window(until, act, now)
        self._exchange.halts.window = window
        self._changed.set()
        log.warning("maintenance_begun", until=until, by=act.actor)
        return window

    async def end(self, act: Act) -> Window:
        """End the open window before its time.

        Raises:
            ConflictError: There is none.
        """
        if self.window() is None:
            raise ConflictError("maintenance: there is no window to end")
        return await self._end(act)

    async def run(self) -> None:
        """End windows when their time is over, for ever."""
        while True:
            await self.tidy()
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s()):
                    await self._changed.wait()

    async def tidy(self) -> None:
        """Log the end of a window whose time is over, and go on with the peers."""
        window = self._exchange.halts.window
        if window is not None and window.until <= self._exchange.clock.now():
            await self._end(_NODE)

    async def _end(self, act: Act) -> Window:
        window = await self._exchange.store.end_window(act, self._exchange.clock.now())
        self._exchange.halts.window = None
        self._changed.set()
        log.info("maintenance_ended", by=act.actor)
        for peer in self._exchange.directory.peers():
            self._wake(peer.authority)
        return window

    def _wait_s(self) -> float:
        """Return for how long nothing changes by itself."""
        window = self._exchange.halts.window
        if window is None:
            return _LOOK_AGAIN_S
        left_s = (window.until - self._exchange.clock.now()) / 1_000
        return max(0.0, min(left_s, _LOOK_AGAIN_S))
