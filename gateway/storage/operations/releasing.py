"""Marked messages of ours that wait for a second person: let go, or withdrawn."""

from msgspec.structs import replace as changed

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError
from gateway.core.routing import HoldReason
from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import Approval, ApprovalKind
from gateway.ports.messages import Box
from gateway.ports.outbox import Sealing
from gateway.storage.operations import approvals
from gateway.storage.operations.endings import cancel
from gateway.storage.operations.outbox import release
from gateway.storage.operations.steps import enter_state, require, save_state
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Lookup, Transaction


def release_approved(  # noqa: PLR0913 - who lets what go, and how
    tx: Transaction,
    number: int,
    sealing: Sealing | None,
    act: Act,
    now: UnixMs,
    *,
    hold_reason: str = "",
    is_override: bool = False,
) -> Approval:
    """Approve the release of a held message, and queue it or let it wait on.

    Raises:
        NotFoundError: No such approval.
        ConflictError: It was decided or has ended, or the message is not held for it.
        NotAllowedError: It needs another person than the one who asked.
    """
    approval = approvals.settle(tx, number, act, now, is_override=is_override)
    message = _waiting(tx, approval)
    if sealing is not None:
        release(tx, message.view.id, sealing, now)
    else:
        _hold_on(tx, message, hold_reason, now)
    return approval


def reject(tx: Transaction, number: int, act: Act, now: UnixMs) -> Approval:
    """Reject a request; a message that waited for it is cancelled.

    Raises:
        NotFoundError: No such approval.
        ConflictError: It was decided, or has ended.
        NotAllowedError: It needs another person than the one who asked.
    """
    approval = approvals.refuse(tx, number, act, now)
    if approval.new.kind is ApprovalKind.RELEASE:
        cancel(tx, _waiting(tx, approval).view.id, act, now)
    return approval


def _waiting(tx: Lookup, approval: Approval) -> StoredMessage:
    message = require(tx, MessageId(approval.new.message_id), Box.OUT)
    if message.view.hold_reason != HoldReason.APPROVAL.value:
        raise ConflictError(
            f"approval {approval.number}: the message does not wait for it"
        )
    return message


def _hold_on(
    tx: Transaction, message: StoredMessage, hold_reason: str, now: UnixMs
) -> None:
    """Let a message that was approved wait for a key or for its peer."""
    view = message.view
    entry = EntryDraft(
        "msg.hold",
        now,
        {"m": view.id, "peer": view.peer, "ref": view.log_index, "res": hold_reason},
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    held = enter_state(message, view.state, now)
    held = changed(
        held, view=changed(held.view, hold_reason=hold_reason, log_index=index)
    )
    save_state(tx, message, held, index)
