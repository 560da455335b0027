"""What of the cases a caller sees: all, or those of their units (specification, 13.14).

Decided in one place, for every operation: whoever may use one only as a caseworker sees
the cases of their units, those assigned to them, and those of nobody. What an operation
is about is read off its path, so a new one is covered without a word of its own; what
it lists, it filters by the scope it is given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from gateway.admin.asked import Asked
from gateway.admin.route import PREFIX
from gateway.core.errors import MalformedError, NotFoundError
from gateway.core.operators import Role
from gateway.core.units import NOBODY, Scope
from gateway.core.values import MessageId, parse_message_id
from gateway.flows.units import UnitDesk
from gateway.ports.alarms import Alarm
from gateway.ports.approvals import Approval
from gateway.ports.cases import CaseRow
from gateway.ports.store import Store

_T = TypeVar("_T")
_Kept = TypeVar("_Kept", Alarm, Approval)

_CASEWORKER = frozenset({Role.CASEWORKER})
_MAX_DIGITS = 15


class Sight:
    """Tells what callers see."""

    def __init__(self, store: Store, units: UnitDesk) -> None:
        self._store = store
        self._units = units

    def scope_of(self, asked: Asked) -> Scope | None:
        """Return what the caller of an operation sees; None for everything."""
        if asked.caller.roles & asked.route.roles != _CASEWORKER:
            return None
        return self._units.scope_of(asked.caller)

    async def hidden(self, asked: Asked, scope: Scope) -> str:
        """Return what is said of something that is there and not seen; empty if seen.

        It is what is said of something that is not there.
        """
        kind, _, named = asked.route.path.removeprefix(f"{PREFIX}/").partition("/{")
        value = asked.segments.get(named.partition("}")[0], "") if named else ""
        match kind:
            case "messages":
                return await self._message(value, scope)
            case "cases":
                return await self._case(value, scope)
            case "alarms":
                return await self._alarm(value, scope)
            case "approvals":
                return await self._approval(value, scope)
            case _:
                return ""

    async def _message(self, value: str, scope: Scope) -> str:
        try:
            message_id = parse_message_id(value)
        except MalformedError:
            return ""
        is_seen = await self._store.seen([message_id], scope)
        return "" if is_seen else f"message {message_id}: not found"

    async def _case(self, value: str, scope: Scope) -> str:
        rows = await self._store.cases_of(value)
        if not rows or await visible(self._store, rows, scope, case_of_row):
            return ""
        return f"case {value}: not found"

    async def _alarm(self, value: str, scope: Scope) -> str:
        if not _is_number(value):
            return ""
        try:
            new = (await self._store.alarm(int(value))).new
        except NotFoundError:
            return ""
        is_seen = await self._about(new.case_id, new.message_id, new.peer, scope)
        return "" if is_seen else f"alarm {value}: not found"

    async def _approval(self, value: str, scope: Scope) -> str:
        if not _is_number(value):
            return ""
        try:
            found = await self._store.approval(int(value))
        except NotFoundError:
            return ""
        new = found.new
        is_seen = found.asked_by == scope.account or await self._about(
            new.case_id, new.message_id, new.peer, scope
        )
        return "" if is_seen else f"approval {value}: not found"

    async def _about(
        self, case_id: str, message_id: str, peer: str, scope: Scope
    ) -> bool:
        if case_id:
            about = [(case_id, peer)]
            return bool(await visible(self._store, about, scope, lambda one: one))
        if message_id:
            return bool(await self._store.seen([MessageId(message_id)], scope))
        return True


async def visible(
    store: Store,
    items: Sequence[_T],
    scope: Scope | None,
    case_of: Callable[[_T], tuple[str, str]],
) -> list[_T]:
    """Return those of some items that are of cases which somebody sees.

    Args:
        store: Knows to whom cases are assigned.
        items: In their order.
        scope: What is seen; None for everything.
        case_of: Returns case and peer of an item; what is of no case is seen.
    """
    if scope is None:
        return list(items)
    cases: Iterable[str] = {case_of(one)[0] for one in items}
    found = await store.assignments_of([one for one in cases if one])
    known = {(one.case_id, str(one.peer)): one.assignee for one in found}
    return [one for one in items if scope.sees(known.get(case_of(one), NOBODY))]


async def check_case(
    store: Store, asked: Asked, message: Mapping[str, object], peer: str
) -> None:
    """Refuse what would go into a case that the caller does not see.

    Raises:
        NotFoundError: As if there were none.
    """
    case_id = message.get("case_id")
    if isinstance(case_id, str):
        about = [(case_id, peer)]
        if not await visible(store, about, asked.scope, lambda one: one):
            raise NotFoundError(f"case {case_id}: not found")


async def seen_of(
    store: Store, items: Sequence[_Kept], scope: Scope | None
) -> list[_Kept]:
    """Return those alarms or approvals that somebody sees, by what they are about."""
    if scope is None:
        return list(items)
    named = [MessageId(one.new.message_id) for one in items if one.new.message_id]
    messages = await store.seen(named, scope)
    found = await visible(
        store, items, scope, lambda one: (one.new.case_id, one.new.peer)
    )
    return [
        one
        for one in found
        if one.new.case_id
        or not one.new.message_id
        or one.new.message_id in messages
        or getattr(one, "asked_by", "") == scope.account
    ]


def case_of_row(row: CaseRow) -> tuple[str, str]:
    """Return case and peer of a row of the list of cases."""
    return row.case_id, row.peer


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
