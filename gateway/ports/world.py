"""The clock, chance and figures."""

from typing import Protocol

from gateway.core.values import UnixMs


class Clock(Protocol):
    """Where times come from; a virtual one replays a run."""

    def now(self) -> UnixMs:
        """Return the wall-clock time, for what is written down."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for intervals."""
        ...

    def spread(self) -> float:
        """Return a random share, 0 to 1, for jitter."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Metrics(Protocol):
    """Figures for operators. Peers are labels; messages and people never are."""

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a counter."""
        ...

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add a value to a histogram."""
        ...

    def gauge(self, name: str, value: float, /, **labels: str) -> None:
        """Set a gauge."""
        ...


class DiskGuard(Protocol):
    """Watches the space that durable storage needs."""

    def check(self, wanted_bytes: int) -> None:
        """Return if `wanted_bytes` more may be stored beside the reserve.

        Raises:
            DiskReserveError: They may not; receipts and the log still fit.
        """
        ...
