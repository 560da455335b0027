"""Notices when the event loop stands still: something blocks that should not.

A peer's connection, a heartbeat and a commit all wait for the same loop, so a stall
of a tenth of a second is a defect, and is said (promise P38).
"""

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
        self.longest_s = 0.0

    async def run(self) -> None:
        """Measure, for ever; what was found is said at the end."""
        try:
            while True:
                await self.tick()
        finally:
            log.info("loop_watched", longest_stall_ms=round(self.longest_s * 1000))

    async def tick(self) -> None:
        """Wait one tick and note how much later than asked it ended."""
        before = self._clock.monotonic_s()
        await self._clock.sleep(_TICK_S)
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
