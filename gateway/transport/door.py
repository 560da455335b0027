"""Counts: half-open connections by source, descriptors, and bodies in memory."""

import contextlib
import ipaddress
import resource
import socket
from collections import Counter
from collections.abc import Iterator

from gateway.core.errors import QuotaError
from gateway.core.values import AuthorityId
from gateway.transport.limits import ListenerLimits

_NETWORK_PREFIX_BITS = 64
_BUSY_RETRY_S = 5


def source_of(host: str) -> str:
    """Return what counts as one source: an IPv4 address or an IPv6 /64 network.

    Whoever has one IPv6 address usually has 2^64 of them.
    """
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        network = ipaddress.ip_network((address, _NETWORK_PREFIX_BITS), strict=False)
        return str(network)
    return str(address)


class HalfOpen:
    """Connections between being accepted and being proven."""

    def __init__(self, limits: ListenerLimits) -> None:
        self._limits = limits
        self._by_source: Counter[str] = Counter()

    def refusal(self, connection: socket.socket, source: str) -> str:
        """Return why a connection is not even greeted, or an empty text."""
        if self._by_source.total() >= self._limits.half_open:
            return "too many handshakes"
        if self._by_source[source] >= self._limits.half_open_per_source:
            return "too many handshakes of this source"
        # The system gives out the lowest free number, so a high one means that
        # nearly all below are taken.
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if 0 <= soft - self._limits.reserved_descriptors <= connection.fileno():
            return "too few descriptors are left"
        return ""

    @contextlib.contextmanager
    def counted(self, source: str) -> Iterator[None]:
        """Count a handshake while it lasts."""
        self._by_source[source] += 1
        try:
            yield
        finally:
            self._by_source[source] -= 1
            # Sources come and go without end.
            if not self._by_source[source]:
                del self._by_source[source]


class BodyMemory:
    """Bytes of bodies in memory, of each peer and of all together."""

    def __init__(self, limits: ListenerLimits) -> None:
        self._limits = limits
        self._by_peer: Counter[AuthorityId] = Counter()

    @contextlib.contextmanager
    def reserved(self, peer: AuthorityId, length: int) -> Iterator[None]:
        """Reserve room for a body before the first byte of it is read.

        Raises:
            QuotaError: There is no room now, for this peer or at all.
        """
        if self._by_peer[peer] + length > self._limits.buffered_bytes_per_peer:
            raise QuotaError("body: too many at once", retry_after_s=_BUSY_RETRY_S)
        if self._by_peer.total() + length > self._limits.buffered_bytes:
            raise QuotaError("body: no room now", retry_after_s=_BUSY_RETRY_S)
        self._by_peer[peer] += length
        try:
            yield
        finally:
            self._by_peer[peer] -= length
