"""The report of who owes whom a receipt (specification, section 8.12).

For every message sent: the receipt, its proof in the recipient's log, and that log
vouched for by somebody else than its owner. For every message received: its files, our
receipt seen, our events acknowledged. What is not there in time is a line.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.errors import UsageError
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.exchange import Exchange
from gateway.ports.owed import Owed, OwedKind, OwedQuestion
from gateway.ports.peers import Peer

RECEIPT_WITHIN_MS = 60 * 60_000
URGENT_RECEIPT_WITHIN_MS = 10 * 60_000
MOST_COUNTED = 1_000
_MEASURE_S = 60.0

THEIRS = frozenset({OwedKind.RECEIPT, OwedKind.WITNESS, OwedKind.EVIDENCE})
_KINDS = tuple(OwedKind)
_CURSOR = re.compile(r"([a-z-]{1,20}):([0-9]{1,17}):([a-z0-9.-]{3,64})\Z")

Covered = Callable[[str], Awaitable[int]]
"""Returns up to which size somebody else than its owner speaks for a log."""


@dataclass(frozen=True, slots=True)
class OwedLine:
    """One line of the report."""

    peer: AuthorityId
    kind: OwedKind
    owed: Owed

    @property
    def cursor(self) -> str:
        """Where to go on after this line."""
        return f"{self.kind}:{self.owed.place}:{self.peer}"


class OwedReport:
    """Tells what is owed, and how much, peer by peer.

    Args:
        exchange: Peers, store, clock.
        covered: Who else speaks for a peer's log.
    """

    def __init__(self, exchange: Exchange, covered: Covered) -> None:
        self._exchange = exchange
        self._covered = covered

    async def page(
        self, peers: Sequence[Peer], *, cursor: str, limit: int
    ) -> tuple[list[OwedLine], str]:
        """Return lines, peer by peer and kind by kind, and where to go on.

        Raises:
            UsageError: The cursor is not one of this report.
        """
        start = _parse(cursor) if cursor else None
        lines: list[OwedLine] = []
        for peer in sorted(peers, key=lambda one: one.authority):
            for kind in _KINDS:
                after = _after(start, peer.authority, kind)
                room = limit + 1 - len(lines)
                if after is None or room <= 0:
                    continue
                lines += await self._lines(peer, kind, after=after, limit=room)
        if len(lines) <= limit:
            return lines, ""
        return lines[:limit], lines[limit - 1].cursor

    async def count(self, peer: Peer) -> Mapping[OwedKind, int]:
        """Return how much of each kind is owed, counted up to 1,000."""
        return {
            kind: len(await self._lines(peer, kind, after=-1, limit=MOST_COUNTED))
            for kind in _KINDS
        }

    async def run(self) -> None:
        """Publish the counts every minute, for ever."""
        while True:
            await self.measure()
            await self._exchange.clock.sleep(_MEASURE_S)

    async def measure(self) -> None:
        """Publish the counts."""
        for peer in self._exchange.directory.peers():
            for kind, count in (await self.count(peer)).items():
                self._exchange.metrics.gauge(
                    "mla_owed", count, peer=peer.authority, what=kind.value
                )

    async def _lines(
        self, peer: Peer, kind: OwedKind, *, after: int, limit: int
    ) -> list[OwedLine]:
        now = self._exchange.clock.now()
        origin = peer.card.log_origin
        is_witness = kind is OwedKind.WITNESS
        question = OwedQuestion(
            peer.authority,
            kind,
            urgent_before=UnixMs(now - URGENT_RECEIPT_WITHIN_MS),
            routine_before=UnixMs(now - RECEIPT_WITHIN_MS),
            peer_origin=origin,
            covered_size=await self._covered(origin) if is_witness else 0,
            seen_size=await self._seen(peer.authority),
        )
        found = await self._exchange.store.owed(question, after=after, limit=limit)
        return [OwedLine(peer.authority, kind, one) for one in found]

    async def _seen(self, peer: AuthorityId) -> int:
        """Return what a peer has linked of our log: said since the start, or before."""
        now = self._exchange.clock.now()
        stored = await self._exchange.store.traffic(peer, now)
        return max(stored.known_seen_size, self._exchange.our_log_seen.size(peer))


def _parse(cursor: str) -> tuple[str, OwedKind, int]:
    match = _CURSOR.match(cursor)
    if match is None or match[1] not in set(OwedKind):
        raise UsageError("cursor: expected one that a page of this report ended with")
    return match[3], OwedKind(match[1]), int(match[2])


def _after(
    start: tuple[str, OwedKind, int] | None, peer: AuthorityId, kind: OwedKind
) -> int | None:
    """Return after which place to read a kind of a peer; None if it was read."""
    if start is None:
        return -1
    at = (start[0], _KINDS.index(start[1]))
    here = (peer, _KINDS.index(kind))
    if here < at:
        return None
    return start[2] if here == at else -1
