"""Changes of trust with what goes with them: approvals used, tasks passed on."""

from dataclasses import replace

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import NeedsApprovalError
from gateway.core.values import NEVER, UnixMs
from gateway.ports.alarms import REVIEW_KINDS
from gateway.ports.approvals import ORDERED_KINDS, Approval, ApprovalKind, ApprovalState
from gateway.ports.people import Beside, Leaving, Moved
from gateway.storage.operations import approvals, assigning
from gateway.storage.transaction import Transaction


def commit_trust(
    tx: Transaction, entry: EntryDraft, beside: Beside, now: UnixMs
) -> list[Moved]:
    """Log a change of trust with what goes with it; return the tasks moved.

    Raises:
        NotFoundError: There is no such approval.
        ConflictError: It was decided, or has ended.
        NotAllowedError: It needs another person than the one who asked.
        NeedsApprovalError: There is no approval to use up.
    """
    settles, uses = beside.settles, beside.uses
    if settles is not None:
        approvals.settle(
            tx, settles.number, settles.act, now, is_override=settles.is_override
        )
    if uses is not None:
        used = approvals.use(tx, uses.kind, uses.subject, uses.act, now)
        if used is None:
            raise NeedsApprovalError("approval: there is none to use")
    tx.append_entry(entry)
    return _leave(tx, beside.leaving, now) if beside.leaving is not None else []


def _leave(tx: Transaction, leaving: Leaving, now: UnixMs) -> list[Moved]:
    """Pass on what somebody had to do, and end what they alone might do."""
    moved = [
        *_cases(tx, leaving, now),
        *_alarms(tx, leaving, now),
        *_approvals(tx, leaving, now),
        *_holds(tx, leaving),
        *_readings(tx, leaving),
    ]
    for one in moved:
        _log(tx, one, leaving.act, now)
    tx.drop_token_uses(leaving.name)
    return moved


def _cases(tx: Transaction, leaving: Leaving, now: UnixMs) -> list[Moved]:
    moved = []
    for known in tx.assignments_to(leaving.name):
        assigning.pass_on(tx, known, leaving.name, leaving.heir, leaving.act, now)
        moved.append(Moved("case", known.case_id, leaving.heir))
    return moved


def _alarms(tx: Transaction, leaving: Leaving, now: UnixMs) -> list[Moved]:
    moved = []
    for number in tx.alarms_claimed_by(leaving.name):
        alarm = tx.alarm(number)
        if alarm is None:
            continue
        # What somebody caused is not reviewed by them: then anybody may claim it.
        is_own = alarm.new.kind in REVIEW_KINDS and alarm.raised_by == leaving.heir
        heir = "" if is_own else leaving.heir
        tx.put_alarm(
            replace(
                alarm,
                claimed_by=heir,
                claimed_at=now if heir else NEVER,
                tell_at=NEVER if heir or not alarm.new.tells else now,
                tries=0,
            )
        )
        moved.append(Moved("alarm", str(number), heir))
    return moved


def _approvals(tx: Transaction, leaving: Leaving, now: UnixMs) -> list[Moved]:
    """Let an heir have asked; end what was granted to a person, or ordered by one.

    A message that waits goes on waiting even where there is no heir.
    """
    moved = []
    for number in tx.approvals_asked_by(leaving.name):
        approval = approvals.require_approval(tx, number)
        if _is_passed_on(tx, approval, leaving.heir):
            tx.pass_approval(number, leaving.heir)
            moved.append(Moved("approval", str(number), leaving.heir))
        elif approval.new.kind is not ApprovalKind.RELEASE:
            approvals.withdraw(tx, approval, leaving.act, now)
            moved.append(Moved("approval", str(number), ""))
    return moved


def _is_passed_on(tx: Transaction, approval: Approval, heir: str) -> bool:
    new = approval.new
    return (
        bool(heir)
        and approval.state is ApprovalState.WAITING
        and new.kind not in ORDERED_KINDS
        and tx.open_approval(new.kind, new.subject, heir) is None
    )


def _holds(tx: Transaction, leaving: Leaving) -> list[Moved]:
    moved = []
    for hold in tx.holds():
        if hold.held_by == leaving.name and leaving.heir:
            tx.drop_hold(hold.hold_id)
            tx.add_hold(replace(hold, held_by=leaving.heir))
            moved.append(Moved("hold", hold.hold_id, leaving.heir))
    return moved


def _readings(tx: Transaction, leaving: Leaving) -> list[Moved]:
    """End what only they might read: an heir has to be named by somebody."""
    moved = []
    for case_id in tx.cases_read_by(leaving.name):
        tx.drop_reader(case_id, leaving.name)
        moved.append(Moved("reader", case_id, ""))
    grants = tx.grants_of_account(leaving.name)
    if grants:
        tx.drop_grants_of_account(leaving.name)
        moved.append(Moved("files", f"of {grants} message(s)", ""))
    return moved


def _log(tx: Transaction, moved: Moved, act: Act, now: UnixMs) -> None:
    is_case = moved.what in {"case", "reader"}
    about = moved.what if is_case else f"{moved.what} {moved.subject}"
    case: tuple[Disclosure, ...] = ()
    if is_case:
        case = (Disclosure("case", moved.subject),)
    entry = EntryDraft(
        "admin.handover",
        now,
        {"res": moved.what},
        (
            *act.disclosures(),
            Disclosure("detail", f"{about} to {moved.heir or 'nobody'}"),
            *case,
        ),
    )
    tx.append_entry(entry, case_id=moved.subject if is_case else "")
