"""Rows of attempts that came to nothing, in memory."""

from gateway.ports.outbox import FailedAttempt
from gateway.storage.memory.tables import Journal, Tables


class AttemptLookupMemory:
    """Verbs of `gateway.storage.attempt_verbs.AttemptLookup`."""

    _tables: Tables

    def failed_attempts(self, number: int) -> list[FailedAttempt]:
        """Return what is kept of a message's attempts, by its number, oldest first."""
        rows = self._tables.failed_attempts.items()
        found = [one for (owner, _), one in rows if owner == number]
        return sorted(found, key=lambda one: one.attempt)


class AttemptWritesMemory(AttemptLookupMemory):
    """Verbs of `gateway.storage.attempt_verbs.AttemptWrites`."""

    _journal: Journal

    def put_failed_attempt(self, number: int, slot: int, one: FailedAttempt) -> None:
        """Keep an attempt in place of what the slot of the message held."""
        self._journal.put(self._tables.failed_attempts, (number, slot), one)

    def drop_failed_attempts(self, number: int) -> None:
        """Forget those of a message."""
        table = self._tables.failed_attempts
        for key in [key for key in table if key[0] == number]:
            self._journal.drop(table, key)
