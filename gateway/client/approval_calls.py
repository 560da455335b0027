"""Operations on approvals, as values that either client can send."""

from gateway.admin import approval_shapes
from gateway.client.call import Call, call_of

_Answer = approval_shapes.Approval


def list_approvals(
    query: approval_shapes.ApprovalQuery,
) -> Call[approval_shapes.ApprovalPage]:
    """Return a page of approvals, newest first."""
    return call_of("list_approvals", approval_shapes.ApprovalPage, query=query)


def show_approval(number: int) -> Call[approval_shapes.Approval]:
    """Return one approval."""
    return call_of("show_approval", _Answer, approval=str(number))


def approve(number: int, reason: str = "") -> Call[approval_shapes.Approval]:
    """Approve what somebody else asked for."""
    body = approval_shapes.ApproveRequest(reason=reason)
    return call_of("approve", _Answer, body=body, approval=str(number))


def reject(number: int, reason: str) -> Call[approval_shapes.Approval]:
    """Reject what somebody else asked for."""
    body = approval_shapes.RejectRequest(reason=reason)
    return call_of("reject", _Answer, body=body, approval=str(number))


def break_glass(number: int, reason: str) -> Call[approval_shapes.Approval]:
    """Approve in an emergency in place of the approver."""
    body = approval_shapes.BreakGlassRequest(reason=reason)
    return call_of("break_glass", _Answer, body=body, approval=str(number))
