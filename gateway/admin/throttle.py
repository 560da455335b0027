"""How much one caller may ask, and how visible guessing a token is (P33).

Time is handed in, in seconds that never go back; state is bounded and in memory: a
restart forgives, and nothing that counts depends on it.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field

from gateway.admin.services import AdminLimits
from gateway.core.errors import QuotaError

_MAX_CALLERS = 1_024
_MAX_SOURCES = 1_024
_REPORT_INTERVAL_S = 60.0
_IPV6_NETWORK_BITS = 64
EVERYBODY_ELSE = "other"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at_s: float


class RequestRate:
    """A bucket of requests for each account."""

    def __init__(self, limits: AdminLimits) -> None:
        self._limits = limits
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, caller: str, now_s: float) -> None:
        """Count one request.

        Raises:
            QuotaError: The account has used up what it may ask for now.
        """
        bucket = self._buckets.pop(caller, None)
        if bucket is None:
            bucket = _Bucket(self._limits.burst, now_s)
        self._buckets[caller] = bucket
        if len(self._buckets) > _MAX_CALLERS:
            self._buckets.popitem(last=False)
        gained = (now_s - bucket.filled_at_s) * self._limits.requests_per_s
        bucket.tokens = min(bucket.tokens + gained, self._limits.burst)
        bucket.filled_at_s = now_s
        if bucket.tokens < 1:
            raise QuotaError(
                f"requests: more than {self._limits.requests_per_s:g} a second",
                retry_after_s=1,
            )
        bucket.tokens -= 1


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
    """Counts failed logins by source, for refusing and for the log.

    A valid token always gets in: who fails on purpose must not lock others out.
    """

    def __init__(self, limits: AdminLimits) -> None:
        self._limits = limits
        self._sources: dict[str, _Failures] = {}
        self._untold = 0

    @property
    def has_untold(self) -> bool:
        """Whether there are failures that no entry of the log counts yet."""
        return self._untold > 0

    def note(self, source: str, now_s: float) -> bool:
        """Count a failure; return whether the source has used up its failures."""
        failures = self._of(source, now_s)
        if now_s - failures.window_at_s >= self._limits.failure_window_s:
            failures.window_at_s, failures.in_window = now_s, 0
        failures.in_window += 1
        failures.unreported += 1
        self._untold += 1
        return failures.in_window > self._limits.failed_logins

    def due(self, now_s: float, *, is_last: bool = False) -> list[tuple[str, int]]:
        """Return sources and counts that an entry is due for, and take them as told.

        At most one a source and minute, so that guessing does not fill the log.
        """
        found: list[tuple[str, int]] = []
        for source, failures in self._sources.items():
            waited_s = now_s - failures.reported_at_s
            if failures.unreported and (is_last or waited_s >= _REPORT_INTERVAL_S):
                found.append((source, failures.unreported))
                self._untold -= failures.unreported
                failures.unreported, failures.reported_at_s = 0, now_s
        return found

    def restore(self, untold: list[tuple[str, int]]) -> None:
        """Count again what could not be logged."""
        for source, count in untold:
            if source in self._sources:
                self._sources[source].unreported += count
                self._untold += count

    def _of(self, source: str, now_s: float) -> _Failures:
        if source not in self._sources and len(self._sources) >= _MAX_SOURCES:
            self._forget_old(now_s)
        if len(self._sources) >= _MAX_SOURCES:
            source = EVERYBODY_ELSE
        return self._sources.setdefault(source, _Failures(now_s))

    def _forget_old(self, now_s: float) -> None:
        self._sources = {
            source: failures
            for source, failures in self._sources.items()
            if failures.unreported
            or now_s - failures.window_at_s < self._limits.failure_window_s
        }


def source_of(address: str | None) -> str:
    """Return what failures are counted by: an IPv4 address or IPv6 /64 network."""
    if not address:
        return EVERYBODY_ELSE
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return EVERYBODY_ELSE
    if parsed.version == 6:  # noqa: PLR2004 - the version of IPv6
        network = ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False)
        return str(network)
    return str(parsed)
