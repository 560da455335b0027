"""What waits for a second person: list, show, approve, reject."""

from gateway.admin.approval_shapes import (
    Approval,
    ApprovalPage,
    ApprovalQuery,
    ApproveRequest,
    BreakGlassRequest,
    RejectRequest,
)
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.sight import seen_of
from gateway.admin.views import ViewLog
from gateway.core.errors import NotFoundError
from gateway.core.operators import Role
from gateway.ports import approvals as ports

_DECIDERS = frozenset({Role.APPROVER, Role.SECURITY, Role.AUDITOR})
_MAX_DIGITS = 15


class ApprovalHandlers:
    """Answers about approvals, and takes decisions."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._approvals = services.approvals
        self._break_glass = services.break_glass
        self._store = services.exchange.store
        self._views = views

    async def list(self, asked: Asked) -> ApprovalPage:
        """List approvals, after the look is logged."""
        query = asked.filters(ApprovalQuery)
        wanted = ports.ApprovalFilter(
            state=query.state,
            kind=query.kind,
            case_id=query.case,
            message_id=query.message,
        )
        found = await self._approvals.find(
            wanted, before=int(query.cursor or 0) or None, limit=query.limit
        )
        is_more = len(found) == query.limit
        last = found[-1].number if found else 0
        found = await seen_of(self._store, found, asked.scope)
        await self._views.note(asked, "approvals", len(found))
        return ApprovalPage(
            items=tuple(map(approval_of, found)),
            next=str(last) if is_more else "",
        )

    async def show(self, asked: Asked) -> Approval:
        """Return one; with the reason given, to whom may decide, look or did ask."""
        approval, reason = await self._approvals.show(_number(asked))
        caller = asked.caller
        may_see = caller.roles & _DECIDERS or caller.name == approval.asked_by
        await self._views.note(asked, f"approval {approval.number}", 1)
        return approval_of(approval, reason if may_see else "")

    async def approve(self, asked: Asked) -> Approval:
        """Approve."""
        reason = asked.form(ApproveRequest).reason
        caller = asked.caller
        return approval_of(
            await self._approvals.approve(
                _number(asked),
                asked.act(reason),
                caller.roles,
                is_system=caller.is_system,
            )
        )

    async def break_glass(self, asked: Asked) -> Approval:
        """Approve in an emergency in place of the approver."""
        reason = asked.form(BreakGlassRequest).reason
        is_system = asked.caller.is_system
        return approval_of(
            await self._break_glass.act(
                _number(asked), asked.act(reason), is_system=is_system
            )
        )

    async def reject(self, asked: Asked) -> Approval:
        """Reject."""
        reason = asked.form(RejectRequest).reason
        caller = asked.caller
        return approval_of(
            await self._approvals.reject(
                _number(asked),
                asked.act(reason),
                caller.roles,
                is_system=caller.is_system,
            )
        )


def approval_of(approval: ports.Approval, reason: str = "") -> Approval:
    """Return an approval as the API shows it."""
    new, index = approval.new, approval.decision_index
    return Approval(
        id=approval.number,
        kind=new.kind.value,
        state=approval.state.value,
        subject=new.subject,
        role=approval.rule.role.value,
        asked_by=approval.asked_by,
        asked_at=when(approval.asked_at),
        index=approval.log_index,
        detail=new.detail,
        case=new.case_id,
        message=new.message_id,
        peer=new.peer,
        asked_for=approval.asked_for,
        expires_at=when(approval.expires_at),
        decided_by=approval.decided_by,
        decided_at=when(approval.decided_at),
        decision_index=index if index >= 0 else None,
        override=approval.is_override,
        reason=reason,
    )


def _number(asked: Asked) -> int:
    text = asked.segments["approval"]
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise NotFoundError(f"approval: {text[:80]!r} is no number")
    return int(text)
