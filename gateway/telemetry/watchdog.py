"""Notices when the event loop stands still: something blocks that should not.

A peer's connection, a heartbeat and a commit all wait for the same loop, so a stall
of a tenth of a second is a defect, and is said (promise P38).
"""

import asyncio
from collections import deque

import structlog

from gateway.ports.world import Clock, Metrics

log = structlog.get_logger()

TOLERATED_STALL_S = 0.1
_TICK_S = 0.05
_WINDOW_S = 60.0


class LoopWatchdog:
    """Measures how late the loop wakes it.

    Attributes:
        longest_s: Longest stall since the start, in seconds.
    """

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._stalls: deque[tuple[float, float]] = deque()
        self._waiting: asyncio.TimerHandle | None = None
        self.longest_s = 0.0

    async def run(self) -> None:
        """Measure, for ever; what was found is said at the end."""
        try:
            self._wait()
            await asyncio.Event().wait()
        finally:
            if self._waiting is not None:
                self._waiting.cancel()
            log.info("loop_watched", longest_stall_ms=round(self.longest_s * 1000))

    def _wait(self) -> None:
        # A timer alone: a task that sleeps wakes the loop twice, and on an idle node
        # this is most of what there is to do.
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(_TICK_S, self._tick, self._clock.monotonic_s())

    def _tick(self, before_s: float) -> None:
        self.tick(before_s)
        self._wait()

    def tick(self, before: float) -> None:
        """Note how much later than asked a tick ends that began at `before`."""
        after = self._clock.monotonic_s()
        stall_s = max(after - before - _TICK_S, 0.0)
        if stall_s > TOLERATED_STALL_S:
            log.warning("loop_stalled", stall_ms=round(stall_s * 1000))
        self._note(after, stall_s)
        self.longest_s = max(self.longest_s, stall_s)
        self._metrics.gauge("mla_loop_stall_seconds", self._stalls[0][1])
        self._metrics.gauge("mla_loop_stall_longest_seconds", self.longest_s)

    def _note(self, now: float, stall_s: float) -> None:
        """Keep the longest stall of the window in front, in constant work a tick."""
        while self._stalls and self._stalls[-1][1] <= stall_s:
            self._stalls.pop()
        self._stalls.append((now, stall_s))
        while self._stalls[0][0] < now - _WINDOW_S:
            self._stalls.popleft()
