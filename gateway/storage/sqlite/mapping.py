"""How rows of tables become values and back; the order of columns is the table's."""

import json
from collections.abc import Collection
from sqlite3 import Cursor
from typing import TypeAlias

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.values import AuthorityId, MessageId, Priority, UnixMs
from gateway.ports.log import PeerLogState, SignedCheckpoint, StoredEntry
from gateway.ports.messages import Box, MessageIndex, MessageRow
from gateway.storage.rows import CheckState, PeerRow, Sealed, StoredMessage

SqlValue: TypeAlias = "str | int | bytes | None"
Params: TypeAlias = tuple[SqlValue, ...]

_NO_INDEX_FIELDS = ("", "", 0, "", "", "", "")
_URGENT_RANK, _ROUTINE_RANK = 0, 1


def messages_from(rows: Cursor) -> list[StoredMessage]:
    """Return the messages of `SELECT * FROM message`."""
    return [
        StoredMessage(
            number=row[0],
            view=MessageRow(
                id=MessageId(row[1]),
                box=(box := Box(row[2])),
                peer=AuthorityId(row[3]),
                state=OutboundState(row[4]) if box is Box.OUT else InboundState(row[4]),
                priority=Priority(row[5]),
                created_at=UnixMs(row[6]),
                accepted_at=UnixMs(row[7]),
                updated_at=UnixMs(row[8]),
                expires_at=UnixMs(row[9]),
                digest=row[10],
                content_digest=row[11],
                size_bytes=row[12],
                seq=row[13],
                log_index=row[14],
                index=_index_from(*row[15:22]),
                attempts=row[22],
                next_attempt_at=UnixMs(row[23]),
                last_code=row[24],
                hold_reason=row[25],
                problems=row[26],
                idempotency_key=row[27],
                has_unknown_attempt=row[28] > 0,
                attachments=row[33],
                attachment_bytes=row[34],
                pending_until=UnixMs(row[35]),
            ),
            unknown_attempts=row[28],
            is_leased=bool(row[29]),
            check=CheckState(row[30]),
            opened_index=row[31],
        )
        for row in rows
    ]


def _index_from(  # noqa: PLR0913, PLR0917 - the columns of a message's index
    msg_type: str,
    case_id: str,
    case_seq: int,
    urgency: str,
    in_reply_to: str,
    sender_ref: str,
    recipient_ref: str,
) -> MessageIndex | None:
    if not msg_type:
        return None
    return MessageIndex(
        msg_type=msg_type,
        case_id=case_id,
        case_seq=case_seq,
        urgency=urgency,
        in_reply_to=in_reply_to,
        sender_ref=sender_ref,
        recipient_ref=recipient_ref,
    )


def message_columns(message: StoredMessage) -> Params:
    """Return all columns of a message, in the order of the table."""
    view = message.view
    return (
        message.number,
        view.id,
        view.box.value,
        view.peer,
        view.state.value,
        view.priority.value,
        view.created_at,
        view.accepted_at,
        view.updated_at,
        view.expires_at,
        view.digest,
        view.content_digest,
        view.size_bytes,
        view.seq,
        view.log_index,
        *index_columns(message),
        view.attempts,
        view.next_attempt_at,
        view.last_code,
        view.hold_reason,
        view.problems,
        view.idempotency_key,
        message.unknown_attempts,
        int(message.is_leased),
        message.check.value,
        message.opened_index,
        offer_rank(message),
        *pending_columns(message),
    )


def offer_rank(message: StoredMessage) -> int | None:
    """Return in which order the peer is to be offered a message; None if not at all."""
    if not message.is_offered:
        return None
    is_urgent = message.view.priority is Priority.URGENT
    return _URGENT_RANK if is_urgent else _ROUTINE_RANK


def index_columns(message: StoredMessage) -> Params:
    """Return what `set_index` sets."""
    index = message.view.index
    if index is None:
        return _NO_INDEX_FIELDS
    return (
        index.msg_type,
        index.case_id,
        index.case_seq,
        index.urgency,
        index.in_reply_to,
        index.sender_ref,
        index.recipient_ref,
    )


