"""What a list of messages is asked for: read strictly, and said in the log."""

import re

from gateway.admin.shapes import MessageFields
from gateway.core.delivery import InboundState, OutboundState
from gateway.core.errors import MalformedError, UsageError
from gateway.core.values import UnixMs, parse_time
from gateway.ports.messages import Box, MessageFilter

_STATES = {state.value for state in (*OutboundState, *InboundState)}
_ID_PART = re.compile(r"[0-9a-f-]{8,36}\Z")
_SHORTEST_ID = 8


def filter_of(fields: MessageFields) -> MessageFilter:
    """Return a filter as storage takes it.

    Raises:
        UsageError: No such state, no moment, or not the beginning of an id.
    """
    states = tuple(filter(None, fields.state.split(",")))
    for state in states:
        if state not in _STATES:
            raise UsageError(
                f"state: {state!r}, expected of {', '.join(sorted(_STATES))}, "
                "with commas between several",
            )
    if fields.id and not _ID_PART.match(fields.id):
        raise UsageError(
            f"id: {fields.id!r}, expected a message id or its first {_SHORTEST_ID} "
            "characters and more, in lower case"
        )
    return MessageFilter(
        box=Box(fields.box) if fields.box else None,
        states=states,
        peer=fields.peer,
        case_id=fields.case,
        msg_type=fields.type,
        urgency=fields.urgency,
        code=fields.code,
        id_prefix=fields.id,
        since=moment_of("since", fields.since),
        until=moment_of("until", fields.until),
        sender_ref=fields.sender_ref,
        idempotency_key=fields.idempotency_key,
    )


def filter_text(fields: MessageFields) -> str:
    """Return what was looked for in one spelling, the same for every page of it."""
    filters = {
        "box": fields.box or "",
        "case": fields.case,
        "code": fields.code,
        "id": fields.id,
        "idempotency_key": fields.idempotency_key,
        "peer": fields.peer,
        "sender_ref": fields.sender_ref,
        "since": fields.since,
        "state": fields.state,
        "type": fields.type,
        "until": fields.until,
        "urgency": fields.urgency,
    }
    return " ".join(f"{name}={value}" for name, value in filters.items() if value)


def moment_of(name: str, text: str) -> UnixMs | None:
    """Return a moment that was given, or None for none.

    Raises:
        UsageError: It is none.
    """
    try:
        return parse_time(text) if text else None
    except MalformedError as error:
        raise UsageError(f"{name}: {error}") from error
