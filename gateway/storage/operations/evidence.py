"""Evidence files of messages: their parts, who fetches them, and what is dropped."""

from dataclasses import replace

from msgspec.structs import replace as changed

from gateway.core.delivery import InboundEvent, InboundState, next_inbound
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import (
    ConflictError,
    DamagedError,
    NoSuchMessageError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.parts import PartSet
from gateway.core.values import NEVER, AuthorityId, MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    Attachment,
    AttachmentState,
    HandOut,
    Transfer,
)
from gateway.ports.messages import Box
from gateway.storage.operations.guarding import check_export
from gateway.storage.operations.steps import (
    NOT_HANDED_OUT,
    enter_state,
    opened_message,
    optional,
    require,
    save_state,
)
from gateway.storage.rows import Grant, Sealed, StoredMessage
from gateway.storage.transaction import Lookup, Reader, Transaction

ATTACHMENTS_CODE = "attachments"
"""`res` of the `msg.hold` and `msg.expire` of a message that waits for its files."""

_NODE = Act("node", "node", "verifying evidence")
_HERE = frozenset({AttachmentState.STORED, AttachmentState.VERIFIED})
# Written only when it moves by more: it changes with every part.
_PENDING_STEP_MS = 3_600_000


def attachments(tx: Lookup, message_id: MessageId) -> list[Attachment]:
    """Return the attachments of a message of either box, in order.

    Raises:
        NotFoundError: No such message.
    """
    return tx.attachments(require(tx, message_id).number)


def waiting_attachment(
    tx: Lookup,
    peer: AuthorityId,
    message_id: MessageId,
    aid: str,
) -> Attachment:
    """Return an attachment that a peer may send parts of.

    Raises:
        NoSuchMessageError: No message of that peer waits for it.
    """
    return _waiting(tx, peer, message_id, aid)[1]


def _waiting(
    tx: Lookup,
    peer: AuthorityId,
    message_id: MessageId,
    aid: str,
) -> tuple[StoredMessage, Attachment]:
    message = tx.message(message_id)
    if (
        message is None
        or message.view.peer != peer
        or message.view.state is not InboundState.PENDING
    ):
        raise NoSuchMessageError(f"message {message_id}: waits for no parts")
    for row in tx.attachments(message.number):
        if row.aid == aid and row.blob:
            return message, row
    raise NoSuchMessageError(f"message {message_id}: has no attachment {aid}")


def announce_parts(
    tx: Transaction,
    peer: AuthorityId,
    message_id: MessageId,
    aid: str,
    part_list: bytes,
) -> Attachment:
    """Keep the part digests of an attachment; return it.

    The list was compared with the sealed root: there is only one that fits.

    Raises:
        NoSuchMessageError: No message of that peer waits for it.
    """
    message, row = _waiting(tx, peer, message_id, aid)
    if row.part_list:
        return row
    announced = replace(row, part_list=part_list)
    tx.put_attachments(message.number, [announced])
    return announced


def add_part(
    tx: Transaction,
    peer: AuthorityId,
    message_id: MessageId,
    aid: str,
    index: int,
    pending_until: UnixMs,
) -> Attachment:
    """Record that a part is durably here.

    Raises:
        NoSuchMessageError: The message does not wait any more.
    """
    message, row = _waiting(tx, peer, message_id, aid)
    parts = row.parts.with_part(index)
    state = AttachmentState.STORED if parts.is_whole else row.state
    after = replace(row, parts=parts, state=state)
    tx.put_parts(message.number, after)
    if pending_until - message.view.pending_until > _PENDING_STEP_MS:
        view = changed(message.view, pending_until=pending_until)
        tx.update_message(message, changed(message, view=view))
    return after


def lose_blob(tx: Transaction, lost: BlobId, fresh: BlobId | None) -> bool:
    """Record that a blob is gone; return whether `fresh` took its place."""
    owner = tx.owner_of(lost)
    if owner is None:
        return False
    if owner.upload_id is not None:
        tx.drop_upload(owner.upload_id)
        return False
    if owner.message_id is None:
        return False
    message = require(tx, owner.message_id)
    row = tx.attachments(message.number)[owner.position]
    if message.view.state is InboundState.PENDING:
        empty = PartSet(row.part_count)
        blob = fresh or row.blob
        again = replace(row, blob=blob, parts=empty, state=AttachmentState.COMING)
        tx.put_attachments(message.number, [again])
        return fresh is not None
    # Its name is kept: a blob that is put back under it is looked at again.
    tx.put_parts(message.number, replace(row, state=AttachmentState.DAMAGED))
    return False


def note_sent(tx: Transaction, message_id: MessageId, aid: str, parts: PartSet) -> None:
    """Record which parts of an outbound attachment the peer has."""
    message = require(tx, message_id, Box.OUT)
    for row in tx.attachments(message.number):
        if row.aid == aid:
            tx.put_parts(message.number, replace(row, parts=parts))


def transfers(tx: Reader, peer: AuthorityId, limit: int) -> list[Transfer]:
    """Return messages whose files a peer waits for, in the order to send."""
    return [
        Transfer(one.view.id, one.view.priority, one.view.attachment_bytes)
        for one in tx.in_transfer(peer, limit)
    ]


