"""Our own messages: accepted, held, released, withdrawn, expired."""

from dataclasses import replace

from msgspec.structs import replace as changed

from gateway.core.delivery import OutboundEvent, OutboundState, next_outbound
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotFoundError, StaleCaseError
from gateway.core.limits import MAX_PENDING_RANGES
from gateway.core.routing import HoldReason
from gateway.core.values import NEVER, AuthorityId, MessageId, UnixMs
from gateway.ports.messages import Box, MessageRow, SealedMessage
from gateway.ports.outbox import (
    Accepted,
    CaseHead,
    NewOutbound,
    Sealing,
)
from gateway.storage.operations import approvals, guarding, sequences
from gateway.storage.operations.assigning import assign_first
from gateway.storage.operations.cases import keep_docket_entry
from gateway.storage.operations.erasure import Blind, blinded_key
from gateway.storage.operations.findings import keep_findings
from gateway.storage.operations.originals import keep_originals
from gateway.storage.operations.steps import (
    opened_message,
    require,
    save_state,
    tell_feed,
)
from gateway.storage.operations.subjects import keep_subjects
from gateway.storage.operations.uploads import use_uploads
from gateway.storage.rows import (
    NO_INDEX,
    RangeKind,
    Sealed,
    StoredMessage,
    UsedKey,
)
from gateway.storage.transaction import Lookup, Reader, Transaction

# Held messages of one kind are looked for among so many of both.
_HELD_LOOKED_THROUGH = 1024
_NODE = Act("node", "node", "sealing again")


def case_head(tx: Lookup, case_id: str, peer: AuthorityId) -> CaseHead:
    """Return the end of our own messages in a case with a peer."""
    return tx.case_head(case_id, peer) or CaseHead(case_id, 0, "", None)


def find_accepted(
    tx: Lookup,
    submitter: str,
    idempotency_key: str,
    request_digest: str,
    blind: Blind,
) -> Accepted | None:
    """Return what an earlier use of an idempotency key led to.

    Raises:
        ConflictError: The key was used for another request, or for a message that
            was erased since.
    """
    used = tx.used_key(submitter, idempotency_key) if idempotency_key else None
    if used is None:
        blinded = blinded_key(blind, submitter, idempotency_key)
        if blinded and tx.used_key(submitter, blinded) is not None:
            raise ConflictError(
                "idempotency key: was used for a message that is erased",
            )
        return None
    if used.request_digest != request_digest:
        raise ConflictError("idempotency key: was used for another request")
    return Accepted(used.message_id, used.state, used.log_index, is_repetition=True)


def accept(
    tx: Transaction,
    message: NewOutbound,
    blind: Blind,
    now: UnixMs,
) -> Accepted:
    """Store a message and its `msg.send` or `msg.hold` entry.

    Raises:
        ConflictError: The idempotency key was used for another request, the message
            id was used before, the case is not known, or an upload is not to be used.
        NotFoundError: The submitter has no such upload.
        StaleCaseError: The case has moved on.
    """
    repeated = find_accepted(
        tx,
        message.submitter,
        message.idempotency_key,
        message.request_digest,
        blind,
    )
    if repeated:
        return repeated
    if tx.has_message(message.id):
        raise ConflictError(f"message {message.id}: the id was used before")
    opener = _check_case(tx, message)
    attachments = use_uploads(tx, message)
    length = sum(one.length for one in attachments)
    stored = (
        _store_queued(tx, message, length, now)
        if message.sealing
        else _hold(tx, message, length, now)
    )
    tx.put_attachments(stored.number, attachments)
    keep_originals(tx, stored.number, message)
    keep_docket_entry(tx, stored, message.docket)
    assign_first(tx, stored, message.assignee, now)
    keep_findings(tx, stored.number, attachments, message.findings)
    keep_subjects(tx, stored, message.subjects)
    index = message.index
    tx.put_case_head(
        CaseHead(index.case_id, index.case_seq, message.document_digest, opener),
        message.peer,
    )
    waits_for = 0
    if message.approval is not None:
        waits_for = approvals.ask(tx, message.approval, message.act, now).number
    if message.order is not None:
        at = stored.view.log_index
        guarding.obey(tx, message.order, message.peer, ordered_at=at)
    accepted = Accepted(
        message.id, _state(stored), stored.view.log_index, approval=waits_for
    )
    if message.idempotency_key:
        used = UsedKey(
            message.request_digest,
            message.id,
            accepted.state,
            accepted.log_index,
        )
        tx.add_used_key(message.submitter, message.idempotency_key, used)
    return accepted


def _state(message: StoredMessage) -> OutboundState:
    return OutboundState(message.view.state)


def _check_case(tx: Lookup, message: NewOutbound) -> Box | None:
    """Return who opened the case of a message that fits its end."""
    head = tx.case_head(message.index.case_id, message.peer)
    if head is None and message.opener_if_new is None:
        raise ConflictError("case: not known with this authority")
    expected = head.case_seq + 1 if head else 1
    if message.index.case_seq != expected:
        raise StaleCaseError(
            f"case: message {message.index.case_seq}, expected {expected}",
        )
    return head.opener if head else message.opener_if_new


def _store_queued(
    tx: Transaction,
    message: NewOutbound,
    evidence_length: int,
    now: UnixMs,
) -> StoredMessage:
    sealing = message.sealing
    if sealing is None:
        raise AssertionError("internal: queued without a seal")
    seq = sequences.next_seq(tx, message.peer, accepted=1)
    draft = EntryDraft(
        "msg.send",
        now,
        {
            "m": message.id,
            "peer": message.peer,
            "dig": sealing.digest,
            "man": sealing.content_digest,
            "seq": seq,
        },
        message.act.disclosures(),
    )
    index = tx.append_entry(draft, case_id=message.index.case_id)
    view = changed(
        _new_view(message, evidence_length, now),
        state=OutboundState.QUEUED,
        digest=sealing.digest,
        content_digest=sealing.content_digest,
        size_bytes=len(sealing.envelope),
        expires_at=sealing.expires_at,
        seq=seq,
        log_index=index,
    )
    return _add(tx, view, Sealed(sealing.envelope, sealing.archived_key))


