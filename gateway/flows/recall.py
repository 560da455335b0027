"""Taking back what was sent: cancelled while it is here, restricted where it went.

The order travels as a message of type DPC. The peer's node obeys it when it reads it,
before anybody there can open what it is about, and its log says whether somebody had:
that entry is proven to us like an opening.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import MessageId
from gateway.flows.admission import docket_with
from gateway.flows.exchange import Exchange
from gateway.flows.queue import Queue
from gateway.flows.submission import Submission
from gateway.flows.submit import Submit
from gateway.mla.problems import text_at, texts_at
from gateway.ports.messages import Box, MessageRow

_THERE = frozenset({OutboundState.DELIVERED, OutboundState.OPENED})
_WAITING = frozenset({OutboundState.HELD, OutboundState.QUEUED})


class Action(StrEnum):
    """What the receiver is to do with what is recalled."""

    RESTRICT = "restrict"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall came to.

    Attributes:
        state: `cancelled`, or `ordered`: the peer was told to restrict it.
        order_id: The message that says so; empty if there was none to send.
    """

    row: MessageRow
    state: str
    order_id: str = ""


class Recall:
    """Takes back messages of ours."""

    def __init__(self, exchange: Exchange, queue: Queue, submit: Submit) -> None:
        self._exchange = exchange
        self._queue = queue
        self._submit = submit

    async def recall(
        self, message_id: MessageId, reason: str, action: Action, act: Act
    ) -> Recalled:
        """Cancel a message that is still here, or have it restricted where it went.

        Raises:
            NotFoundError: No such message of ours, or its peer is gone.
            ConflictError: It never left, or its content is erased.
            InvalidFormError: The order is out of place in the case.
        """
        row = await self._exchange.store.message(message_id)
        if row.box is not Box.OUT:
            raise NotFoundError(f"message {message_id}: not one of ours")
        if row.state in _WAITING:
            try:
                return Recalled(await self._queue.cancel(message_id, act), "cancelled")
            except ConflictError:
                # It was offered: the peer may have it. The order finds it there.
                row = await self._exchange.store.message(message_id)
        if row.state not in _THERE | _WAITING:
            raise ConflictError(f"recall: the message is {row.state}")
        entry = await self._entry(row)
        submitted = await self._submit.submit(
            Submission(
                to=row.peer,
                message=order_document(entry, message_id, reason, action),
                act=act,
                idempotency_key=f"recall:{message_id}:{action}",
            )
        )
        return Recalled(row, "ordered", submitted.accepted.id)

    async def _entry(self, row: MessageRow) -> JsonObject:
        for one in await docket_with(self._exchange.store, row.case_id, row.peer):
            if one.id == row.id:
                return one.entry
        raise ConflictError("recall: nothing is kept of the message any more")


def order_document(
    entry: JsonObject, message_id: MessageId, reason: str, action: Action
) -> JsonObject:
    """Return the form that orders a message to be restricted, as its author gives it.

    Args:
        entry: Docket entry of the message.
        message_id: The message.
        reason: Why, for the people there.
        action: What is to be done.
    """
    kept: JsonObject = {
        name: entry[name]
        for name in ("case_id", "instrument", "purpose", "language", "sender_ref")
        if name in entry
    }
    markings = sorted(texts_at(entry, "/handling/*"))
    tlp: list[JsonValue] = [one for one in markings if one.startswith("TLP:")]
    language = text_at(entry, "/language") or "en"
    return {
        **kept,
        "msg_type": "DPC",
        "in_reply_to": message_id,
        "urgency": "URGENT",
        "handling": tlp or ["TLP:AMBER"],
        "approval": [],
        "payload": {
            "messages": [message_id],
            "action": "ERASE" if action is Action.DELETE else "RESTRICT",
            "reason": [{"lang": language, "text": reason, "is_translation": False}],
        },
    }