def transfer_done(tx: Transaction, message_id: MessageId) -> None:
    """Let a message be offered again at once: the peer has its files."""
    message = require(tx, message_id, Box.OUT)
    if message.is_leased or not message.is_offered:
        return
    view = changed(message.view, next_attempt_at=NEVER, last_code="")
    tx.update_message(message, changed(message, view=view))


def drop_pending(tx: Transaction, now: UnixMs, limit: int) -> list[BlobId]:
    """Let messages go whose files did not come in time; return their blobs."""
    dropped = []
    for message in tx.past_pending(now, limit):
        view = message.view
        entry = EntryDraft(
            "msg.expire",
            now,
            {
                "m": view.id,
                "peer": view.peer,
                "dig": view.digest,
                "ref": view.log_index,
                "res": ATTACHMENTS_CODE,
            },
        )
        index = tx.append_entry(entry)
        state = next_inbound(InboundState(view.state), InboundEvent.EXPIRY)
        after = enter_state(message, state, now)
        after = changed(after, view=changed(after.view, pending_until=NEVER))
        save_state(tx, message, after, index)
        # As if it had never come: whoever offers it again sends it whole.
        tx.replace_sealed(message.number, Sealed())
        rows = tx.attachments(message.number)
        dropped += [row.blob for row in rows if row.blob]
        tx.put_attachments(message.number, [gone(row) for row in rows])
    return dropped


def gone(row: Attachment) -> Attachment:
    """Return an attachment whose bytes are dropped."""
    return replace(
        row,
        blob=BlobId(""),
        state=AttachmentState.GONE,
        parts=PartSet(row.part_count),
        part_list=b"",
    )


def hand_out(
    tx: Transaction,
    message_id: MessageId,
    aid: str,
    act: Act,
    now: UnixMs,
) -> HandOut:
    """Return an attachment to whoever opened its message not long ago.

    Raises:
        NotFoundError: No such message or attachment.
        NotAllowedError: The account has not opened the message, or too long ago.
        ConflictError: Its bytes are not here, or not to be handed out.
        DamagedError: What lies here is not what was stored.
    """
    message = require(tx, message_id)
    view = message.view
    row = _attachment(tx, message, aid)
    if view.state in NOT_HANDED_OUT:
        raise ConflictError(f"attachment: the message is {view.state}")
    _check_here(row)
    grant = tx.grant(message.number, act.actor)
    if grant is None or grant.until < now:
        raise NotAllowedError(
            "attachment: open the message first; its files may be fetched for some "
            "hours after that",
        )
    check_export(tx, message, grant.access_index)
    log_export(tx, message, grant, aid, act, now)
    return _handed(tx, message, row, grant.access_index)


def log_export(
    tx: Transaction,
    message: StoredMessage,
    grant: Grant,
    aid: str,
    act: Act,
    now: UnixMs,
) -> None:
    """Log that a file is fetched, once under each grant."""
    if tx.has_export(grant.access_index, aid):
        return
    view = message.view
    entry = EntryDraft(
        "msg.export",
        now,
        {"m": view.id, "ref": grant.access_index, "peer": view.peer, "res": aid},
        act.disclosures(),
    )
    tx.append_entry(entry, case_id=view.case_id)
    tx.add_export(grant.access_index, aid)


def _attachment(tx: Lookup, message: StoredMessage, aid: str) -> Attachment:
    for row in tx.attachments(message.number):
        if row.aid == aid:
            return row
    raise NotFoundError(f"attachment {aid}: not found")


def _check_here(row: Attachment) -> None:
    if row.state is AttachmentState.DAMAGED:
        raise DamagedError(
            "attachment: what lies here is not what was stored; put its blob back "
            "from a copy and restart the node, or have the file sent again",
        )
    if row.state not in _HERE:
        raise ConflictError(f"attachment: is {row.state}")


def _handed(
    tx: Lookup,
    message: StoredMessage,
    row: Attachment,
    access_index: int,
) -> HandOut:
    sealed = tx.sealed([message.number])[message.number]
    return HandOut(opened_message(message, sealed, access_index), row)


def begin_evidence_check(tx: Transaction, now: UnixMs) -> HandOut | None:
    """Log `msg.check` and return the next attachment that was not verified yet."""
    message_id = tx.unverified()
    if message_id is None:
        return None
    message = require(tx, message_id)
    rows = tx.attachments(message.number)
    row = next(one for one in rows if one.state is AttachmentState.STORED)
    view = message.view
    entry = EntryDraft(
        "msg.check",
        now,
        {
            "m": view.id,
            "ref": view.log_index,
            "res": row.aid,
            **optional("peer", view.peer),
        },
        _NODE.disclosures(),
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    return _handed(tx, message, row, index)


def mark_attachment(
    tx: Transaction,
    message_id: MessageId,
    aid: str,
    state: AttachmentState,
) -> None:
    """Record what looking at an attachment's bytes has shown."""
    message = require(tx, message_id)
    row = _attachment(tx, message, aid)
    tx.put_parts(message.number, replace(row, state=state))
