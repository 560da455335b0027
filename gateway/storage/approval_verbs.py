"""What a database must be able to do with approvals: verbs on rows."""

from typing import Protocol

from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import Approval, ApprovalFilter, ApprovalKind


class ApprovalLookup(Protocol):
    """What can be read of approvals in any transaction."""

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        ...

    def open_approval(
        self, kind: ApprovalKind, subject: str, asked_by: str
    ) -> Approval | None:
        """Return what an account waits for, or may do, about a subject."""
        ...

    def open_approvals_of(self, message_id: MessageId) -> list[Approval]:
        """Return approvals about a message that are waiting or approved, in order."""
        ...

    def open_approvals_of_case(self, case_id: str) -> list[Approval]:
        """Return approvals about a case that are waiting or approved, in order."""
        ...

    def late_approvals(self, now: UnixMs, limit: int) -> list[Approval]:
        """Return waiting or approved ones whose time has passed, in order."""
        ...


class ApprovalReader(ApprovalLookup, Protocol):
    """What is only read."""

    def approvals(
        self, wanted: ApprovalFilter, before: int | None, limit: int
    ) -> list[Approval]:
        """Return approvals with a number below `before`, newest first."""
        ...

    def open_approval_counts(self) -> dict[str, int]:
        """Return how many wait for a decision, by kind."""
        ...


class ApprovalWrites(ApprovalLookup, Protocol):
    """What changes approvals."""

    def put_approval(self, approval: Approval) -> Approval:
        """Store an approval and return it; one of number 0 gets the next number."""
        ...

    def blank_approvals_of(self, message_id: MessageId) -> None:
        """Remove from approvals about a message what else names its case."""
        ...

    def blank_approvals_of_case(self, case_id: str) -> None:
        """Remove case, detail and subject from approvals about a case."""
        ...
