"""What the admin API takes and gives about approvals."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import MAX_PAGE, Answer, Page, Reason, Request
from gateway.core.limits import MAX_REASON_CHARS

_Text = Annotated[str, Meta(max_length=100)]


class ApprovalQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which approvals to list, newest first."""

    state: _Text = ""
    kind: _Text = ""
    case: _Text = ""
    message: _Text = ""
    cursor: Annotated[str, Meta(pattern=r"^[0-9]{0,15}\Z")] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 50


class Approval(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Something that waits for a second person, or did.

    Attributes:
        id: Its number.
        kind: What is asked for: `release`, `open`, `search` or `erase`.
        state: `waiting`, `approved`, `done`, `rejected`, `expired` or `withdrawn`.
        subject: What it is about.
        detail: What exactly, in codes and ids.
        role: What the second person has to be.
        asked_for: Id of the person for whom a system asked.
        index: Log index of the entry of asking.
        expires_at: Until then it waits, or may be used.
        decision_index: Log index of the entry of deciding.
        override: The second person was passed over, with a reason.
        reason: Why it was asked for; only where one is shown, to whom may decide.
    """

    id: int
    kind: str
    state: str
    subject: str
    role: str
    asked_by: str
    asked_at: str
    index: int
    detail: str = ""
    case: str = ""
    message: str = ""
    peer: str = ""
    asked_for: str = ""
    expires_at: str = ""
    decided_by: str = ""
    decided_at: str = ""
    decision_index: int | None = None
    override: bool = False
    reason: str = ""


class ApprovalPage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Some approvals, newest first."""

    items: tuple[Approval, ...]


class ApproveRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody approves; the reason is logged."""

    reason: Annotated[str, Meta(max_length=MAX_REASON_CHARS)] = ""


class BreakGlassRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why nobody else could approve; the reason is logged, and reviewed."""

    reason: Reason


class RejectRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody rejects, and why; the reason is logged."""

    reason: Reason
