"""How long to try again, and how long to wait in between."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.client.streams import STREAM_TIMEOUT_S
from gateway.core.errors import GatewayError, TryLaterError, UnreachableError

PASSING = (UnreachableError, TryLaterError)
"""Errors that time may heal."""


@dataclass(frozen=True, slots=True)
class Patience:
    """When to try again, and when to give up.

    Attributes:
        first_pause_s: Before the first repetition; doubles each time.
        longest_pause_s: Pauses grow no longer, unless the node asks for a longer one.
        limit_s: Given up after so long without any progress.
    """

    first_pause_s: float = 0.5
    longest_pause_s: float = 10
    limit_s: float = 600
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class Attempts:
    """The attempts at one transfer."""

    def __init__(self, patience: Patience, *, remedy: str) -> None:
        """Take what bounds the attempts.

        Args:
            patience: When to try again.
            remedy: What to tell a person when they are given up.
        """
        self._patience = patience
        self._remedy = remedy
        self._pause_s = patience.first_pause_s
        self._give_up_at: float | None = None

    def progressed(self) -> None:
        """Note that something was gained: what went wrong before is forgotten."""
        self._pause_s = self._patience.first_pause_s
        self._give_up_at = None

    @contextlib.contextmanager
    def moving(self) -> Iterator[None]:
        """Do not count the time in which bytes were on the move.

        What takes longer than one read or write may take has moved some.
        """
        started_at = self._patience.clock()
        try:
            yield
        finally:
            moved_s = self._patience.clock() - started_at - STREAM_TIMEOUT_S
            if self._give_up_at is not None and moved_s > 0:
                self._give_up_at += moved_s

    def failed(self, error: GatewayError) -> None:
        """Wait until it is time for another attempt.

        Raises:
            UnreachableError: There was no progress for too long.
        """
        # Counted from the first failure: what went well for hours before it is no
        # reason to give up at once.
        now = self._patience.clock()
        if self._give_up_at is None:
            self._give_up_at = now + self._patience.limit_s
        if now >= self._give_up_at:
            raise UnreachableError(
                f"given up after {self._patience.limit_s:.0f} s without progress, "
                f"last because of {error}; {self._remedy}",
            ) from error
        asked_s = error.retry_after_s if isinstance(error, TryLaterError) else 0
        self._patience.sleep(
            min(max(self._pause_s, asked_s), self._give_up_at - now),
        )
        self._pause_s = min(self._pause_s * 2, self._patience.longest_pause_s)
