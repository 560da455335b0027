"""Slowing down who guesses passwords, without locking anybody out.

Three counts of failures: of an account from one place, of an account from everywhere,
of a place for all accounts. Past a few, each makes the next attempt wait twice as long,
up to a minute. The last two leave alone who signed in to the account from that place
before, and none of them concerns passkeys, single sign-on, one-time links and tokens,
which nobody guesses: so there is always a way in (specification, section 13.1).

An attempt counts as failed from its beginning: who makes a thousand at once is not
ahead. Time is handed in, in seconds that never go back. State is bounded and in memory:
a restart forgives.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from gateway.core.errors import QuotaError

_MAX_COUNTS = 4_096
_LONGEST_S = 60.0
_FORGIVEN_AFTER_S = 900.0
_MAX_DOUBLINGS = 6


@dataclass(slots=True)
class _Count:
    failed: int
    last_at_s: float


class _Counts:
    """Failures by key; the least recent go first when there are too many."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._counts: OrderedDict[Hashable, _Count] = OrderedDict()

    def wait_s(self, key: Hashable, now_s: float) -> float:
        count = self._counts.get(key)
        if count is None or now_s - count.last_at_s >= _FORGIVEN_AFTER_S:
            return 0.0
        over = count.failed - self._free
        if over < 0:
            return 0.0
        pause_s = min(_LONGEST_S, float(2 ** min(over, _MAX_DOUBLINGS)))
        return max(0.0, count.last_at_s + pause_s - now_s)

    def add(self, key: Hashable, now_s: float) -> None:
        count = self._counts.pop(key, None)
        if count is None or now_s - count.last_at_s >= _FORGIVEN_AFTER_S:
            count = _Count(0, now_s)
        count.failed += 1
        count.last_at_s = now_s
        self._counts[key] = count
        if len(self._counts) > _MAX_COUNTS:
            self._counts.popitem(last=False)

    def take_back(self, key: Hashable) -> None:
        count = self._counts.get(key)
        if count is not None:
            count.failed -= 1

    def forget(self, key: Hashable) -> None:
        self._counts.pop(key, None)


class SignInBrakes:
    """Says whether a password may be tried now."""

    def __init__(self) -> None:
        self._here = _Counts(free=5)
        self._everywhere = _Counts(free=20)
        self._place = _Counts(free=30)

    def check(self, account: str, source: str, now_s: float, *, is_known: bool) -> None:
        """Refuse an attempt that comes too early; count one that does not.

        Args:
            account: The name that was given, whether there is such an account or not.
            source: Where it comes from.
            now_s: The time.
            is_known: Somebody signed in to the account from there lately.

        Raises:
            QuotaError: With how long to wait.
        """
        waits_s = [self._here.wait_s((account, source), now_s)]
        if not is_known:
            waits_s.append(self._everywhere.wait_s(account, now_s))
            waits_s.append(self._place.wait_s(source, now_s))
        wait_s = max(waits_s)
        if wait_s > 0:
            raise QuotaError(
                "sign-in: too many wrong passwords; wait, or use another way in",
                retry_after_s=int(wait_s) + 1,
            )
        self._here.add((account, source), now_s)
        self._everywhere.add(account, now_s)
        self._place.add(source, now_s)

    def succeeded(self, account: str, source: str) -> None:
        """Forgive a place that got it right."""
        self._here.forget((account, source))
        self._everywhere.take_back(account)
        self._place.take_back(source)
