"""The one system clock, and the watch over the disk."""

import asyncio
import os
import random
import time
from pathlib import Path

from gateway.core.errors import DiskReserveError
from gateway.core.values import UnixMs
from gateway.ports.world import Metrics

_SPREAD = random.SystemRandom()


class SystemClock:
    """The machine's clock and timers."""

    def now(self) -> UnixMs:
        """Return the wall-clock time."""
        return UnixMs(time.time_ns() // 1_000_000)

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def spread(self) -> float:
        """Return a random share, 0 to 1."""
        return _SPREAD.random()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class DiskWatch:
    """Refuses new work when a disk that something is stored on runs short.

    Args:
        folder: Lies on the disk that is watched.
        reserve_bytes: Kept free for receipts and log entries.
        metrics: Told what is free, if this is the disk that figures are of.
    """

    def __init__(
        self,
        folder: Path,
        reserve_bytes: int,
        metrics: Metrics | None = None,
    ) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._metrics = metrics

    def free_bytes(self) -> int:
        """Return what an ordinary account may still write."""
        status = os.statvfs(self._folder)
        free = status.f_bavail * status.f_frsize
        if self._metrics is not None:
            self._metrics.gauge("mla_disk_free_bytes", free)
        return free

    def check(self, wanted_bytes: int) -> None:
        """Return if `wanted_bytes` more may be stored beside the reserve.

        Raises:
            DiskReserveError: They may not.
        """
        free = self.free_bytes()
        if free - wanted_bytes < self._reserve_bytes:
            raise DiskReserveError(
                f"disk: {free} bytes free, {self._reserve_bytes} are kept in reserve",
                retry_after_s=60,
            )
