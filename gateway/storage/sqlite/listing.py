"""Lists of messages, found by the index that fits a filter best."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.values import NEVER, AuthorityId, UnixMs
from gateway.ports.messages import Box, Cause, MessageFilter
from gateway.storage.rows import ListPosition, StoredMessage
from gateway.storage.sqlite.mapping import SqlValue, as_json, messages_from
from gateway.storage.sqlite.running import Running

_STATES: dict[Box, tuple[str, ...]] = {
    Box.OUT: tuple(OutboundState),
    Box.IN: tuple(InboundState),
}
MOST_LOOKED_AT = 2_000
"""Messages that are looked at for one page of a list, most of which it may not hold."""

# Beyond every position of the list, and every character of an id.
_NEWEST = ListPosition(UnixMs(2**62), 2**62)
_LAST_CHARACTER = "\x7f"
_ROUTINE = "ROUTINE"


class ListReaderSql(Running):
    """Verbs of `gateway.storage.transaction.Reader` that list messages.

    One index gives the places of a page, newest first; what the rest of the filter
    lets through of them is read. Where the rest is not empty it may let little
    through, so no more than `MOST_LOOKED_AT` places are looked at for one page.
    """

    def select(
        self,
        wanted: MessageFilter,
        before: ListPosition | None,
        limit: int,
    ) -> list[StoredMessage]:
        """Return messages, newest first, by the index that fits the filter best."""
        way = _Way.of(wanted)
        places = self._places(way, before, MOST_LOOKED_AT if way.has_rest else limit)
        params = {
            **_params(wanted),
            "numbers": as_json([number for _, number in places]),
            "limit": limit,
        }
        return messages_from(self._rows("let_through", params))

    def end_of_look(
        self, wanted: MessageFilter, before: ListPosition | None
    ) -> ListPosition | None:
        """Return the last message that `select` looks at for a page."""
        way = _Way.of(wanted)
        places = self._places(way, before, MOST_LOOKED_AT) if way.has_rest else []
        if len(places) < MOST_LOOKED_AT:
            return None
        return ListPosition(*places[-1])

    def causes(self, since: UnixMs, limit: int) -> list[Cause]:
        """Return why messages do not move or have failed, the most frequent first."""
        rows = self._rows("causes", {"since": since, "limit": limit})
        return [
            Cause(
                peer=AuthorityId(row[0]),
                state=row[1],
                code=row[2],
                count=row[3],
                oldest_at=UnixMs(row[4]),
                newest_at=UnixMs(row[5]),
            )
            for row in rows
        ]

    def _places(
        self, way: "_Way", before: ListPosition | None, look: int
    ) -> list[tuple[UnixMs, int]]:
        at = before or _NEWEST
        params = {
            **_params(way.wanted),
            "at": at.accepted_at,
            "number": at.number,
            "look": look,
        }
        sources = [
            self._rows(name, {**params, **more}).fetchall()
            for name, more in way.queries()
        ]
        if len(sources) == 1:
            return sources[0]
        # One message may be held for the very cause it failed for.
        merged = dict.fromkeys(heapq.merge(*sources, reverse=True))
        return list(islice(merged, look))


class _Way:
    """How a filter is looked up.

    Attributes:
        wanted: The filter.
        has_rest: The index lets through what the filter may not.
    """

    def __init__(
        self, wanted: MessageFilter, by: tuple[str, ...], *, has_rest: bool
    ) -> None:
        self.wanted = wanted
        self.has_rest = has_rest
        self._by = by

    @classmethod
    def of(cls, wanted: MessageFilter) -> "_Way":
        """Return the way by the rarest field of a filter."""
        plain = replace(wanted, since=None, until=None)
        for has_field, without, queries in _RARE:
            if has_field(plain):
                has_rest = without(plain) != MessageFilter()
                return cls(wanted, queries, has_rest=has_rest)
        ranged = MessageFilter(
            box=wanted.box,
            states=wanted.states,
            peer=wanted.peer,
            since=wanted.since,
            until=wanted.until,
        )
        return cls(wanted, (), has_rest=wanted != ranged)

    def queries(self) -> Iterator[tuple[str, dict[str, SqlValue]]]:
        """Yield the queries whose places together are those of the way.

        Without one of the rare fields every box and state is a range of its own in
        an index, so that the list of a state is as quick among a million messages
        of another one.
        """
        if self._by:
            yield from ((name, {}) for name in self._by)
            return
        wanted = self.wanted
        if not (wanted.box or wanted.states or wanted.peer):
            yield "list_all", {}
            return
        name = "list_by_peer" if wanted.peer else "list_by_state"
        for box in [wanted.box] if wanted.box else list(Box):
            for state in _STATES[box]:
                if not wanted.states or state in wanted.states:
                    yield name, {"box": box.value, "state": state}


_RARE: tuple[
    tuple[
        Callable[[MessageFilter], bool],
        Callable[[MessageFilter], MessageFilter],
        tuple[str, ...],
    ],
    ...,
] = (
    (
        lambda one: bool(one.id_prefix),
        lambda one: replace(one, id_prefix=""),
        ("list_by_id",),
    ),
    (
        lambda one: bool(one.idempotency_key),
        lambda one: replace(one, idempotency_key=""),
        ("list_by_key",),
    ),
    (
        lambda one: bool(one.sender_ref),
        lambda one: replace(one, sender_ref=""),
        ("list_by_sender_ref",),
    ),
    (
        lambda one: bool(one.case_id),
        lambda one: replace(one, case_id=""),
        ("list_by_case",),
    ),
    (
        lambda one: bool(one.code),
        lambda one: replace(one, code=""),
        ("list_by_code", "list_by_hold"),
    ),
    (
        lambda one: one.urgency not in {"", _ROUTINE},
        lambda one: replace(one, urgency=""),
        ("list_by_urgency",),
    ),
    (
        lambda one: bool(one.msg_type),
        lambda one: replace(one, msg_type=""),
        ("list_by_type",),
    ),
)
"""Fields that let little through, the rarest first: whether a filter has one, the
filter without it, and the queries that find it."""


def _params(wanted: MessageFilter) -> dict[str, SqlValue]:
    return {
        "box": wanted.box.value if wanted.box else "",
        "peer": wanted.peer,
        "states": as_json(wanted.states),
        "case_id": wanted.case_id,
        "msg_type": wanted.msg_type,
        "urgency": wanted.urgency,
        "code": wanted.code,
        "id_from": wanted.id_prefix,
        "id_to": wanted.id_prefix + _LAST_CHARACTER,
        "sender_ref": wanted.sender_ref,
        "idempotency_key": wanted.idempotency_key,
        "since": NEVER if wanted.since is None else wanted.since,
    }
