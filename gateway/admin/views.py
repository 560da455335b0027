"""Looks at metadata are logged before they are answered: `msg.list` (promise P23).

One entry an account, token and query in ten minutes, so that a program which polls
does not fill the log.
"""

from collections import OrderedDict

from gateway.admin.asked import Asked
from gateway.core.entries.disclosures import Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.ports.log import LogStore
from gateway.ports.world import Clock

_INTERVAL_S = 600.0
_MAX_REMEMBERED = 4_096


class ViewLog:
    """Remembers which looks stand in the log already."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._logged_at_s: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    async def note(self, asked: Asked, query: str, count: int) -> None:
        """Log that a caller is about to see `count` items; durable on return."""
        key = (asked.caller.name, asked.caller.token_label, query)
        now_s = self._clock.monotonic_s()
        logged_at_s = self._logged_at_s.get(key)
        if logged_at_s is not None and now_s - logged_at_s < _INTERVAL_S:
            return
        act = asked.act()
        draft = EntryDraft(
            "msg.list",
            self._clock.now(),
            {"count": count},
            (*act.disclosures(), Disclosure("query", query)),
        )
        await self._store.append([draft])
        self._logged_at_s.pop(key, None)
        self._logged_at_s[key] = now_s
        if len(self._logged_at_s) > _MAX_REMEMBERED:
            self._logged_at_s.popitem(last=False)
