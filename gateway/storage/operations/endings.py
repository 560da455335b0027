"""Our own messages that end without delivery: withdrawn, expired."""

from msgspec.structs import replace as changed

from gateway.core.delivery import (
    BulkAction,
    OutboundEvent,
    OutboundState,
    next_outbound,
)
from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError
from gateway.core.values import MessageId, UnixMs
from gateway.ports.messages import Box, MessageRow
from gateway.ports.outbox import OutboundEventItem
from gateway.storage.operations import sequences
from gateway.storage.operations.approvals import withdraw_of_message
from gateway.storage.operations.steps import (
    enter_state,
    optional,
    require,
    save_state,
)
from gateway.storage.rows import StoredMessage
from gateway.storage.transaction import Transaction

OTHER_CHANNEL = BulkAction.OTHER_CHANNEL.value
"""Result of the entry, and last code of the message, that went another way."""


def cancel(
    tx: Transaction,
    message_id: MessageId,
    act: Act,
    now: UnixMs,
) -> MessageRow:
    """Withdraw a message that was never attempted.

    Raises:
        NotFoundError: No such outbound message.
        ConflictError: It was attempted, or is past being cancelled.
    """
    message = require(tx, message_id, Box.OUT)
    state = next_outbound(OutboundState(message.view.state), OutboundEvent.CANCELLATION)
    # A held one that was offered is proven to have been refused.
    if message.view.attempts and message.view.state is not OutboundState.HELD:
        raise ConflictError("cancellation: it was offered to the peer already")
    return _end(tx, message, state, _Ending("msg.cancel", now, act)).view


def sent_otherwise(
    tx: Transaction, message_id: MessageId, reference: str, act: Act, now: UnixMs
) -> MessageRow:
    """End a message of which somebody says that it went by another channel.

    Also after attempts: the peer may have it twice then. What it proves later counts
    (specification, section 11.1).

    Raises:
        NotFoundError: No such outbound message.
        ConflictError: It is past being cancelled.
    """
    message = require(tx, message_id, Box.OUT)
    state = next_outbound(OutboundState(message.view.state), OutboundEvent.CANCELLATION)
    ending = _Ending("msg.cancel", now, act, OTHER_CHANNEL, reference)
    return _end(tx, message, state, ending).view


def expire_due(tx: Transaction, now: UnixMs, limit: int) -> list[MessageId]:
    """Expire held and queued messages whose last moment has passed."""
    ended = []
    for message in tx.past_expiry(now, limit):
        state = next_outbound(OutboundState(message.view.state), OutboundEvent.EXPIRY)
        _end(tx, message, state, _Ending("msg.expire", now))
        ended.append(message.view.id)
    return ended


class _Ending:
    """Which entry ends a message without delivery."""

    def __init__(
        self,
        kind: str,
        at: UnixMs,
        act: Act | None = None,
        code: str = "",
        detail: str = "",
    ) -> None:
        self.kind = kind
        self.at = at
        self.code = code
        about = (Disclosure("detail", detail),) if detail else ()
        self.disclosures = (*act.disclosures(), *about) if act else ()


def _end(
    tx: Transaction,
    message: StoredMessage,
    state: OutboundState,
    ending: _Ending,
) -> StoredMessage:
    """End a message without delivery; the peer is told if it has a number."""
    view = message.view
    entry = EntryDraft(
        ending.kind,
        ending.at,
        {
            "m": view.id,
            "peer": view.peer,
            "ref": view.log_index,
            **optional("seq", view.seq),
            **optional("dig", view.digest),
            **optional("res", ending.code),
        },
        ending.disclosures,
    )
    index = tx.append_entry(entry, case_id=view.case_id)
    after = enter_state(message, state, ending.at)
    if ending.code:
        after = changed(after, view=changed(after.view, last_code=ending.code))
    save_state(tx, message, after, index)
    withdraw_of_message(tx, view.id, ending.at)
    if view.seq:
        sequences.settle(tx, view.peer, [view.seq])
        tx.add_event(view.peer, OutboundEventItem(view.id, index))
    return after
