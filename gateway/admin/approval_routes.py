"""Routes of what waits for a second person."""

from gateway.admin import approval_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_APPROVALS = f"{PREFIX}/approvals"
_DECIDERS = frozenset({Role.APPROVER, Role.SECURITY})
_SEEING = _DECIDERS | {Role.CASEWORKER, Role.AUDITOR}

APPROVAL_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_approvals",
        method="GET",
        path=_APPROVALS,
        roles=_SEEING,
        summary="What waits for a second person, or did; newest first",
        query=approval_shapes.ApprovalQuery,
        answer=approval_shapes.ApprovalPage,
    ),
    Route(
        name="show_approval",
        method="GET",
        path=f"{_APPROVALS}/{{approval}}",
        roles=_SEEING,
        summary="One of them, with the reason given to whom may decide",
        answer=approval_shapes.Approval,
    ),
    Route(
        name="approve",
        method="POST",
        path=f"{_APPROVALS}/{{approval}}/approve",
        roles=_DECIDERS,
        summary="Approve what somebody else asked for; it is done, or may be done once",
        body=approval_shapes.ApproveRequest,
        answer=approval_shapes.Approval,
        codes=("conflict",),
    ),
    Route(
        name="reject",
        method="POST",
        path=f"{_APPROVALS}/{{approval}}/reject",
        roles=_DECIDERS,
        summary="Reject what somebody else asked for",
        body=approval_shapes.RejectRequest,
        answer=approval_shapes.Approval,
        codes=("conflict",),
    ),
    Route(
        name="break_glass",
        method="POST",
        path=f"{_APPROVALS}/{{approval}}/break-glass",
        roles=frozenset({Role.CASEWORKER}),
        summary="Approve in an emergency in place of the approver; reviewed next day",
        body=approval_shapes.BreakGlassRequest,
        answer=approval_shapes.Approval,
        codes=("conflict",),
    ),
)
