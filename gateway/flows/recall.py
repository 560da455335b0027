"""Taking back what was sent: cancelled while it is here, restricted where it went.

The order travels as a message of type DPC. The peer's node obeys it when it reads it,
before anybody there can open what it is about, and its log says whether somebody had:
that entry is proven to us like an opening.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.errors import ConflictError, NotFoundError, UsageError
from gateway.core.values import MessageId
from gateway.flows.admission import docket_with
from gateway.flows.days import parse_day
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
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall came to.

    Attributes:
        state: `cancelled`, or `ordered`: the peer was told to restrict it.
        order_id: The message that says so; empty if there was none to send.
        return_id: The message that asks for its items back; empty if none does.
    """

    row: MessageRow
    state: str
    order_id: str = ""
    return_id: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with what is recalled, and why.

    Attributes:
        reason: In words, for the people there too.
        by: Until which day it is to be returned; empty for other actions.
    """

    action: Action
    reason: str
    by: str = ""


class Recall:
    """Takes back messages of ours."""

    def __init__(self, exchange: Exchange, queue: Queue, submit: Submit) -> None:
        self._exchange = exchange
        self._queue = queue
        self._submit = submit

    async def recall(self, message_id: MessageId, order: Order, act: Act) -> Recalled:
        """Cancel a message that is still here, or have it restricted where it went.

        What is to be returned is restricted first, so that nobody reads it meanwhile.
        Repeating it all is harmless, and goes on where it was broken off.

        Raises:
            NotFoundError: No such message of ours, or its peer is gone.
            ConflictError: It never left, or its content is erased.
            UsageError: It is to be returned and brought no evidence items, or nobody
                says until when.
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
        if order.action is not Action.RETURN:
            document = order_document(entry, message_id, order)
            return Recalled(row, "ordered", await self._send(row, order, document, act))
        asking = return_document(entry, message_id, order)
        first = replace(order, action=Action.RESTRICT)
        document = order_document(entry, message_id, first)
        order_id = await self._send(row, first, document, act)
        return_id = await self._send(row, order, asking, act)
        return Recalled(row, "ordered", order_id, return_id)

    async def _send(
        self, row: MessageRow, order: Order, document: JsonObject, act: Act
    ) -> str:
        submitted = await self._submit.submit(
            Submission(
                to=row.peer,
                message=document,
                act=act,
                idempotency_key=f"recall:{row.id}:{order.action}",
            )
        )
        return submitted.accepted.id

    async def _entry(self, row: MessageRow) -> JsonObject:
        for one in await docket_with(self._exchange.store, row.case_id, row.peer):
            if one.id == row.id:
                return one.entry
        raise ConflictError("recall: nothing is kept of the message any more")


def return_document(
    entry: JsonObject, message_id: MessageId, order: Order
) -> JsonObject:
    """Return the form that asks for the items of a message back.

    Args:
        entry: Docket entry of the message.
        message_id: The message.
        order: Why, and until when.

    Raises:
        UsageError: It brought none, or nobody says until when.
    """
    items = sorted(texts_at(entry, "/payload/manifest/*/item_id"))
    if not items:
        raise UsageError(
            "recall: the message brought no evidence items that could be returned; "
            "use restrict or delete"
        )
    by = parse_day(order.by, "by").isoformat()
    return _form(entry, message_id, order) | {
        "msg_type": "RET_REQ",
        "payload": {
            "items": list[JsonValue](items),
            "action": "RETURN",
            "by": by,
            "reason": _reason(entry, order),
        },
    }


def order_document(
    entry: JsonObject, message_id: MessageId, order: Order
) -> JsonObject:
    """Return the form that orders a message to be restricted, as its author gives it.

    Args:
        entry: Docket entry of the message.
        message_id: The message.
        order: What is to be done, and why.
    """
    return _form(entry, message_id, order) | {
        "msg_type": "DPC",
        "payload": {
            "messages": [message_id],
            "action": "ERASE" if order.action is Action.DELETE else "RESTRICT",
            "reason": _reason(entry, order),
        },
    }


def _form(entry: JsonObject, message_id: MessageId, order: Order) -> JsonObject:
    kept: JsonObject = {
        name: entry[name]
        for name in ("case_id", "instrument", "purpose", "language", "sender_ref")
        if name in entry
    }
    markings = sorted(texts_at(entry, "/handling/*"))
    tlp: list[JsonValue] = [one for one in markings if one.startswith("TLP:")]
    return {
        **kept,
        "in_reply_to": message_id,
        "urgency": "ROUTINE" if order.action is Action.RETURN else "URGENT",
        "handling": tlp or ["TLP:AMBER"],
        "approval": [],
    }


def _reason(entry: JsonObject, order: Order) -> list[JsonValue]:
    language = text_at(entry, "/language") or "en"
    return [{"lang": language, "text": order.reason, "is_translation": False}]
