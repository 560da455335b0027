"""Counting what a peer gets wrong, so that it costs us little and itself a wait.

Counted per peer and told to operators once a minute, never one by one: what a peer can
make us write is bounded (invariant I7).
"""

import structlog

from gateway.core.values import AuthorityId
from gateway.flows.exchange import Exchange

log = structlog.get_logger()

_ITEMS_A_MINUTE = 60


class BadItems:
    """Counts a peer's bad items; past the budget they cost it a back-off."""

    def __init__(self, exchange: Exchange, event: str) -> None:
        self._exchange = exchange
        self._event = event
        self._counts: dict[AuthorityId, tuple[int, int]] = {}

    def is_spent(self, peer: AuthorityId) -> bool:
        """Tell whether the peer has used up its budget of this minute."""
        return self._count(peer) >= _ITEMS_A_MINUTE

    def spend(self, peer: AuthorityId, code: str) -> bool:
        """Count a bad item; return whether the budget still covered it."""
        is_covered = not self.is_spent(peer)
        count = self._count(peer) + 1
        self._counts[peer] = (self._minute(), count)
        self._exchange.metrics.count("mla_refused_total", peer=peer, code=code)
        if count == 1:
            log.error(self._event, peer=peer, code=code)
        return is_covered

    def _count(self, peer: AuthorityId) -> int:
        minute, count = self._counts.get(peer, (0, 0))
        return count if minute == self._minute() else 0

    def _minute(self) -> int:
        return int(self._exchange.clock.monotonic_s() // 60)
