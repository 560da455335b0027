"""How much one caller may ask, and what a caller's address counts as.

Time is handed in, in seconds that never go back; state is bounded and in memory: a
restart forgives, and nothing that counts depends on it.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

from gateway.admin.services import AdminLimits
from gateway.core.errors import QuotaError
from gateway.flows.failed_logins import EVERYBODY_ELSE

_MAX_CALLERS = 1_024
_IPV6_NETWORK_BITS = 64


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
