"""Keeping a stream of bytes within a bandwidth."""

from gateway.core.limits import KIB
from gateway.ports.world import Clock

# So much may go at once after a pause: a steady stream, not bursts.
_BURST_S = 0.25


class Pace:
    """Shares a bandwidth between all that take from it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bytes_s = 0
        self._next_s = 0.0

    def limit(self, kib_s: int) -> None:
        """Set the bandwidth in KiB a second; 0 for none."""
        self._bytes_s = kib_s * KIB

    async def take(self, length: int) -> None:
        """Return when so many bytes may go."""
        if not self._bytes_s:
            return
        now_s = self._clock.monotonic_s()
        self._next_s = max(self._next_s, now_s - _BURST_S)
        wait_s = self._next_s - now_s
        self._next_s += length / self._bytes_s
        if wait_s > 0:
            await self._clock.sleep(wait_s)
