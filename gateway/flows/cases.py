"""Cases for those who look at them: a list, and one as a whole.

State is computed from what the dockets keep and never stored. So a list filtered by it
looks at a bounded number of cases for each answer, and its cursor goes on from there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.core.errors import NotFoundError
from gateway.core.units import NOBODY, Assignee, Scope
from gateway.core.values import AuthorityId
from gateway.flows.admission import MAX_DOCKET_ROWS, docket_with
from gateway.flows.exchange import Exchange
from gateway.mla.cases.states import OVER, State
from gateway.mla.cases.view import CaseView, case_view
from gateway.ports.cases import CaseFilter, CaseRow, DocketRow

MOST_LOOKED_AT: Final = 500
"""Cases whose state is computed for one answer."""

_CASES_AT_ONCE: Final = 100
_MOST_BETWEEN_TURNS: Final = 100
"""Messages of a case that take little enough time; more are counted on a thread."""
_MOST_LISTED: Final = 2_000
"""Messages of one case from which its state in a list is computed, the oldest."""

_ENDED: Final = OVER | {State.CONFIRMED, State.REFUSED, State.WITHDRAWN, State.ENDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases to list; empty or None leaves a field open.

    Attributes:
        stored: What the store filters by.
        state: State of the case.
        measure: Code of list ASSIST that it asks for.
        is_open: Whether something is still to be answered in it.
    """

    stored: CaseFilter = field(default_factory=CaseFilter)
    state: State | None = None
    measure: str = ""
    is_open: bool | None = None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case with one peer.

    Attributes:
        row: What the store keeps of it.
        view: What its messages come to.
        docket: What is kept of them, oldest first.
    """

    row: CaseRow
    view: CaseView
    docket: Sequence[DocketRow]


class Cases:
    """Looks at cases."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def page(
        self,
        query: CaseQuery,
        *,
        before: int | None,
        limit: int,
        scope: Scope | None = None,
    ) -> tuple[list[KnownCase], int | None]:
        """Return cases, newest first, and the number to go on before; None at the end.

        At most `MOST_LOOKED_AT` cases are looked at: a page may be short, even empty,
        and not the last.
        """
        found: list[KnownCase] = []
        looked_at = 0
        while looked_at < MOST_LOOKED_AT:
            await self._exchange.giving_way.give_way()
            wanted = min(_CASES_AT_ONCE, MOST_LOOKED_AT - looked_at)
            rows = await self._exchange.store.cases(
                query.stored, before=before, limit=wanted
            )
            known = await self.assignees(rows)
            for row in rows:
                before = row.number
                looked_at += 1
                to = known.get((row.case_id, row.peer), NOBODY)
                if scope is not None and not scope.sees(to):
                    continue
                case = await self._known(row, _MOST_LISTED)
                if _fits(case.view, query):
                    found.append(case)
                    if len(found) == limit:
                        return found, before
            if len(rows) < wanted:
                return found, None
        return found, before

    async def assignees(
        self, rows: Sequence[CaseRow]
    ) -> dict[tuple[str, AuthorityId], Assignee]:
        """Return to whom cases are assigned, by case and peer."""
        ids = [row.case_id for row in rows]
        found = await self._exchange.store.assignments_of(ids)
        return {(one.case_id, one.peer): one.assignee for one in found}

    async def case(self, case_id: str, peer: AuthorityId | None) -> list[KnownCase]:
        """Return a case with a peer, or with each that it is exchanged with.

        Raises:
            NotFoundError: There is no such case.
        """
        rows = await self._exchange.store.cases_of(case_id)
        rows = [row for row in rows if peer is None or row.peer == peer]
        if not rows:
            raise NotFoundError(f"case {case_id}: not found")
        return [await self._known(row, MAX_DOCKET_ROWS) for row in rows]

    async def _known(self, row: CaseRow, most: int) -> KnownCase:
        store = self._exchange.store
        docket = await docket_with(store, row.case_id, row.peer, limit=most)
        now = self._exchange.clock.now()
        if len(docket) > _MOST_BETWEEN_TURNS:
            view = await asyncio.to_thread(case_view, docket, now=now)
        else:
            view = case_view(docket, now=now)
        return KnownCase(row, view, docket)


def _fits(view: CaseView, query: CaseQuery) -> bool:
    is_open = view.state not in _ENDED
    return (
        (query.state is None or view.state is query.state)
        and (query.is_open is None or query.is_open is is_open)
        and (
            not query.measure
            or any(one.assist == query.measure for one in view.measures)
        )
    )
