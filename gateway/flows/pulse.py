"""How many messages move, minute by minute: counted from the feed of changes.

Nothing is stored and nothing runs: whoever looks has the feed read from where the last
look ended. Who looks for the first time, or after long, begins where the window does.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.values import UnixMs
from gateway.ports.messages import Box, Change, MessageViews
from gateway.ports.world import Clock

MINUTE_MS: Final = 60_000
WINDOW_MINUTES: Final = 180

_PAGE = 1_000
# Of one look. A node that did more in the window is counted further by the next look.
_MAX_PAGES = 100
_FAILED = frozenset({OutboundState.REFUSED.value, OutboundState.EXPIRED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteCount:
    """What moved in one minute.

    Attributes:
        at: When it began.
        queued: Messages of ours that became ready to be sent.
        delivered: Messages of ours whose receipt was verified.
        failed: Messages of ours that were refused or expired.
        received: Messages of peers that were stored.
    """

    at: UnixMs
    queued: int = 0
    delivered: int = 0
    failed: int = 0
    received: int = 0


class Pulse:
    """Counts of the last minutes."""

    def __init__(self, store: MessageViews, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counts: OrderedDict[int, MinuteCount] = OrderedDict()
        self._cursor = 0
        self._read_at = UnixMs(0)
        self._turn = asyncio.Lock()

    async def minutes(self, count: int) -> tuple[MinuteCount, ...]:
        """Return the last minutes, oldest first, the present one last.

        Args:
            count: How many, at most `WINDOW_MINUTES`.
        """
        now = self._clock.now()
        async with self._turn:
            await self._follow(now)
        present = now // MINUTE_MS
        return tuple(
            self._counts.get(minute, MinuteCount(at=UnixMs(minute * MINUTE_MS)))
            for minute in range(present - count + 1, present + 1)
        )

    async def _follow(self, now: UnixMs) -> None:
        begin = UnixMs(now - WINDOW_MINUTES * MINUTE_MS)
        if self._read_at < begin:
            self._cursor = await self._before(begin)
        for _ in range(_MAX_PAGES):
            page = await self._store.changes(self._cursor, _PAGE)
            for change in page:
                self._count(change)
            if page:
                self._cursor = page[-1].cursor
            if len(page) < _PAGE:
                break
        self._read_at = now
        while self._counts and next(iter(self._counts)) * MINUTE_MS < begin:
            self._counts.popitem(last=False)

    async def _before(self, moment: UnixMs) -> int:
        """Return a cursor after which nothing is older than a moment.

        Cursors have no gaps and moments do not fall, so this halves; what the feed has
        let go of counts as older.
        """
        low, high = 0, 1
        while await self._is_older(high, moment):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            if await self._is_older(middle, moment):
                low = middle
            else:
                high = middle
        return low

    async def _is_older(self, cursor: int, moment: UnixMs) -> bool:
        """Tell whether the change at a cursor is older than a moment."""
        found = await self._store.changes(cursor - 1, 1)
        return bool(found) and (found[0].cursor > cursor or found[0].at < moment)

    def _count(self, change: Change) -> None:
        minute = change.at // MINUTE_MS
        known = self._counts.get(minute) or MinuteCount(at=UnixMs(minute * MINUTE_MS))
        if change.box is Box.IN:
            if change.state == InboundState.RECEIVED.value:
                known = replace(known, received=known.received + 1)
        elif change.state == OutboundState.QUEUED.value:
            known = replace(known, queued=known.queued + 1)
        elif change.state == OutboundState.DELIVERED.value:
            known = replace(known, delivered=known.delivered + 1)
        elif change.state in _FAILED:
            known = replace(known, failed=known.failed + 1)
        self._counts[minute] = known
