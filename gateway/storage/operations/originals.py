"""Originals of redacted copies: kept with a message, shown by a logged access only."""

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import (
    ConflictError,
    NeedsApprovalError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.values import MessageId, UnixMs
from gateway.ports.approvals import ApprovalKind
from gateway.ports.evidence import UploadState
from gateway.ports.originals import KeptOriginal, OriginalsAccess
from gateway.ports.outbox import NewOutbound
from gateway.storage.operations import approvals
from gateway.storage.operations.evidence import log_export
from gateway.storage.operations.steps import opened_message, require
from gateway.storage.operations.uploads import spent, upload
from gateway.storage.rows import Grant
from gateway.storage.transaction import Transaction

_ABOUT = Disclosure("detail", "sealed originals of redacted copies")


def _grantee(act: Act) -> str:
    """Return under which name a grant for originals stands.

    Having opened a message gives no right to its originals, so the two are apart. No
    name of an account has a space.
    """
    return f"{act.actor} originals"


def keep_originals(tx: Transaction, number: int, message: NewOutbound) -> None:
    """Turn complete uploads into originals kept with a message.

    Raises:
        NotFoundError: The submitter has no such upload.
        ConflictError: It is not complete, or was used before.
    """
    for position, new in enumerate(message.originals):
        found = upload(tx, new.upload, message.submitter)
        if found.state is not UploadState.COMPLETE:
            raise ConflictError(f"upload {new.upload}: is {found.state}")
        tx.put_upload(spent(found))
        original = KeptOriginal(
            aid=found.aid,
            size=found.size,
            length=found.length,
            root=found.root,
            blob=found.blob,
            sealed=new.sealed,
        )
        tx.add_original(number, position, original)


def open_originals(
    tx: Transaction,
    message_id: MessageId,
    act: Act,
    now: UnixMs,
    *,
    grant_until: UnixMs,
    uses_approval: bool,
) -> OriginalsAccess:
    """Log `msg.access`, then return the originals; the account may fetch them.

    Raises:
        NeedsApprovalError: There is no approval to use.
        NotFoundError: No such message of ours, or no original is kept with it.
    """
    message = require(tx, message_id)
    kept = tx.originals(message.number)
    if not kept:
        raise NotFoundError(f"message {message_id}: no sealed original is kept with it")
    kind = ApprovalKind.ORIGINAL
    if uses_approval and approvals.use(tx, kind, message_id, act, now) is None:
        raise NeedsApprovalError("originals: another person has to approve it first")
    view = message.view
    entry = EntryDraft(
        "msg.access",
        now,
        {"m": view.id, "ref": view.log_index, "peer": view.peer},
        (*act.disclosures(), _ABOUT),
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    tx.put_grant(message.number, Grant(_grantee(act), index, grant_until))
    sealed = tx.sealed([message.number])[message.number]
    return OriginalsAccess(opened_message(message, sealed, index), tuple(kept))


def hand_out_original(
    tx: Transaction, message_id: MessageId, aid: str, act: Act, now: UnixMs
) -> KeptOriginal:
    """Return an original to whoever opened them not long ago; the first time is logged.

    Raises:
        NotFoundError: No such message or original.
        NotAllowedError: The account has not opened them, or too long ago.
    """
    message = require(tx, message_id)
    found = [one for one in tx.originals(message.number) if one.aid == aid]
    if not found:
        raise NotFoundError(f"original {aid}: not found")
    grant = tx.grant(message.number, _grantee(act))
    if grant is None or grant.until < now:
        raise NotAllowedError(
            "original: open the originals of the message first; they may be fetched "
            "for some hours after that"
        )
    log_export(tx, message, grant, aid, act, now)
    return found[0]
