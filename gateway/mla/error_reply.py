"""The `ERR` message that tells a sender what is wrong with a form that arrived."""

from collections.abc import Sequence

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.limits import MAX_TEXT_CHARS
from gateway.core.values import MessageId
from gateway.mla.codelists import is_code
from gateway.mla.document import case_of
from gateway.mla.problems import Problem, parent, text_at

# When the form at fault has no usable marking, the answer takes the strictest.
_STRICTEST = "TLP:RED"


def error_reply(
    received: JsonObject, problems: Sequence[Problem], *, msg_id: MessageId
) -> JsonObject | None:
    """Return the author's document of the answer; None if it must not be answered.

    An error is never answered with an error: two nodes of different opinion would
    not stop. The answer is itself a valid form, however broken the received one is.

    Args:
        received: The document as received.
        problems: What `validate` or `misplaced` found; at least one that refuses.
        msg_id: Id of the received message, from its envelope.
    """
    faults = [problem for problem in problems if problem.refuses]
    if not faults or text_at(received, "/msg_type") == "ERR":
        return None
    return _kept(received) | {
        "msg_type": "ERR",
        # Without a case of its own, the message gives the case its name.
        "case_id": case_of(received) or msg_id,
        "in_reply_to": msg_id,
        "handling": _handling(received),
        "language": "en",
        "approval": [],
        "payload": {
            "code": faults[0].code.value,
            "msg_id": msg_id,
            "pointer": _bounded(faults[0].pointer),
            "retryable": False,
            "problems": [_listed(fault) for fault in faults],
        },
    }


def _kept(received: JsonObject) -> JsonObject:
    """Return the fields of the received form that the answer repeats, if usable."""
    kept: JsonObject = {"urgency": "ROUTINE"}
    for name, list_name in (("urgency", "URGENCY"), ("purpose", "PURPOSE")):
        value = text_at(received, name)
        if value is not None and is_code(list_name, value):
            kept[name] = value
    return kept


def _handling(received: JsonObject) -> list[JsonValue]:
    markings = received.get("handling")
    usable: list[JsonValue] = []
    for marking in markings if isinstance(markings, list) else []:
        if is_code("HANDLING", marking) and marking not in usable:
            usable.append(marking)
    tlp = [marking for marking in usable if str(marking).startswith("TLP:")]
    if len(tlp) == 1:
        return usable
    return [_STRICTEST, *(marking for marking in usable if marking not in tlp)]


def _listed(problem: Problem) -> JsonObject:
    return {
        "code": problem.code.value,
        "pointer": _bounded(problem.pointer),
        "text": problem.sentence,
    }


def _bounded(pointer: str) -> str:
    """Return the pointer, or that of the place above while it is too long."""
    while len(pointer) > MAX_TEXT_CHARS:
        pointer = parent(pointer)
    return pointer
