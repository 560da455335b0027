"""What a database must be able to list of what is owed: verbs on rows."""

from typing import Protocol

from gateway.ports.owed import Owed, OwedQuestion


class OwedReader(Protocol):
    """What is owed, a kind a verb; places and order as in `gateway.ports.owed`."""

    def owed_offers(
        self, asked: OwedQuestion, rank: int, after: int, limit: int
    ) -> list[Owed]:
        """Return offered messages of a rank (0 urgent, 1 routine), by number."""
        ...

    def owed_witnesses(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages whose receipt lies beyond the covered size, by its leaf."""
        ...

    def owed_evidence(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages of the peer that wait for files, by number."""
        ...

    def owed_receipts(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages whose receipt the peer has not seen, by log index."""
        ...

    def owed_events(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages with an event that the peer did not acknowledge, by entry."""
        ...
