"""Patience without waiting: time passes when somebody sleeps."""

from dataclasses import dataclass, field

from gateway.client.patience import Patience


@dataclass(slots=True)
class Sleeps:
    """A clock that only sleeping moves, and how long each sleep was."""

    slept: list[float] = field(default_factory=list)

    def patience(self, limit_s: float = 600) -> Patience:
        """Return patience that waits on this clock."""
        return Patience(limit_s=limit_s, sleep=self.slept.append, clock=self.now)

    def now(self) -> float:
        """Return the time."""
        return sum(self.slept)
