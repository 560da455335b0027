"""What a database must be able to do with attempts that came to nothing."""

from typing import Protocol

from gateway.ports.outbox import FailedAttempt


class AttemptLookup(Protocol):
    """What can be read of attempts in any transaction."""

    def failed_attempts(self, number: int) -> list[FailedAttempt]:
        """Return what is kept of a message's attempts, by its number, oldest first."""
        ...


class AttemptWrites(AttemptLookup, Protocol):
    """What changes them."""

    def put_failed_attempt(self, number: int, slot: int, one: FailedAttempt) -> None:
        """Keep an attempt in place of what the slot of the message held."""
        ...

    def drop_failed_attempts(self, number: int) -> None:
        """Forget those of a message."""
        ...
