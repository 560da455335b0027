"""Rows of attempts that came to nothing."""

from gateway.core.values import UnixMs
from gateway.ports.outbox import FailedAttempt
from gateway.storage.sqlite.running import Running


class AttemptLookupSql(Running):
    """Verbs of `gateway.storage.attempt_verbs.AttemptLookup`."""

    def failed_attempts(self, number: int) -> list[FailedAttempt]:
        """Return what is kept of a message's attempts, by its number, oldest first."""
        found = [
            FailedAttempt(attempt, UnixMs(at), code)
            for attempt, at, code in self._rows("failed_attempts", (number,))
        ]
        return sorted(found, key=lambda one: one.attempt)


class AttemptWritesSql(AttemptLookupSql):
    """Verbs of `gateway.storage.attempt_verbs.AttemptWrites`."""

    def put_failed_attempt(self, number: int, slot: int, one: FailedAttempt) -> None:
        """Keep an attempt in place of what the slot of the message held."""
        self._write("put_failed_attempt", (number, slot, one.attempt, one.at, one.code))

    def drop_failed_attempts(self, number: int) -> None:
        """Forget those of a message."""
        self._write("drop_failed_attempts", (number,))
