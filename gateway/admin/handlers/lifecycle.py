"""Legal holds, searching for people, and the register of what they ask."""

import msgspec

from gateway.admin import lifecycle_shapes as shapes
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.sight import case_of_row, visible
from gateway.admin.views import ViewLog
from gateway.core.errors import NotFoundError
from gateway.core.values import MessageId
from gateway.flows.days import day_of
from gateway.flows.holds import HoldOrder
from gateway.flows.subject_search import SUBJECT_PURPOSE, new_request
from gateway.mla.subjects import WantedSubject
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.subject_requests import (
    RequestKind,
    RequestOutcome,
    RequestVia,
    SubjectRequest,
)
from gateway.ports.subjects import SubjectHit


class HoldHandlers:
    """Sets, lists and lifts legal holds."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._holds = services.lifecycle.holds
        self._store = services.exchange.store
        self._clock = services.exchange.clock
        self._views = views

    async def list(self, asked: Asked) -> shapes.HoldList:
        """Return all holds."""
        found = [
            one for one in await self._holds.list() if await self._sees(asked, one)
        ]
        await self._views.note(asked, "holds", len(found))
        return shapes.HoldList(items=tuple(self._told(one) for one in found))

    async def add(self, asked: Asked) -> shapes.Hold:
        """Set a hold."""
        form = asked.form(shapes.AddHoldRequest)
        await self._check_target(asked, form)
        order = HoldOrder(
            case_id=form.case,
            message_id=form.message,
            person=_wanted(form.person) if form.person else WantedSubject(),
            reason=form.reason,
            review_on=form.review_on,
        )
        hold, index = await self._holds.add(order, asked.act())
        return self._told(hold, index)

    async def lift(self, asked: Asked) -> shapes.Lifted:
        """Lift a hold."""
        form = asked.form(shapes.LiftHoldRequest)
        hold_id = asked.segments["hold"]
        index = await self._holds.lift(hold_id, form.reason, asked.act())
        return shapes.Lifted(hold_id=hold_id, index=index)

    async def _sees(self, asked: Asked, hold: LegalHold) -> bool:
        scope = asked.scope
        if scope is None or hold.held_by == scope.account:
            return True
        match hold.scope:
            case HoldScope.CASE:
                rows = await self._store.cases_of(hold.target)
                return bool(await visible(self._store, rows, scope, case_of_row))
            case HoldScope.MESSAGE:
                return bool(await self._store.seen([MessageId(hold.target)], scope))
            case HoldScope.PERSON:
                return False

    async def _check_target(self, asked: Asked, form: shapes.AddHoldRequest) -> None:
        """Refuse to hold what the caller does not see.

        Raises:
            NotFoundError: As if it were not there.
        """
        if asked.scope is None:
            return
        if form.message and not await self._store.seen(
            [MessageId(form.message)], asked.scope
        ):
            raise NotFoundError(f"message {form.message}: not found")
        rows = await self._store.cases_of(form.case) if form.case else []
        if rows and not await visible(self._store, rows, asked.scope, case_of_row):
            raise NotFoundError("hold: no message of that case is here")

    def _told(self, hold: LegalHold, index: int | None = None) -> shapes.Hold:
        today = day_of(self._clock.now()).isoformat()
        return shapes.Hold(
            hold_id=hold.hold_id,
            scope=hold.scope.value,
            target=hold.target,
            by=hold.held_by,
            reason=hold.reason,
            since=when(hold.since),
            review_on=hold.review_on,
            overdue=hold.review_on <= today,
            index=index,
        )


class SubjectHandlers:
    """Searches for people, and keeps the register of their requests."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._subjects = services.lifecycle.subjects
        self._approvals = services.approvals
        self._clock = services.exchange.clock
        self._views = views

    async def search(self, asked: Asked) -> shapes.SubjectCandidates:
        """Log a search, then return who may be meant."""
        form = asked.form(shapes.SubjectSearchRequest)
        wanted = _wanted(form.subject)
        digest = self._subjects.digest(wanted)
        act = asked.act(SUBJECT_PURPOSE)
        new = NewApproval(
            kind=ApprovalKind.SEARCH,
            subject=f"search {digest}",
            detail=f"for request {form.request}",
        )
        await self._approvals.demand(new, act)
        found = await self._subjects.search(wanted, form.request, act)
        return shapes.SubjectCandidates(
            items=tuple(map(_candidate, found.candidates)),
            more=found.is_cut,
            unsearchable=found.unsearchable,
            index=found.log_index,
            query=found.query_digest,
        )

    async def list(self, asked: Asked) -> shapes.SubjectRequestList:
        """Return requests, the first due first."""
        is_open = not asked.filters(shapes.SubjectRequestsQuery).closed
        found = await self._subjects.requests(is_open=is_open)
        await self._views.note(asked, "subject requests", len(found))
        return shapes.SubjectRequestList(items=tuple(self._told(one) for one in found))

    async def add(self, asked: Asked) -> shapes.RegisteredRequest:
        """Register a request."""
        form = asked.form(shapes.AddSubjectRequest)
        request = new_request(
            RequestKind(form.kind),
            RequestVia(form.via),
            form.reference,
            form.received or "",
            form.due or "",
        )
        return self._told(*await self._subjects.register(request, asked.act()))

    async def delay(self, asked: Asked) -> shapes.RegisteredRequest:
        """Delay information to the person."""
        form = asked.form(shapes.DelaySubjectRequest)
        delayed = await self._subjects.delay(
            asked.segments["request"],
            form.code,
            form.reason,
            form.review_on,
            asked.act(),
        )
        return self._told(*delayed)

    async def close(self, asked: Asked) -> shapes.RegisteredRequest:
        """Close a request."""
        form = asked.form(shapes.CloseSubjectRequest)
        closed = await self._subjects.close(
            asked.segments["request"],
            RequestOutcome(form.outcome),
            asked.act(form.reason),
        )
        return self._told(*closed)

    def _told(
        self, request: SubjectRequest, index: int | None = None
    ) -> shapes.RegisteredRequest:
        today = day_of(self._clock.now()).isoformat()
        is_late = request.due_on < today or (request.review_on or "9") <= today
        return shapes.RegisteredRequest(
            request_id=request.request_id,
            kind=request.kind.value,
            via=request.via.value,
            reference=request.reference,
            received=request.received_on,
            due=request.due_on,
            delay=request.delay,
            delay_reason=request.delay_reason,
            review_on=request.review_on,
            outcome=request.outcome.value if request.outcome else "",
            closed=request.closed_on,
            entered_by=request.entered_by,
            by=request.changed_by,
            overdue=request.outcome is None and is_late,
            index=index,
        )


def _wanted(subject: shapes.Subject) -> WantedSubject:
    return WantedSubject(**msgspec.structs.asdict(subject))


def _candidate(hit: SubjectHit) -> shapes.SubjectCandidate:
    return shapes.SubjectCandidate(
        id=hit.id,
        box=hit.box.value,
        peer=hit.peer,
        case=hit.case_id,
        type=hit.msg_type,
        accepted_at=when(hit.accepted_at),
        person=hit.person,
        role=hit.role,
        agrees=tuple(one.name.lower() for one in sorted(hit.kinds)),
    )
