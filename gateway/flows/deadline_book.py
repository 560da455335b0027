"""The deadlines of all open cases, found without reading every case each time.

Which deadlines a case has follows from its messages, so they are counted again when a
message has come; which of them are near follows from the time alone. So the book keeps
one short line for each pending deadline. It is made anew after a start, and no answer
rests on it alone: what is shown or raised is computed from the stored messages.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from gateway.core.errors import UsageError
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.admission import docket_with
from gateway.mla.deadlines import Deadline, DeadlineState, Terms, deadlines_of
from gateway.mla.deadlines.compute import due_order
from gateway.ports.cases import CaseFilter, CaseRow, CaseStore
from gateway.ports.world import Clock

log = structlog.get_logger()

_PAGE = 200
# Messages of a case that are counted within a few milliseconds; more would make others
# wait.
_COUNTED_AT_ONCE = 50
_CURSOR = re.compile(
    r"(\d{1,19}):([A-Za-z0-9.]{1,40}):([0-9A-Za-z-]{1,40})\Z", re.ASCII
)
# A case is counted in about a millisecond: of a hundred thousand, a minute and a half.
_WHOLE_EVERY_MS = 6 * 3_600_000
# A message is stored before it is read, and its case knows it only then.
_STORED_BEFORE_READ_MS = 600_000


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A pending deadline: when it ends, and where to find it.

    Attributes:
        due: Its end; the largest number there is, where there is none.
        rule: Name of its rule.
        started_by: The message that started it.
        case_id: Its case.
        peer: The authority that the case is with.
        owner: Who has to act.
        starts_at: When it began to run.
        is_suspended: Whether its clock stood when it was counted.
    """

    due: int
    rule: str
    started_by: str
    case_id: str
    peer: AuthorityId
    owner: str
    starts_at: UnixMs
    is_suspended: bool

    @property
    def subject(self) -> str:
        """What an alarm about it is about; another end is another subject."""
        return f"{self.rule}:{self.started_by}:{self.due}"

    @property
    def place(self) -> tuple[int, str, str]:
        """Its place among all lines."""
        return self.due, self.rule, self.started_by

    @property
    def cursor(self) -> str:
        """Where to go on after this line."""
        return f"{self.due}:{self.rule}:{self.started_by}"


NO_DATE = 2**62
"""`due` of a deadline without an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFilter:
    """Which deadlines to list; empty or None leaves a field open.

    Attributes:
        until: Those that end by then, or ended before.
        state: Those in this state.
        owner: Those that this authority has to meet.
        not_owner: Those that another than this one has to meet.
        peer: Those of cases with this authority.
    """

    until: UnixMs | None = None
    state: DeadlineState | None = None
    owner: str = ""
    not_owner: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A deadline with its case."""

    case_id: str
    peer: AuthorityId
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class _Known:
    """What the book holds of a case: how it was when it was counted, and its lines."""

    last_at: UnixMs
    messages: int
    lines: tuple[Line, ...]


