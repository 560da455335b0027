"""Cases: they come to be, and go, with the docket entries of their messages."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import msgspec

from gateway.core.values import UnixMs
from gateway.mla.document import opens_case
from gateway.mla.problems import texts_at
from gateway.ports.cases import CaseRow, DocketRow
from gateway.ports.messages import Box, MessageIndex, MessageRow
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Lookup, Transaction

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject


def keep_docket_entry(tx: Transaction, message: StoredMessage, entry: bytes) -> None:
    """Keep what the case of a message is to know of it.

    Args:
        tx: The transaction in which the message is accepted or found to be read.
        message: With its index; of no case, nothing is kept.
        entry: The docket entry, as JSON; nothing is kept of none.
    """
    view = message.view
    index = view.index
    if not entry or index is None or not index.case_id:
        return
    if not tx.add_docket_entry(message.number, index.case_id, entry):
        return
    opens = opens_case(index.msg_type)
    before = tx.case_row(index.case_id, view.peer)
    if before is None:
        tx.put_case_row(_new_row(view, index, opens=opens))
        return
    after = replace(
        before,
        opened_at=UnixMs(min(before.opened_at, view.accepted_at)),
        last_at=UnixMs(max(before.last_at, view.accepted_at)),
        messages=before.messages + 1,
    )
    if opens and not before.msg_type:
        after = _opened_by(after, view, index)
    if not after.recipient_ref and view.box is not after.opener:
        after = replace(after, recipient_ref=index.sender_ref)
    tx.put_case_row(after)


def _new_row(view: MessageRow, index: MessageIndex, *, opens: bool) -> CaseRow:
    other = Box.IN if view.box is Box.OUT else Box.OUT
    row = CaseRow(
        number=0,
        case_id=index.case_id,
        peer=view.peer,
        # A message that opens nothing was written by the other side of one that did.
        opener=view.box if opens else other,
        msg_type="",
        opened_at=view.accepted_at,
        last_at=view.accepted_at,
        messages=1,
        sender_ref=index.recipient_ref,
        recipient_ref="" if opens else index.sender_ref,
        urgency=index.urgency,
    )
    return _opened_by(row, view, index) if opens else row


def _opened_by(row: CaseRow, view: MessageRow, index: MessageIndex) -> CaseRow:
    return replace(
        row,
        opener=view.box,
        msg_type=index.msg_type,
        sender_ref=index.sender_ref,
        recipient_ref=index.recipient_ref or row.recipient_ref,
        urgency=index.urgency,
    )


def forget_docket_entry(tx: Transaction, message: StoredMessage) -> None:
    """Remove what a case knows of a message, and the case with its last one."""
    if not tx.drop_docket_entry(message.number):
        return
    view = message.view
    row = tx.case_row(view.case_id, view.peer)
    if row is None:
        return
    if row.messages <= 1:
        tx.drop_case_row(row.case_id, row.peer)
        tx.drop_assignment(row.case_id, row.peer)
    else:
        tx.put_case_row(replace(row, messages=row.messages - 1))


def item_ids(tx: Transaction, message: StoredMessage) -> frozenset[str]:
    """Return the ids of the evidence items that a message brought."""
    raw = tx.docket_entry(message.number)
    entry = cast("JsonObject", msgspec.json.decode(raw)) if raw else {}
    return texts_at(entry, "/evidence/*") | texts_at(
        entry, "/payload/manifest/*/item_id"
    )


def docket(tx: Lookup, case_id: str, limit: int) -> list[DocketRow]:
    """Return what is kept of a case's messages with all peers, oldest first."""
    entries = tx.docket_entries(case_id, limit)
    messages = {one.number: one for one in tx.numbered([n for n, _ in entries])}
    return [
        _docket_row(messages[number].view, entry)
        for number, entry in entries
        if number in messages
    ]


def _docket_row(view: MessageRow, entry: bytes) -> DocketRow:
    return DocketRow(
        id=view.id,
        box=view.box,
        peer=view.peer,
        state=view.state.value,
        accepted_at=view.accepted_at,
        problems=view.problems,
        entry=cast("JsonObject", msgspec.json.decode(entry)),
    )
