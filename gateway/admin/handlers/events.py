"""Listening to the feed of changes."""

from dataclasses import replace

from gateway.admin.asked import Asked, Feed, Handler
from gateway.admin.contract import BY_NAME
from gateway.admin.shapes import Changes, ChangesQuery, EventsQuery
from gateway.admin.waiting import Waiting

_QUIET_S = 15
"""Something is sent at least so often: who is not there any more is noticed."""


class EventHandlers:
    """Answers with what `changes` answers, again and again: same access, same log."""

    def __init__(self, changes: Handler, waiting: Waiting) -> None:
        self._changes = changes
        self._waiting = waiting

    async def listen(self, asked: Asked) -> Feed:
        """Return the feed from where the listener has stopped."""
        seen = asked.last_event
        after = asked.filters(EventsQuery).after if seen is None else seen

        async def look(cursor: int) -> Changes:
            query = ChangesQuery(after=cursor, wait=_QUIET_S)
            found = await self._changes(
                replace(asked, route=BY_NAME["changes"], query=query),
            )
            if not isinstance(found, Changes):
                raise TypeError("internal: changes answered with something else")
            return found

        return Feed(look, after, lambda: self._waiting.is_stopping)
