"""Whether the clock jumped and nobody has confirmed it yet.

Until then nothing expires, and nothing is removed for good: what is decided by the
date must not be decided by a wrong one.
"""

from dataclasses import dataclass

from gateway.core.errors import ClockError


@dataclass(slots=True)
class ClockHold:
    """Set by those who watch the clock, asked by those who decide by it.

    Attributes:
        is_held: Whether the time is in doubt.
    """

    is_held: bool = False

    def check(self, what: str) -> None:
        """Return if the time may be relied on.

        Raises:
            ClockError: It may not.
        """
        if self.is_held:
            raise ClockError(f"{what}: no peer has confirmed the time after a jump")
