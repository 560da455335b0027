"""Failed logins: counted by source for refusing, logged with their count.

State is bounded and in memory: a restart forgives, and nothing that counts depends on
it. Whoever has what it takes always gets in: who fails on purpose must not lock others
out (specification, section 13.1).
"""

from dataclasses import dataclass, field

from gateway.core.entries.disclosures import Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import GatewayError, NotAuthenticatedError
from gateway.ports.log import LogStore
from gateway.ports.world import Clock

EVERYBODY_ELSE = "other"

_MAX_SOURCES = 1_024
_REPORT_INTERVAL_S = 60.0


@dataclass(frozen=True, slots=True)
class FailureLimits:
    """What one source may get wrong before it is told to wait.

    Attributes:
        failed_logins: Within `window_s`.
    """

    failed_logins: int = 10
    window_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Where:
    """What failures are counted by.

    Attributes:
        source: Where they came from.
        account: The account that was named, if there is one of that name.
    """

    source: str
    account: str = ""


@dataclass(slots=True)
class _Failures:
    """Failed logins of one source.

    Attributes:
        in_window: How many since `window_at_s`.
        unreported: How many no entry of the log counts yet.
        reported_at_s: When the last entry was due.
    """

    window_at_s: float
    in_window: int = 0
    unreported: int = 0
    reported_at_s: float = field(default=float("-inf"))


class LoginFailures:
    """Counts failed logins. Time is handed in, in seconds that never go back."""

    def __init__(self, limits: FailureLimits) -> None:
        self._limits = limits
        self._counts: dict[Where, _Failures] = {}
        self._untold = 0

    @property
    def has_untold(self) -> bool:
        """Whether there are failures that no entry of the log counts yet."""
        return self._untold > 0

    def note(self, where: Where, now_s: float) -> bool:
        """Count a failure; return whether the source has used up its failures."""
        failures = self._of(where, now_s)
        if now_s - failures.window_at_s >= self._limits.window_s:
            failures.window_at_s, failures.in_window = now_s, 0
        failures.in_window += 1
        failures.unreported += 1
        self._untold += 1
        return failures.in_window > self._limits.failed_logins

    def due(self, now_s: float, *, is_last: bool = False) -> list[tuple[Where, int]]:
        """Return sources and counts that an entry is due for, and take them as told.

        At most one a source and minute, so that guessing does not fill the log.
        """
        found: list[tuple[Where, int]] = []
        for where, failures in self._counts.items():
            waited_s = now_s - failures.reported_at_s
            if failures.unreported and (is_last or waited_s >= _REPORT_INTERVAL_S):
                found.append((where, failures.unreported))
                self._untold -= failures.unreported
                failures.unreported, failures.reported_at_s = 0, now_s
        return found

    def restore(self, untold: list[tuple[Where, int]]) -> None:
        """Count again what could not be logged."""
        for where, count in untold:
            if where in self._counts:
                self._counts[where].unreported += count
                self._untold += count

    def _of(self, where: Where, now_s: float) -> _Failures:
        if where not in self._counts and len(self._counts) >= _MAX_SOURCES:
            self._forget_old(now_s)
        if where not in self._counts and len(self._counts) >= _MAX_SOURCES:
            where = Where(EVERYBODY_ELSE)
        return self._counts.setdefault(where, _Failures(now_s))

    def _forget_old(self, now_s: float) -> None:
        self._counts = {
            where: failures
            for where, failures in self._counts.items()
            if failures.unreported
            or now_s - failures.window_at_s < self._limits.window_s
        }


class FailedLogins:
    """Notes failed logins of every kind, and sees that the log tells of them."""

    def __init__(
        self, store: LogStore, clock: Clock, limits: FailureLimits | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits or FailureLimits()
        self._failures = LoginFailures(self._limits)

    @property
    def window_s(self) -> int:
        """How long a source that failed too often is told to wait."""
        return int(self._limits.window_s)

    @property
    def has_untold(self) -> bool:
        """Whether there are failures that no entry of the log counts yet."""
        return self._failures.has_untold

    async def note(self, where: Where) -> bool:
        """Count a failure and log what is due; return whether it was one too many."""
        is_over = self._failures.note(where, self._clock.monotonic_s())
        await self.report()
        return is_over

    async def report(self, *, is_last: bool = False) -> None:
        """Log failures that are due to be logged: one entry a source and minute."""
        due = self._failures.due(self._clock.monotonic_s(), is_last=is_last)
        if not due:
            return
        now = self._clock.now()
        drafts = [
            EntryDraft(
                "auth.fail",
                now,
                {"count": count, "res": NotAuthenticatedError.code},
                _about(where),
            )
            for where, count in due
        ]
        try:
            await self._store.append(drafts)
        except GatewayError:
            self._failures.restore(due)
            raise


def _about(where: Where) -> tuple[Disclosure, ...]:
    source = Disclosure("source", where.source)
    if not where.account:
        return (source,)
    return source, Disclosure("detail", f"account {where.account}")
