"""What follows behind the receiving of messages: checked, and perhaps set aside."""

from collections.abc import Sequence

from msgspec.structs import replace as changed

from gateway.core.delivery import InboundEvent, InboundState, next_inbound
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import NotFoundError
from gateway.core.limits import MIB
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.inbox import CaseQuestion, CaseStanding, CheckDone
from gateway.ports.messages import Box, SealedMessage
from gateway.ports.outbox import CaseHead, OutboundEventItem
from gateway.storage.operations.assigning import assign_first
from gateway.storage.operations.cases import keep_docket_entry
from gateway.storage.operations.guarding import obey, obey_at_arrival
from gateway.storage.operations.steps import (
    cut,
    enter_state,
    is_from,
    opened_message,
    require,
    save_state,
)
from gateway.storage.operations.subjects import keep_subjects
from gateway.storage.rows import CheckState, StoredMessage
from gateway.storage.transaction import Lookup, Transaction

_NODE = Act("node", "node", "validation")
# All of them are opened in memory at the same time.
_CHECKED_AT_ONCE_BYTES = 4 * MIB


def begin_checks(tx: Transaction, limit: int, now: UnixMs) -> list[SealedMessage]:
    """Log `msg.check` for messages received and not yet validated, oldest first."""
    waiting = cut(tx.unchecked(limit), _CHECKED_AT_ONCE_BYTES)
    sealed = tx.sealed([message.number for message in waiting])
    begun = []
    for message in waiting:
        view = message.view
        entry = EntryDraft(
            "msg.check",
            now,
            {"m": view.id, "ref": view.log_index, "peer": view.peer},
            _NODE.disclosures(),
        )
        index = tx.append_entry(entry)
        tx.update_message(message, changed(message, check=CheckState.BEGUN))
        begun.append(opened_message(message, sealed[message.number], index))
    return begun


def finish_checks(tx: Transaction, done: Sequence[CheckDone]) -> None:
    """Store the index fields of validated messages, and do what they order.

    Raises:
        NotFoundError: No such message of that peer.
    """
    known = tx.messages([one.id for one in done])
    for one in done:
        message = known.get(one.id)
        if message is None or not is_from(message, one.peer):
            raise NotFoundError(f"message {one.id}: not found")
        view = changed(message.view, index=one.index, problems=one.problems)
        after = changed(message, view=view, check=CheckState.DONE)
        tx.update_message(message, after)
        keep_docket_entry(tx, after, one.docket)
        keep_subjects(tx, after, one.subjects)
        if one.items:
            tx.add_item_tags(after.number, one.items)
        assign_first(tx, after, one.assignee, one.checked_at)
        obey_at_arrival(tx, after)
        if one.order is not None:
            obey(tx, one.order, one.peer, ordered_at=after.view.log_index)
        if tx.case_head(one.index.case_id, one.peer) is None:
            tx.put_case_head(CaseHead(one.index.case_id, 0, "", Box.IN), one.peer)


def case_standings(tx: Lookup, questions: Sequence[CaseQuestion]) -> list[CaseStanding]:
    """Return what is known of the cases of some messages, in their order."""
    answered = tx.messages([one.answered for one in questions if one.answered])
    standings = []
    for question in questions:
        found = answered.get(question.answered) if question.answered else None
        is_known = tx.case_head(question.case_id, question.peer) is not None
        if found is None or found.view.peer != question.peer:
            standings.append(CaseStanding(is_known))
        else:
            index = found.view.index
            standings.append(CaseStanding(is_known, index.msg_type if index else None))
    return standings


def _require_from(
    tx: Lookup,
    message_id: MessageId,
    peer: AuthorityId,
) -> StoredMessage:
    message = require(tx, message_id, Box.IN)
    if message.view.peer != peer:
        raise NotFoundError(f"message {message_id}: not found")
    return message


def quarantine(
    tx: Transaction,
    message_id: MessageId,
    peer: AuthorityId,
    code: str,
    now: UnixMs,
) -> None:
    """Set a message aside: writes `msg.reject`, to be told to the sender.

    Raises:
        NotFoundError: No such message of that peer.
        ConflictError: Not in a state to be set aside.
    """
    message = _require_from(tx, message_id, peer)
    view = message.view
    state = next_inbound(InboundState(view.state), InboundEvent.BROKEN_BINDING)
    entry = EntryDraft(
        "msg.reject",
        now,
        {
            "m": view.id,
            "peer": peer,
            "dig": view.digest,
            "ref": view.log_index,
            "res": code,
        },
    )
    log_index = tx.append_entry(entry)
    after = enter_state(message, state, now)
    after = changed(
        after,
        view=changed(after.view, last_code=code),
        check=CheckState.DONE,
    )
    save_state(tx, message, after, log_index)
    tx.add_event(peer, OutboundEventItem(view.id, log_index))
