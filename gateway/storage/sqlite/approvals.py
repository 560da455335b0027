"""Rows of approvals."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import (
    Approval,
    ApprovalFilter,
    ApprovalKind,
    ApprovalState,
    NewApproval,
)
from gateway.storage.sqlite.mapping import Params, SqlValue
from gateway.storage.sqlite.running import Running

# Beyond every number of an approval.
_NEWEST = 2**62


class ApprovalLookupSql(Running):
    """Verbs of `gateway.storage.approval_verbs.ApprovalLookup`."""

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        return self._one_approval("approval", (number,))

    def open_approval(
        self, kind: ApprovalKind, subject: str, asked_by: str
    ) -> Approval | None:
        """Return what an account waits for, or may do, about a subject."""
        return self._one_approval("open_approval", (kind.value, subject, asked_by))

    def open_approvals_of(self, message_id: MessageId) -> list[Approval]:
        """Return approvals about a message that are waiting or approved, in order."""
        return [
            _approval(row) for row in self._rows("open_approvals_of", (message_id,))
        ]

    def open_approvals_of_case(self, case_id: str) -> list[Approval]:
        """Return approvals about a case that are waiting or approved, in order."""
        rows = self._rows("open_approvals_of_case", (case_id,))
        return [_approval(row) for row in rows]

    def late_approvals(self, now: UnixMs, limit: int) -> list[Approval]:
        """Return waiting or approved ones whose time has passed, in order."""
        return [_approval(row) for row in self._rows("late_approvals", (now, limit))]

    def _one_approval(self, name: str, params: Params) -> Approval | None:
        for row in self._rows(name, params):
            return _approval(row)
        return None


class ApprovalReaderSql(ApprovalLookupSql):
    """Verbs of `gateway.storage.approval_verbs.ApprovalReader`."""

    def approvals(
        self, wanted: ApprovalFilter, before: int | None, limit: int
    ) -> list[Approval]:
        """Return approvals with a number below `before`, newest first."""
        rows = self._rows(
            "approvals",
            {
                "before": _NEWEST if before is None else before,
                "state": wanted.state,
                "kind": wanted.kind,
                "case_id": wanted.case_id,
                "message_id": wanted.message_id,
                "limit": limit,
            },
        )
        return [_approval(row) for row in rows]

    def open_approval_counts(self) -> dict[str, int]:
        """Return how many wait for a decision, by kind."""
        return dict(self._rows("open_approval_counts"))


class ApprovalWritesSql(ApprovalLookupSql):
    """Verbs of `gateway.storage.approval_verbs.ApprovalWrites`."""

    def put_approval(self, approval: Approval) -> Approval:
        """Store an approval and return it; one of number 0 gets the next number."""
        later: Params = (
            approval.expires_at,
            approval.state.value,
            approval.decided_by,
            approval.decided_at,
            approval.decision_index,
            int(approval.is_override),
        )
        if approval.number:
            self._write("update_approval", (*later, approval.number))
            return approval
        new = approval.new
        cursor = self._write(
            "add_approval",
            (
                new.kind.value,
                new.subject,
                new.case_id,
                new.message_id,
                new.peer,
                new.detail,
                approval.asked_by,
                approval.asked_for,
                approval.asked_at,
                approval.log_index,
                *later,
            ),
        )
        return replace(approval, number=cursor.lastrowid or 0)

    def blank_approvals_of(self, message_id: MessageId) -> None:
        """Remove from approvals about a message what else names its case."""
        self._write("blank_approvals_of", (message_id,))

    def blank_approvals_of_case(self, case_id: str) -> None:
        """Remove case, detail and subject from approvals about a case."""
        self._write("blank_approvals_of_case", (case_id,))


def _approval(row: Sequence[SqlValue]) -> Approval:
    fields = dict(zip(_COLUMNS, row, strict=True))
    return Approval(
        number=_int(fields["number"]),
        new=NewApproval(
            kind=ApprovalKind(str(fields["kind"])),
            subject=str(fields["subject"]),
            case_id=str(fields["case_id"]),
            message_id=str(fields["message_id"]),
            peer=str(fields["peer"]),
            detail=str(fields["detail"]),
        ),
        asked_by=str(fields["asked_by"]),
        asked_for=str(fields["asked_for"]),
        asked_at=UnixMs(_int(fields["asked_at"])),
        log_index=_int(fields["log_index"]),
        expires_at=UnixMs(_int(fields["expires_at"])),
        state=ApprovalState(str(fields["state"])),
        decided_by=str(fields["decided_by"]),
        decided_at=UnixMs(_int(fields["decided_at"])),
        decision_index=_int(fields["decision_index"]),
        is_override=bool(fields["is_override"]),
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0


_COLUMNS = (
    "number",
    "kind",
    "subject",
    "case_id",
    "message_id",
    "peer",
    "detail",
    "asked_by",
    "asked_for",
    "asked_at",
    "log_index",
    "expires_at",
    "state",
    "decided_by",
    "decided_at",
    "decision_index",
    "is_override",
)
"""Columns of the table, as every query that reads it lists them."""
