"""Restricting what the other side orders; readers of a case; where items came from.

An order is obeyed in the transaction in which it is read, before anybody can open what
it is about; the entry of that says whether somebody had, and is told to the peer.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import (
    ConflictError,
    NeedsApprovalError,
    NotAllowedError,
    NotFoundError,
)
from gateway.core.limits import MAX_CASE_READERS
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.approvals import ApprovalKind
from gateway.ports.guarding import (
    CaseReader,
    ItemOrigin,
    Opened,
    Ordered,
    Restriction,
    RestrictionOrder,
)
from gateway.ports.messages import Box
from gateway.ports.outbox import OutboundEventItem
from gateway.storage.operations import approvals
from gateway.storage.rows import NO_INDEX, StoredMessage
from gateway.storage.transaction import Lookup, Reader, Transaction

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

_LIFTED = "lifted"


def obey(
    tx: Transaction,
    order: RestrictionOrder,
    peer: AuthorityId,
    *,
    ordered_at: int,
) -> None:
    """Restrict messages that a peer gave, or lift that; log and tell what was found.

    Args:
        tx: The transaction.
        order: What to do; messages of others than this peer are left alone.
        peer: Who gave the messages.
        ordered_at: Log index of the message that orders it.
    """
    for target in order.targets:
        message = tx.message(target)
        if message and (message.view.peer != peer or message.view.box is not Box.IN):
            continue
        known = tx.restriction(target)
        if known and (known.peer != peer or known.by == order.by):
            continue  # another's, or read a second time after a crash
        if order.ordered is Ordered.LIFT:
            _lift(tx, known, order.at)
        else:
            _restrict(tx, order, target, message, peer, ordered_at=ordered_at)


def _restrict(
    tx: Transaction,
    order: RestrictionOrder,
    target: MessageId,
    message: StoredMessage | None,
    peer: AuthorityId,
    *,
    ordered_at: int,
) -> None:
    opened, index = Opened.NOT_HERE, ordered_at
    if message is not None:
        # One that is still to come is logged when it is there: see `obey_at_arrival`.
        opened, ref = _standing(message)
        index = _log(tx, target, peer, ref, opened.value, order.at)
    tx.put_restriction(
        Restriction(
            message_id=target,
            peer=peer,
            ordered=order.ordered,
            by=order.by,
            at=order.at,
            log_index=index,
            opened=opened,
        )
    )
    # Nobody decided on opening what is restricted by now.
    approvals.withdraw_of_message(tx, target, order.at)


def obey_at_arrival(tx: Transaction, message: StoredMessage) -> None:
    """Log that a message is restricted whose restriction was ordered before it came."""
    known = restriction_of(tx, message)
    if known is None or known.opened is not Opened.NOT_HERE:
        return
    view = message.view
    opened, ref = _standing(message)
    index = _log(tx, view.id, view.peer, ref, opened.value, known.at)
    tx.put_restriction(replace(known, log_index=index, opened=opened))


def _standing(message: StoredMessage) -> tuple[Opened, int]:
    """Return whether a message was opened, and the entry that this rests on."""
    if message.opened_index != NO_INDEX:
        return Opened.BEFORE, message.opened_index
    return Opened.NOT, max(message.view.log_index, 0)


def _lift(tx: Transaction, known: Restriction | None, now: UnixMs) -> None:
    if known is None:
        return
    if known.opened is not Opened.NOT_HERE:
        _log(tx, known.message_id, known.peer, known.log_index, _LIFTED, now)
    tx.drop_restriction(known.message_id)


def _log(
    tx: Transaction,
    target: MessageId,
    peer: AuthorityId,
    ref: int,
    result: str,
    now: UnixMs,
) -> int:
    fields: JsonObject = {"m": target, "peer": peer, "ref": ref, "res": result}
    index = tx.append_entry(EntryDraft("msg.restrict", now, fields))
    tx.add_event(peer, OutboundEventItem(target, index))
    return index


def check_opening(
    tx: Transaction, message: StoredMessage, act: Act, now: UnixMs, *, uses: bool
) -> None:
    """Refuse an opening that needs another person, or use up their approval.

    Raises:
        NeedsApprovalError: There is none to use.
    """
    view = message.view
    is_restricted = restriction_of(tx, message) is not None
    if not uses and not is_restricted:
        return
    if approvals.use(tx, ApprovalKind.OPEN, view.id, act, now) is None:
        raise NeedsApprovalError("opening: another person has to approve it first")


def check_export(tx: Lookup, message: StoredMessage, access_index: int) -> None:
    """Refuse a file of a message that was restricted after it was opened.

    Raises:
        NotAllowedError: It was.
    """
    restriction = restriction_of(tx, message)
    if restriction is not None and access_index < restriction.log_index:
        raise NotAllowedError(
            "attachment: its sender has restricted the message since it was opened; "
            "open it again, with an approval"
        )


def restriction_of(tx: Lookup, message: StoredMessage) -> Restriction | None:
    """Return the restriction of a received message."""
    if message.view.box is not Box.IN:
        return None
    found = tx.restriction(message.view.id)
    return found if found and found.peer == message.view.peer else None


# --- named readers ---


def grant(
    tx: Transaction, case_id: str, name: str, act: Act, now: UnixMs
) -> CaseReader:
    """Name somebody for a case; repeating is harmless.

    Raises:
        ConflictError: The list of the case is full.
    """
    known = tx.case_readers(case_id)
    for reader in known:
        if reader.name == name:
            return reader
    if len(known) >= MAX_CASE_READERS:
        raise ConflictError(f"case: {MAX_CASE_READERS} people are named for it")
    index = _log_reader(tx, "admin.reader-grant", case_id, name, act, now)
    reader = CaseReader(
        case_id=case_id,
        name=name,
        granted_by=act.actor,
        granted_at=now,
        log_index=index,
    )
    tx.put_reader(reader)
    return reader


def revoke(tx: Transaction, case_id: str, name: str, act: Act, now: UnixMs) -> None:
    """Take somebody off the list of a case.

    Raises:
        NotFoundError: They are not on it.
    """
    if all(reader.name != name for reader in tx.case_readers(case_id)):
        raise NotFoundError(f"reader: {name[:80]!r} is not named for this case")
    _log_reader(tx, "admin.reader-revoke", case_id, name, act, now)
    tx.drop_reader(case_id, name)


def _log_reader(
    tx: Transaction, kind: str, case_id: str, name: str, act: Act, now: UnixMs
) -> int:
    about = (Disclosure("detail", f"reader {name}"), Disclosure("case", case_id))
    draft = EntryDraft(kind, now, {}, (*act.disclosures(), *about))
    return tx.append_entry(draft, case_id=case_id)


# --- origins ---


def origins(
    tx: Reader, tags: Collection[bytes], item_ids: Collection[str], limit: int
) -> list[ItemOrigin]:
    """Return received items with these tags or ids, newest first."""
    found = dict.fromkeys(
        [
            *(row for tag in tags for row in tx.tagged_items(tag, limit)),
            *(row for one in item_ids for row in tx.named_items(one, limit)),
        ]
    )
    messages = {one.number: one for one in tx.numbered([row[0] for row in found])}
    return [
        ItemOrigin(
            message_id=messages[number].view.id,
            peer=messages[number].view.peer,
            case_id=messages[number].view.case_id,
            item_id=item_id,
        )
        for number, item_id in sorted(found, key=lambda row: -row[0])
        if number in messages
    ]
