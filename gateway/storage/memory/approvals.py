"""Rows of approvals, in memory."""

from collections import Counter
from dataclasses import replace

from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import (
    Approval,
    ApprovalFilter,
    ApprovalKind,
    ApprovalState,
)
from gateway.storage.memory.tables import ONLY, Journal, Tables


class ApprovalLookupMemory:
    """Verbs of `gateway.storage.approval_verbs.ApprovalLookup`."""

    _tables: Tables

    def approval(self, number: int) -> Approval | None:
        """Return an approval."""
        return self._tables.approval.rows.get(number)

    def open_approval(
        self, kind: ApprovalKind, subject: str, asked_by: str
    ) -> Approval | None:
        """Return what an account waits for, or may do, about a subject."""
        wanted = kind, subject, asked_by
        for one in self._open_approvals():
            if (one.new.kind, one.new.subject, one.asked_by) == wanted:
                return one
        return None

    def open_approvals_of(self, message_id: MessageId) -> list[Approval]:
        """Return approvals about a message that are waiting or approved, in order."""
        rows = self._open_approvals()
        return [one for one in rows if one.new.message_id == message_id]

    def open_approvals_of_case(self, case_id: str) -> list[Approval]:
        """Return approvals about a case that are waiting or approved, in order."""
        rows = self._open_approvals()
        return [one for one in rows if one.new.case_id == case_id != ""]

    def late_approvals(self, now: UnixMs, limit: int) -> list[Approval]:
        """Return waiting or approved ones whose time has passed, in order."""
        found = [one for one in self._open_approvals() if one.expires_at < now]
        return sorted(found, key=lambda one: (one.expires_at, one.number))[:limit]

    def _open_approvals(self) -> list[Approval]:
        rows = self._tables.approval.rows
        return [rows[number] for number in sorted(rows) if rows[number].is_open]


class ApprovalReaderMemory(ApprovalLookupMemory):
    """Verbs of `gateway.storage.approval_verbs.ApprovalReader`."""

    def approvals(
        self, wanted: ApprovalFilter, before: int | None, limit: int
    ) -> list[Approval]:
        """Return approvals with a number below `before`, newest first."""
        found = [
            one
            for one in self._tables.approval.rows.values()
            if (before is None or one.number < before) and _passes(one, wanted)
        ]
        return sorted(found, key=lambda one: -one.number)[:limit]

    def open_approval_counts(self) -> dict[str, int]:
        """Return how many wait for a decision, by kind."""
        rows = self._tables.approval.rows.values()
        waiting = [one for one in rows if one.state is ApprovalState.WAITING]
        return dict(Counter(one.new.kind.value for one in waiting))


class ApprovalWritesMemory(ApprovalLookupMemory):
    """Verbs of `gateway.storage.approval_verbs.ApprovalWrites`."""

    _journal: Journal

    def put_approval(self, approval: Approval) -> Approval:
        """Store an approval and return it; one of number 0 gets the next number."""
        table = self._tables.approval
        if approval.number == 0:
            approval = replace(approval, number=table.last[ONLY] + 1)
            self._journal.put(table.last, ONLY, approval.number)
        self._journal.put(table.rows, approval.number, approval)
        return approval

    def blank_approvals_of(self, message_id: MessageId) -> None:
        """Remove from approvals about a message what else names its case."""
        for one in list(self._tables.approval.rows.values()):
            if one.new.message_id == message_id != "":
                self._blank(one)

    def blank_approvals_of_case(self, case_id: str) -> None:
        """Remove case, detail and subject from approvals about a case."""
        for one in list(self._tables.approval.rows.values()):
            if one.new.case_id == case_id != "":
                self._blank(one)

    def _blank(self, one: Approval) -> None:
        subject = one.new.subject if one.new.subject == one.new.message_id else ""
        new = replace(one.new, case_id="", detail="", subject=subject)
        rows = self._tables.approval.rows
        self._journal.put(rows, one.number, replace(one, new=new))


def _passes(one: Approval, wanted: ApprovalFilter) -> bool:
    new = one.new
    return (
        wanted.state in {"", one.state}
        and wanted.kind in {"", new.kind}
        and wanted.case_id in {"", new.case_id}
        and wanted.message_id in {"", new.message_id}
    )