def _hold(
    tx: Transaction,
    message: NewOutbound,
    evidence_length: int,
    now: UnixMs,
) -> StoredMessage:
    if message.hold_reason is None:
        raise AssertionError("internal: held without a reason")
    peer = tx.peer(message.peer)
    tx.put_peer(replace(peer, accepted=peer.accepted + 1))
    draft = EntryDraft(
        "msg.hold",
        now,
        {"m": message.id, "peer": message.peer, "res": message.hold_reason.value},
        message.act.disclosures(),
    )
    index = tx.append_entry(draft, case_id=message.index.case_id)
    view = changed(
        _new_view(message, evidence_length, now),
        hold_reason=message.hold_reason.value,
        log_index=index,
    )
    return _add(tx, view, Sealed(draft=message.draft))


def _add(tx: Transaction, view: MessageRow, sealed: Sealed) -> StoredMessage:
    stored = tx.add_message(StoredMessage(number=0, view=view), sealed)
    tell_feed(tx, stored, view.log_index)
    return stored


def _new_view(message: NewOutbound, evidence_length: int, now: UnixMs) -> MessageRow:
    return MessageRow(
        id=message.id,
        box=Box.OUT,
        peer=message.peer,
        state=OutboundState.HELD,
        priority=message.priority,
        created_at=message.created_at,
        accepted_at=now,
        updated_at=now,
        expires_at=message.draft_expires_at,
        digest="",
        content_digest="",
        size_bytes=len(message.draft),
        seq=0,
        log_index=NO_INDEX,
        index=message.index,
        attempts=0,
        next_attempt_at=NEVER,
        last_code="",
        hold_reason="",
        has_unknown_attempt=False,
        problems=0,
        idempotency_key=message.idempotency_key,
        attachments=len(message.uploads),
        attachment_bytes=evidence_length,
    )


def draft(tx: Lookup, message_id: MessageId) -> bytes:
    """Return the sealed draft of a held message.

    Raises:
        NotFoundError: Not a held message.
    """
    message = require(tx, message_id, Box.OUT)
    if message.view.state is not OutboundState.HELD:
        raise NotFoundError(f"message {message_id}: not held")
    return tx.sealed([message.number])[message.number].draft


def release(
    tx: Transaction,
    message_id: MessageId,
    sealing: Sealing,
    now: UnixMs,
) -> bool:
    """Queue a held message; returns False if it is no longer held.

    One that is sealed again keeps its running number: the peer waits for it.
    """
    before = tx.message(message_id)
    if before is None or before.view.state is not OutboundState.HELD:
        return False
    view = before.view
    seq = view.seq or sequences.next_seq(tx, view.peer, accepted=0)
    entry = EntryDraft(
        "msg.send",
        now,
        {
            "m": message_id,
            "peer": view.peer,
            "dig": sealing.digest,
            "man": sealing.content_digest,
            "seq": seq,
            "ref": view.log_index,
        },
    )
    index = tx.append_entry(entry)
    view = changed(
        view,
        state=next_outbound(OutboundState.HELD, OutboundEvent.RELEASE),
        updated_at=now,
        expires_at=sealing.expires_at,
        digest=sealing.digest,
        content_digest=sealing.content_digest,
        size_bytes=len(sealing.envelope),
        seq=seq,
        log_index=index,
        hold_reason="",
    )
    # The draft goes: from here on the envelope is the only copy.
    tx.replace_sealed(
        before.number,
        Sealed(sealing.envelope, sealing.archived_key),
    )
    save_state(tx, before, changed(before, view=view), index)
    return True


def held(
    tx: Reader,
    peer: AuthorityId,
    limit: int,
    *,
    is_sealed: bool,
) -> list[MessageId]:
    """Return held messages for a peer, oldest first.

    Args:
        tx: The transaction.
        peer: The addressee.
        limit: How many at most.
        is_sealed: Those to be sealed again; else those that were never sealed.
    """
    ids = tx.held(peer, _HELD_LOOKED_THROUGH)
    known = tx.messages(ids)
    wanted = [one for one in ids if bool(known[one].view.seq) is is_sealed]
    return wanted[:limit]


def begin_reseal(
    tx: Transaction,
    message_id: MessageId,
    now: UnixMs,
) -> SealedMessage | None:
    """Log `msg.check` for a message to be sealed again; None if it is not held."""
    message = tx.message(message_id)
    if (
        message is None
        or message.view.state is not OutboundState.HELD
        or message.view.hold_reason != HoldReason.KEY_RETIRED.value
    ):
        return None
    view = message.view
    entry = EntryDraft(
        "msg.check",
        now,
        {
            "m": view.id,
            "ref": view.log_index,
            "peer": view.peer,
            "res": HoldReason.KEY_RETIRED.value,
        },
        _NODE.disclosures(),
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    return opened_message(message, tx.sealed([message.number])[message.number], index)


def pending_seqs(tx: Lookup, peer: AuthorityId) -> list[tuple[int, int]]:
    """Return our running numbers to a peer that are under way or waiting."""
    spans = sequences.listed(tx, peer, RangeKind.PENDING)
    if len(spans) == MAX_PENDING_RANGES:
        # The rest goes into the last range: claiming too much is harmless.
        spans[-1] = (spans[-1][0], tx.peer(peer).last_seq)
    return spans
