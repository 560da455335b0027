"""Cases: where each stands, and what may come next."""

from typing import Final

from gateway.admin.asked import Asked
from gateway.admin.case_rendering import case_of, summary_of
from gateway.admin.case_shapes import (
    Case,
    CasePage,
    CaseQuery,
    OneCaseQuery,
)
from gateway.admin.desk_rendering import deadline_of
from gateway.admin.desk_shapes import Deadline
from gateway.admin.services import AdminServices
from gateway.admin.views import ViewLog
from gateway.core.errors import MalformedError, NotFoundError, UsageError
from gateway.core.units import NOBODY
from gateway.core.values import AuthorityId, parse_authority_id
from gateway.flows import cases as flows
from gateway.flows.cases import KnownCase
from gateway.flows.deadline_book import Found
from gateway.mla.cases.states import State
from gateway.mla.codelists import is_code
from gateway.mla.deadlines import deadlines_of
from gateway.mla.spellings import is_id
from gateway.ports.cases import CaseFilter

_CODES: Final = (("type", "MSG_TYPE"), ("measure", "ASSIST"), ("urgency", "URGENCY"))


class CaseHandlers:
    """Answers about cases; a look is logged like one at messages."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._exchange = services.exchange
        self._cases = flows.Cases(services.exchange)
        self._terms = services.terms
        self._views = views

    async def list(self, asked: Asked) -> CasePage:
        """Return a page of cases."""
        query = asked.filters(CaseQuery)
        found, following = await self._cases.page(
            _wanted(query),
            before=query.before or None,
            limit=query.limit,
            scope=asked.scope,
        )
        await self._views.note(asked, _told(query), len(found))
        to = await self._cases.assignees([one.row for one in found])
        return CasePage(
            items=tuple(summary_of(one, to.get(_key(one), NOBODY)) for one in found),
            next="" if following is None else str(following),
        )

    async def show(self, asked: Asked) -> Case:
        """Return a case as it stands with its peer."""
        query = asked.filters(OneCaseQuery)
        case_id = asked.segments["id"]
        if not is_id(case_id):
            raise NotFoundError(
                "case: no such id, expected a lower-case UUID or a ULID"
            )
        found = await self._cases.case(case_id, _peer(query.peer))
        to = await self._cases.assignees([one.row for one in found])
        if asked.scope is not None:
            sees = asked.scope.sees
            found = [one for one in found if sees(to.get(_key(one), NOBODY))]
            if not found:
                raise NotFoundError(f"case {case_id}: not found")
        if len(found) > 1:
            peers = ", ".join(one.row.peer for one in found)
            raise UsageError(f"peer: expected one of {peers}, which have this case")
        await self._views.note(asked, f"case={case_id}", len(found[0].docket))
        assignee = to.get(_key(found[0]), NOBODY)
        deadlines = self._deadlines(found[0], query.language)
        return case_of(found[0], deadlines, assignee)

    def _deadlines(self, case: KnownCase, language: str) -> tuple[Deadline, ...]:
        """Return the deadlines of a case, met ones included."""
        found = deadlines_of(case.docket, self._terms(), self._exchange.clock.now())
        ourselves = self._exchange.ourselves
        row = case.row
        return tuple(
            deadline_of(Found(row.case_id, row.peer, one), ourselves, language)
            for one in found
        )


def _key(case: KnownCase) -> tuple[str, AuthorityId]:
    return case.row.case_id, case.row.peer


def _wanted(query: CaseQuery) -> flows.CaseQuery:
    """Return what is asked for.

    Raises:
        UsageError: A filter holds what no case could have.
    """
    for name, listed in _CODES:
        value = getattr(query, name)
        if value and not is_code(listed, value):
            raise UsageError(f"{name}: expected a code of list {listed}")
    if query.state and query.state not in State.__members__:
        raise UsageError(f"state: expected one of {', '.join(State)}")
    return flows.CaseQuery(
        stored=CaseFilter(
            peer=_peer(query.peer) or "", msg_type=query.type, urgency=query.urgency
        ),
        state=State(query.state) if query.state else None,
        measure=query.measure,
        is_open=query.open,
    )


def _peer(text: str) -> AuthorityId | None:
    if not text:
        return None
    try:
        return parse_authority_id(text)
    except MalformedError as error:
        raise UsageError(f"peer: {error}") from error


def _told(query: CaseQuery) -> str:
    names = ("state", "peer", "type", "measure", "urgency", "open")
    given = [
        f"{name}={getattr(query, name)}"
        for name in names
        if getattr(query, name) not in {"", None}
    ]
    return " ".join(["cases", *given])
