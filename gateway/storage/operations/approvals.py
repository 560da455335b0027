"""Approvals: asked for once, decided by another person, done once; each step logged.

What an approval is for happens in the transaction that ends it: an operation that
needs one calls `settle` or `use` beside what it does itself.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.alarms import REVIEW_WITHIN_MS, AlarmKind, NewAlarm
from gateway.ports.approvals import (
    RULES,
    Approval,
    ApprovalKind,
    ApprovalState,
    NewApproval,
)
from gateway.storage.operations.alarms import raise_alarm
from gateway.storage.operations.steps import optional
from gateway.storage.transaction import Lookup, Transaction

_NODE = Act("node", "node")


def ask(
    tx: Transaction, new: NewApproval, act: Act, now: UnixMs, *, order: bytes = b""
) -> Approval:
    """Ask for approval; while the same account waits for the same, that is it."""
    known = tx.open_approval(new.kind, new.subject, act.actor)
    if known is not None:
        return known
    waits_until = UnixMs(now + RULES[new.kind].waits_ms)
    if new.expires_at != NEVER:
        waits_until = min(waits_until, new.expires_at)
    approval = Approval(
        number=0,
        # The moment is kept once, beside.
        new=replace(new, expires_at=NEVER),
        asked_by=act.actor,
        asked_for=_person(act),
        asked_at=now,
        expires_at=waits_until,
        log_index=_log(tx, "ask", new, act, now),
    )
    approval = tx.put_approval(approval)
    if order:
        tx.put_order(approval.number, order)
    return approval


def settle(
    tx: Transaction, number: int, act: Act, now: UnixMs, *, is_override: bool = False
) -> Approval:
    """Approve what is done in this same transaction.

    Raises:
        NotFoundError: No such approval.
        ConflictError: It was decided, or has ended.
        NotAllowedError: It needs another person than the one who asked.
    """
    approval = _undecided(tx, number, now)
    return _decide(tx, approval, ApprovalState.DONE, act, now, is_override=is_override)


def permit(
    tx: Transaction, number: int, act: Act, now: UnixMs, *, is_override: bool = False
) -> Approval:
    """Approve; who asked may do it now, once and in time.

    Raises:
        NotFoundError: No such approval.
        ConflictError: It was decided, or has ended.
        NotAllowedError: It needs another person than the one who asked.
    """
    approval = _undecided(tx, number, now)
    until = UnixMs(now + approval.rule.valid_ms)
    approval = replace(approval, expires_at=until)
    granted = ApprovalState.APPROVED
    return _decide(tx, approval, granted, act, now, is_override=is_override)


def refuse(tx: Transaction, number: int, act: Act, now: UnixMs) -> Approval:
    """Reject a request.

    Raises:
        NotFoundError: No such approval.
        ConflictError: It was decided, or has ended.
        NotAllowedError: It needs another person than the one who asked.
    """
    return _decide(tx, _undecided(tx, number, now), ApprovalState.REJECTED, act, now)


def use(
    tx: Transaction, kind: ApprovalKind, subject: str, act: Act, now: UnixMs
) -> Approval | None:
    """Use up what an account may do, beside doing it; None if there is nothing."""
    approval = permitted(tx, kind, subject, act, now)
    if approval is None:
        return None
    _log(tx, "use", approval.new, act, now)
    return tx.put_approval(replace(approval, state=ApprovalState.DONE))


def permitted(
    tx: Lookup, kind: ApprovalKind, subject: str, act: Act, now: UnixMs
) -> Approval | None:
    """Return what lets an account do something now; None if there is nothing."""
    approval = tx.open_approval(kind, subject, act.actor)
    if (
        approval is None
        or approval.state is not ApprovalState.APPROVED
        or approval.expires_at < now
        or approval.asked_for != _person(act)
    ):
        return None
    return approval


def withdraw_of_message(tx: Transaction, message_id: MessageId, now: UnixMs) -> None:
    """End what waits or is granted about a message that has ended."""
    for approval in tx.open_approvals_of(message_id):
        withdraw(tx, approval, _NODE, now)


def withdraw(tx: Transaction, approval: Approval, act: Act, now: UnixMs) -> None:
    """End what nobody is to decide on any more."""
    _log(tx, "withdraw", approval.new, act, now)
    tx.put_approval(replace(approval, state=ApprovalState.WITHDRAWN))
    tx.drop_order(approval.number)


def forget_of_message(tx: Transaction, message_id: MessageId, now: UnixMs) -> None:
    """End what waits about a message that is erased; keep that it was decided, only."""
    _end_unnamed(tx, tx.open_approvals_of(message_id), now)
    tx.blank_approvals_of(message_id)


def forget_of_case(tx: Transaction, case_id: str, now: UnixMs) -> None:
    """End what waits about a case of which nothing is left; as `forget_of_message`."""
    _end_unnamed(tx, tx.open_approvals_of_case(case_id), now)
    tx.blank_approvals_of_case(case_id)


def _end_unnamed(tx: Transaction, ending: Sequence[Approval], now: UnixMs) -> None:
    for approval in ending:
        # The case is what goes: the entry must not name it.
        new = replace(
            approval.new, subject=approval.new.message_id, case_id="", detail=""
        )
        _log(tx, "withdraw", new, _NODE, now)
        tx.put_approval(replace(approval, state=ApprovalState.WITHDRAWN))


def expire(tx: Transaction, now: UnixMs, limit: int) -> list[Approval]:
    """End approvals that nobody decided on, or used, in time."""
    ended = []
    for approval in tx.late_approvals(now, limit):
        _log(tx, "expire", approval.new, _NODE, now)
        tx.drop_order(approval.number)
        ended.append(tx.put_approval(replace(approval, state=ApprovalState.EXPIRED)))
    return ended


def require_approval(tx: Lookup, number: int) -> Approval:
    """Return an approval.

    Raises:
        NotFoundError: There is none.
    """
    approval = tx.approval(number)
    if approval is None:
        raise NotFoundError(f"approval {number}: not found")
    return approval


def _undecided(tx: Lookup, number: int, now: UnixMs) -> Approval:
    approval = require_approval(tx, number)
    if approval.state is not ApprovalState.WAITING:
        raise ConflictError(f"approval {number}: it is {approval.state}")
    if approval.expires_at < now:
        raise ConflictError(f"approval {number}: its time has passed")
    return approval


def _decide(
    tx: Transaction,
    approval: Approval,
    state: ApprovalState,
    act: Act,
    now: UnixMs,
    *,
    is_override: bool = False,
) -> Approval:
    if not is_override and act.actor in {approval.asked_by, approval.asked_for}:
        raise NotAllowedError(
            f"approval {approval.number}: {act.actor} asked for it, "
            "another person has to decide"
        )
    step = "reject" if state is ApprovalState.REJECTED else "approve"
    index = _log(tx, "override" if is_override else step, approval.new, act, now)
    if is_override:
        raise_alarm(tx, _review(approval, now), act, now)
    tx.drop_order(approval.number)
    return tx.put_approval(
        replace(
            approval,
            state=state,
            decided_by=act.actor,
            decided_at=now,
            decision_index=index,
            is_override=is_override,
        )
    )


def _review(approval: Approval, now: UnixMs) -> NewAlarm:
    """Return the alarm that lets somebody review, who did not do it, what was done."""
    new = approval.new
    return NewAlarm(
        kind=AlarmKind.BREAK_GLASS_REVIEW,
        subject=f"approval {approval.number}",
        case_id=new.case_id,
        message_id=new.message_id,
        peer=new.peer,
        due=UnixMs(now + REVIEW_WITHIN_MS),
    )


def _person(act: Act) -> str:
    """Return the id of the person a system acts for, or nothing."""
    if not act.on_behalf_of:
        return ""
    person = json.loads(act.on_behalf_of)
    return str(person.get("id", "")) if isinstance(person, dict) else ""


def _log(tx: Transaction, step: str, new: NewApproval, act: Act, now: UnixMs) -> int:
    """Log a step; what it is about stands beside, never in the clear."""
    text = " ".join(part for part in (new.kind, new.subject, new.detail) if part)
    about: tuple[Disclosure, ...] = (Disclosure("detail", text),)
    if new.case_id and not act.case:
        about += (Disclosure("case", new.case_id),)
    draft = EntryDraft(
        f"admin.approval-{step}",
        now,
        {"res": new.kind.value, **optional("peer", new.peer)},
        (*act.disclosures(), *about),
    )
    return tx.append_entry(draft, case_id=new.case_id)
