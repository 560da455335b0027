"""The stream of log entries to a system that watches many: how it is reached."""

from collections.abc import Sequence
from typing import Protocol


class EventStream(Protocol):
    """A connection that carries messages one way, made anew when it breaks."""

    async def open(self) -> None:
        """Connect, unless it is connected.

        Raises:
            UnreachableError: No connection; says why.
        """
        ...

    async def send(self, messages: Sequence[bytes]) -> None:
        """Hand over messages; that says nothing yet of whether they have arrived.

        Raises:
            UnreachableError: The connection is lost: what was sent may be, too.
        """
        ...

    def is_whole(self) -> bool:
        """Tell whether the connection stands as far as can be seen."""
        ...

    def is_taken(self) -> bool:
        """Tell whether the other machine has everything that was sent."""
        ...

    async def close(self) -> None:
        """End the connection."""
        ...
