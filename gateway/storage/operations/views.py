"""Reading both boxes, and the one way to content: a logged access."""

import re
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from msgspec.structs import replace as changed

from gateway.core.delivery import (
    InboundEvent,
    InboundState,
    next_inbound,
)
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, UsageError
from gateway.core.units import Scope
from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.messages import Box, MessageFilter, MessageRow, Page, SealedMessage
from gateway.ports.outbox import OutboundEventItem
from gateway.storage.operations.assigning import seen
from gateway.storage.operations.guarding import check_opening
from gateway.storage.operations.steps import (
    NOT_HANDED_OUT,
    enter_state,
    opened_message,
    optional,
    require,
    save_state,
)
from gateway.storage.rows import NO_INDEX, Grant, ListPosition, Sealed, StoredMessage
from gateway.storage.transaction import Lookup, Reader, Transaction

_LOOKING = Act("node", "node", "what its markings demand of readers")
# For one page of somebody who sees few of them: twenty thousand.
_LOOKS = 40
_LOOKED_AT_ONCE = 500

_CURSOR = re.compile(r"([0-9]{1,15})-([0-9]{1,15})\Z", re.ASCII)


def log_access(  # noqa: PLR0913 - who opens what, why and on which terms
    tx: Transaction,
    message_id: MessageId,
    act: Act,
    now: UnixMs,
    *,
    refusal: str = "",
    grant_until: UnixMs = NEVER,
    uses_approval: bool = False,
) -> SealedMessage:
    """Log a person's access before any plaintext exists; both boxes.

    With `refusal` the failed access is logged, and nothing is handed out. With
    `uses_approval`, and always of restricted content, an approval is used up.

    Raises:
        NeedsApprovalError: There is no approval to use.
        NotFoundError: No such message.
        ConflictError: Its content is quarantined, or was erased.
    """
    message = require(tx, message_id)
    view = message.view
    if not refusal and view.state in NOT_HANDED_OUT:
        raise ConflictError(f"opening: the message is {view.state}")
    if not refusal:
        check_opening(tx, message, act, now, uses=uses_approval)
    entry = EntryDraft(
        "msg.access",
        now,
        {
            "m": view.id,
            "ref": view.log_index,
            "peer": view.peer,
            **optional("res", refusal),
        },
        act.disclosures(),
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    if refusal:
        return opened_message(message, Sealed(), index)
    is_first = view.box is Box.IN and message.opened_index == NO_INDEX
    if is_first:
        _open_first(tx, message, index, now)
    if view.attachments and grant_until != NEVER:
        tx.put_grant(message.number, Grant(act.actor, index, grant_until))
    sealed = tx.sealed([message.number])[message.number]
    return replace(opened_message(message, sealed, index), is_first_opening=is_first)


def look_first(tx: Transaction, message_id: MessageId, now: UnixMs) -> SealedMessage:
    """Log `msg.check` for a message that the node itself has to read now.

    Raises:
        NotFoundError: No such message.
        ConflictError: Its content is quarantined, was erased, or is not all here.
    """
    message = require(tx, message_id)
    view = message.view
    if view.state in NOT_HANDED_OUT:
        raise ConflictError(f"opening: the message is {view.state}")
    # What nobody could open, the node has no reason to read.
    next_inbound(InboundState(view.state), InboundEvent.OPENING)
    entry = EntryDraft(
        "msg.check",
        now,
        {"m": view.id, "ref": view.log_index, "peer": view.peer},
        _LOOKING.disclosures(),
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    return opened_message(message, tx.sealed([message.number])[message.number], index)


def _open_first(
    tx: Transaction,
    message: StoredMessage,
    index: int,
    now: UnixMs,
) -> None:
    """Record the first opening of a peer's message, to be told to the peer."""
    old = InboundState(message.view.state)
    new = next_inbound(old, InboundEvent.OPENING)
    tx.add_event(message.view.peer, OutboundEventItem(message.view.id, index))
    opened = changed(message, opened_index=index)
    if new is old:
        tx.update_message(message, opened)
    else:
        save_state(tx, message, enter_state(opened, new, now), index)


def message(tx: Lookup, message_id: MessageId) -> MessageRow:
    """Return the metadata of a message of either box.

    Raises:
        NotFoundError: No such message.
    """
    return require(tx, message_id).view


def messages(
    tx: Reader,
    wanted: MessageFilter,
    *,
    cursor: str,
    limit: int,
    scope: Scope | None = None,
) -> Page:
    """Return a page of messages, newest first.

    One that is not the last can hold fewer than `limit`: a filter lets little through.

    Raises:
        UsageError: The cursor is not one this node gave.
    """
    before: ListPosition | None = _parse_cursor(cursor) if cursor else None
    if wanted.until is not None:
        # No message has number 0: this place lies right after that moment.
        limit_at = ListPosition(wanted.until, 0)
        before = min(before or limit_at, limit_at, key=_newness)
    if scope is not None:
        return _seen(tx, wanted, before, limit, scope)
    found = tx.select(wanted, before, limit + 1)
    rows = tuple(one.view for one in found[:limit])
    if len(found) > limit > 0:
        last = found[limit - 1]
        return Page(rows, _cursor(ListPosition(last.view.accepted_at, last.number)))
    end = tx.end_of_look(wanted, before)
    return Page(rows, _cursor(end) if end else "")


def _seen(
    tx: Reader,
    wanted: MessageFilter,
    before: ListPosition | None,
    limit: int,
    scope: Scope,
) -> Page:
    """Return a page of those messages that somebody sees.

    It goes on behind what they do not see, so that it looks as if that were not there;
    after many such messages a page ends early all the same.
    """
    found: list[StoredMessage] = []
    for _ in range(_LOOKS):
        some = tx.select(wanted, before, _LOOKED_AT_ONCE)
        visible = seen(tx, some, scope)
        found += [one for one in some if one.number in visible]
        if len(found) > limit:
            return Page(_views(found[:limit]), _cursor(_place(found[limit - 1])))
        before = (
            _place(some[-1])
            if len(some) == _LOOKED_AT_ONCE
            else tx.end_of_look(wanted, before)
        )
        if before is None:
            return Page(_views(found), "")
    return Page(_views(found), _cursor(before) if before else "")


def _views(messages: Sequence[StoredMessage]) -> tuple[MessageRow, ...]:
    return tuple(one.view for one in messages)


def _place(message: StoredMessage) -> ListPosition:
    return ListPosition(message.view.accepted_at, message.number)


_newness = attrgetter("accepted_at", "number")


def _cursor(last: ListPosition) -> str:
    return f"{last.accepted_at}-{last.number}"


def _parse_cursor(cursor: str) -> ListPosition:
    match = _CURSOR.match(cursor)
    if not match:
        raise UsageError("cursor: expected one that a page of this list ended with")
    return ListPosition(UnixMs(int(match[1])), int(match[2]))


def envelope(tx: Lookup, message_id: MessageId) -> bytes:
    """Return the sealed bytes of a message (empty while held).

    Raises:
        NotFoundError: No such message.
    """
    number = require(tx, message_id).number
    return tx.sealed([number])[number].envelope