def attempt_columns(message: StoredMessage) -> Params:
    """Return what `set_attempt` sets."""
    view = message.view
    return (
        view.attempts,
        view.next_attempt_at,
        view.last_code,
        message.unknown_attempts,
        int(message.is_leased),
    )


def standing_columns(message: StoredMessage) -> Params:
    """Return what decides which indices a change of state touches."""
    view = message.view
    return (view.state.value, view.updated_at, offer_rank(message))


def progress_columns(message: StoredMessage) -> Params:
    """Return what `set_progress` sets."""
    state, updated_at, rank = standing_columns(message)
    return (state, updated_at, *attempt_columns(message), rank)


def check_columns(message: StoredMessage) -> Params:
    """Return what `set_check` sets."""
    return (message.view.problems, message.check.value, message.opened_index)


def key_columns(message: StoredMessage) -> Params:
    """Return what `set_key` sets."""
    return (message.view.idempotency_key,)


def seal_columns(message: StoredMessage) -> Params:
    """Return what `set_seal` sets."""
    view = message.view
    return (
        view.expires_at,
        view.digest,
        view.content_digest,
        view.size_bytes,
        view.seq,
        view.log_index,
        view.hold_reason,
    )


def pending_columns(message: StoredMessage) -> Params:
    """Return what `set_pending` sets."""
    view = message.view
    return (view.attachments, view.attachment_bytes, view.pending_until)


def sealed_columns(number: int, sealed: Sealed) -> Params:
    """Return the columns of the sealed bytes of a message."""
    return (number, sealed.envelope, sealed.archived_key, sealed.draft)


def sealed_from(rows: Cursor) -> dict[int, Sealed]:
    """Return sealed bytes by message number."""
    return {row[0]: Sealed(row[1], row[2], row[3]) for row in rows}


def entries_from(rows: Cursor) -> list[StoredEntry]:
    """Return entries; one that was pruned has no data."""
    return [StoredEntry(row[0], row[1], row[2] or b"", row[3], row[4]) for row in rows]


def peer_from(peer: AuthorityId, rows: Cursor) -> PeerRow:
    """Return the counters of a peer, fresh ones if there is no row."""
    for row in rows:
        return PeerRow(
            peer=peer,
            accepted=row[1],
            last_seq=row[2],
            highest_seq=row[3],
            failures=row[4],
            retry_at=UnixMs(row[5]),
            last_error=row[6],
            last_contact_at=UnixMs(row[7]),
            known_seen_size=row[8],
            card_number_acknowledged=row[9],
        )
    return PeerRow(peer=peer)


def peer_columns(row: PeerRow) -> Params:
    """Return the columns of a peer."""
    return (
        row.peer,
        row.accepted,
        row.last_seq,
        row.highest_seq,
        row.failures,
        row.retry_at,
        row.last_error,
        row.last_contact_at,
        row.known_seen_size,
        row.card_number_acknowledged,
    )


def peer_log_from(rows: Cursor) -> PeerLogState | None:
    """Return the state of a peer's log, if there is a row."""
    for row in rows:
        return PeerLogState(row[0], row[1], row[2], row[3])
    return None


def checkpoint_from(rows: Cursor) -> SignedCheckpoint | None:
    """Return a signed checkpoint, if there is a row."""
    for row in rows:
        return SignedCheckpoint(row[0], row[1], row[2], row[3])
    return None


RARE_CHANGES = (
    ("set_check", check_columns),
    ("set_index", index_columns),
    ("set_key", key_columns),
    ("set_seal", seal_columns),
    ("set_pending", pending_columns),
)
"""Queries that touch columns of a message which seldom change, and what they set."""


def as_json(values: Collection[str] | Collection[int]) -> str:
    """Return values as one parameter, to be taken apart by `json_each`."""
    return json.dumps(list(values))
