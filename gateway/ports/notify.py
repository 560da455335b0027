"""Telling somebody of an alarm by means of the authority's own."""

from typing import Protocol


class Notifier(Protocol):
    """Runs the authority's program: it calls, texts or mails a person."""

    @property
    def is_configured(self) -> bool:
        """Whether there is such a program."""

    async def notify(self, told: bytes) -> str:
        """Hand over one JSON object and wait until it is dealt with.

        Returns:
            Why it was not, for the log of operators; empty if it was.
        """
        ...
