"""Holes in running numbers: seen by the receiver, told to the sender, alarming both.

Messages between two nodes are numbered without gaps. A number that did not come, is
not closed, and that its sender does not name as under way is a message that somebody
lost, or took out. The receiver knows; the sender asks (specification, section 10.7).
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from gateway.core.errors import GatewayError, NotFoundError
from gateway.core.missing import MissingReply
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.exchange import Exchange

log = structlog.get_logger()

HOLE_ALARM_MS = 10 * 60_000
_ASK_S = 60.0
# Of a peer that did not answer.
_AGAIN_S = 15.0
_TICK_S = 5.0

Ranges = Sequence[tuple[int, int]]


class NumberWatch:
    """Looks for holes in both directions."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._due_at_s: dict[AuthorityId, float] = {}
        self._alarming: dict[tuple[AuthorityId, str], Ranges] = {}

    async def run(self) -> None:
        """Look, for ever; at a new peer within seconds."""
        while True:
            await self.look(is_due=self._is_due)
            await self._exchange.clock.sleep(_TICK_S)

    def _is_due(self, peer: AuthorityId) -> bool:
        return self._exchange.clock.monotonic_s() >= self._due_at_s.get(peer, 0.0)

    async def look(
        self, *, is_due: Callable[[AuthorityId], bool] = lambda _peer: True
    ) -> None:
        """Look for holes with every peer that is due, and publish what there is."""
        peers = [peer.authority for peer in self._exchange.directory.peers()]
        for key in [one for one in self._alarming if one[0] not in peers]:
            del self._alarming[key]
        async with asyncio.TaskGroup() as looking:
            for peer in filter(is_due, peers):
                looking.create_task(self._look_at(peer))

    async def _look_at(self, peer: AuthorityId) -> None:
        self._note(peer, "received", await self._holes(peer))
        told = await self._ask(peer)
        if told is not None:
            self._note(peer, "sent", told)
        wait_s = _AGAIN_S if told is None else _ASK_S
        self._due_at_s[peer] = self._exchange.clock.monotonic_s() + wait_s

    async def answer(self, peer: AuthorityId) -> MissingReply:
        """Answer a peer which of its numbers are missing here."""
        return MissingReply(missing=list(await self._holes(peer)))

    def missing_there(self, peer: AuthorityId) -> Ranges:
        """Return which of our numbers a peer said it misses, when it was last asked."""
        return self._alarming.get((peer, "sent"), ())

    async def _holes(self, peer: AuthorityId) -> Ranges:
        """Return the holes in a peer's numbers that are old enough to alarm."""
        now = self._exchange.clock.now()
        traffic = await self._exchange.store.traffic(peer, now)
        before = UnixMs(now - HOLE_ALARM_MS)
        return [(one.first, one.last) for one in traffic.holes if one.since <= before]

    async def _ask(self, peer: AuthorityId) -> Ranges | None:
        """Ask a peer which of ours it misses; None if it does not answer.

        What is still under way from here, whatever the peer was told, is no hole.
        """
        now = self._exchange.clock.now()
        if (await self._exchange.store.traffic(peer, now)).failures:
            return None  # left alone until a message gets through
        try:
            reply = await self._exchange.transport.missing_numbers(peer)
        except NotFoundError:
            return []  # of a version without this call
        except GatewayError as error:
            log.debug("missing_not_asked", peer=peer, code=error.code)
            return None
        pending = await self._exchange.store.pending_seqs(peer)
        return [
            (first, last)
            for first, last in reply.missing
            if not any(a <= first and last <= b for a, b in pending)
        ]

    def _note(self, peer: AuthorityId, side: str, ranges: Ranges) -> None:
        """Publish holes; say it once when they change."""
        count = sum(last - first + 1 for first, last in ranges)
        self._exchange.metrics.gauge("mla_seq_holes", count, peer=peer, side=side)
        known = self._alarming.pop((peer, side), ())
        if ranges:
            self._alarming[peer, side] = ranges
        if ranges and list(ranges) != list(known):
            log.error("numbers_missing", peer=peer, side=side, ranges=list(ranges))
        elif known and not ranges:
            log.info("numbers_complete", peer=peer, side=side)