class DeadlineBook:
    """Knows every pending deadline.

    Args:
        store: The cases.
        clock: The time.
        terms: Returns what days are counted by now.
    """

    def __init__(
        self, store: CaseStore, clock: Clock, terms: Callable[[], Terms]
    ) -> None:
        self._store = store
        self._clock = clock
        self._terms = terms
        self._cases: dict[tuple[str, AuthorityId], _Known] = {}
        self._turn = asyncio.Lock()
        self._walked_at: UnixMs | None = None
        self._looked_at: UnixMs | None = None
        self._last_terms: Terms | None = None

    async def of_case(self, case_id: str, peer: AuthorityId) -> list[Deadline]:
        """Return all deadlines of a case with a peer, also those met, by their end."""
        rows = await docket_with(self._store, case_id, peer)
        terms, now = self._terms(), self._clock.now()
        if len(rows) <= _COUNTED_AT_ONCE:
            return deadlines_of(rows, terms, now)
        return await asyncio.to_thread(deadlines_of, rows, terms, now)

    async def refresh(self) -> None:
        """Count the cases again in which something has happened.

        Every six hours, and when other calendars are in force, all open ones are.
        """
        async with self._turn:
            await self._walk()

    async def _walk(self) -> None:
        now = self._clock.now()
        terms = self._terms()
        is_whole = (
            self._walked_at is None
            or not 0 <= now - self._walked_at < _WHOLE_EVERY_MS
            or terms != self._last_terms
        )
        since = None
        if not is_whole and self._looked_at is not None:
            since = UnixMs(self._looked_at - _STORED_BEFORE_READ_MS)
        seen = set()
        before: int | None = None
        while True:
            page = await self._store.cases(
                CaseFilter(since=since), before=before, limit=_PAGE
            )
            for row in page:
                key = (row.case_id, row.peer)
                seen.add(key)
                known = self._cases.get(key)
                if (
                    known is None
                    or _has_changed(known, row)
                    or (is_whole and known.lines)
                ):
                    await self._count(row)
            if len(page) < _PAGE:
                break
            before = page[-1].number
        self._looked_at = now
        if is_whole:
            self._walked_at, self._last_terms = now, terms
            for gone in self._cases.keys() - seen:
                del self._cases[gone]

    async def page(
        self, wanted: DeadlineFilter, *, cursor: str, limit: int
    ) -> tuple[list[Found], str]:
        """Return pending deadlines, by their end, and where to go on.

        Raises:
            UsageError: The cursor is not one of this list.
        """
        await self.refresh()
        after = _parse(cursor) if cursor else None
        lines = sorted(
            line
            for line in self.lines()
            if _passes(line, wanted) and (after is None or line.place > after)
        )
        following = lines[limit - 1].cursor if len(lines) > limit else ""
        found = [
            one
            for one in await self.fresh(lines[:limit])
            if wanted.state in {None, one.deadline.state}
        ]
        return sorted(found, key=lambda one: due_order(one.deadline)), following

    def lines(self) -> Iterator[Line]:
        """Yield the pending deadlines, in no order."""
        for known in self._cases.values():
            yield from known.lines

    async def fresh(self, lines: Sequence[Line]) -> list[Found]:
        """Return deadlines as they are now: those that are pending no more are not."""
        by_case: dict[tuple[str, AuthorityId], set[tuple[str, str]]] = {}
        for line in lines:
            key = (line.case_id, line.peer)
            by_case.setdefault(key, set()).add((line.rule, line.started_by))
        return [
            Found(case_id, peer, one)
            for (case_id, peer), wanted in by_case.items()
            for one in await self.of_case(case_id, peer)
            if one.is_pending and (one.rule.name, one.started_by) in wanted
        ]

    async def _count(self, row: CaseRow) -> None:
        found = await self.of_case(row.case_id, row.peer)
        lines = tuple(
            line_of(Found(row.case_id, row.peer, one))
            for one in found
            if one.is_pending
        )
        self._cases[row.case_id, row.peer] = _Known(row.last_at, row.messages, lines)


def _passes(line: Line, wanted: DeadlineFilter) -> bool:
    """Tell whether a line may be listed; its state is known only once it is counted."""
    if wanted.until is not None and line.due > wanted.until:
        return False
    if wanted.state is DeadlineState.SUSPENDED and not line.is_suspended:
        return False
    return (
        wanted.owner in {"", line.owner}
        and line.owner != wanted.not_owner
        and wanted.peer in {"", line.peer}
    )


def _parse(cursor: str) -> tuple[int, str, str]:
    match = _CURSOR.match(cursor)
    if match is None:
        raise UsageError("cursor: expected one that a page of this list ended with")
    return int(match[1]), match[2], match[3]


def line_of(found: Found) -> Line:
    """Return the line of a deadline."""
    one = found.deadline
    return Line(
        due=NO_DATE if one.due is None else one.due,
        rule=one.rule.name,
        started_by=one.started_by,
        case_id=found.case_id,
        peer=found.peer,
        owner=one.owner,
        starts_at=one.starts_at,
        is_suspended=one.state is DeadlineState.SUSPENDED,
    )


def _has_changed(known: _Known, row: CaseRow) -> bool:
    return (known.last_at, known.messages) != (row.last_at, row.messages)
