"""What messages order about others: to restrict what was handed over, or to lift that.

Directive (EU) 2016/680, articles 7(3) and 16(6); Regulation (EU) 2023/1543, articles
4(5) and 10(4).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.core.values import MessageId, UnixMs
from gateway.mla.problems import text_at, texts_at, values_at
from gateway.ports.cases import DocketRow
from gateway.ports.guarding import Ordered, RestrictionOrder
from gateway.ports.messages import Box

WITHDRAWAL: Final = "WDR"
NOTICE: Final = "DPC"

_ACTIONS: Final[Mapping[str, Ordered]] = {
    "RESTRICT": Ordered.RESTRICT,
    "ERASE": Ordered.DELETE,
    "RELEASE": Ordered.LIFT,
}
_WITHDRAWN: Final[Mapping[str, Ordered]] = {
    "RESTRICT": Ordered.RESTRICT,
    "DELETE": Ordered.DELETE,
    "RETURN": Ordered.RETURN,
}


def order_in(
    document: JsonObject, docket: Sequence[DocketRow], at: UnixMs, *, is_ours: bool
) -> RestrictionOrder | None:
    """Return what a message orders of messages that the reader received.

    A DPC is about what its sender gave. A WDR is about what was handed over either way
    in the request that is withdrawn: each side restricts what it received.

    Args:
        document: The message.
        docket: Its case before it.
        at: When it is obeyed.
        is_ours: We send it; then only a withdrawal concerns what we hold.
    """
    by = MessageId(text_at(document, "/msg_id") or "")
    msg_type = text_at(document, "/msg_type")
    received = [row for row in docket if row.box is Box.IN and row.id != by]
    if msg_type == NOTICE and not is_ours:
        ordered = _ACTIONS.get(text_at(document, "/payload/action") or "")
        targets = _named(document, received)
    elif msg_type == WITHDRAWAL:
        ordered = _WITHDRAWN.get(text_at(document, "/payload/data_action") or "")
        targets = [row.id for row in received]
    else:
        return None
    if ordered is None or not targets:
        return None
    return RestrictionOrder(targets=tuple(targets), ordered=ordered, by=by, at=at)


def _named(document: JsonObject, received: Sequence[DocketRow]) -> list[MessageId]:
    """Return the messages that a notice names, itself or by an item in them."""
    named = {
        MessageId(one)
        for one in values_at(document, "/payload/messages/*")
        if isinstance(one, str)
    }
    items = texts_at(document, "/payload/items/*")
    named |= {
        row.id
        for row in received
        if items & texts_at(row.entry, "/payload/manifest/*/item_id")
    }
    return sorted(named)
