"""What a fresh form already says: from its type, from the case, from what it answers.

Nothing that a person has to decide is decided here: what is taken over can be changed,
and what is only usual (urgency, marking) is the mildest there is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.console.forms.editing import blank
from gateway.console.forms.posting import is_blank
from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.blocks import MEASURE
from gateway.mla.fields import Block, Field, ListOf, Need
from gateway.mla.problems import text_at, values_at
from gateway.mla.types.model import MessageType

_USUAL_HANDLING: Final = "TLP:AMBER"
_FROM_ANSWERED: Final = ("instrument", "bilateral_treaty", "purpose", "handling")
_MEASURE_ID: Final = "measure_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known before anybody writes; empty where nothing is.

    Attributes:
        language: Of the message.
        instruments: Legal bases, if there is no choice.
        case_id: The case it goes into; without one it opens one.
        reply_to: The message that it answers.
        sender_ref: Our file number in the case; `recipient_ref` theirs.
        measures: Measures of the case that it may be about.
    """

    language: str
    instruments: tuple[str, ...] = ()
    case_id: str = ""
    reply_to: str = ""
    sender_ref: str = ""
    recipient_ref: str = ""
    urgency: str = ""
    measures: tuple[str, ...] = ()


def first_draft(declared: MessageType, known: Known) -> JsonObject:
    """Return a fresh draft of a message."""
    draft: JsonObject = {
        "msg_type": declared.name,
        "urgency": known.urgency or "ROUTINE",
        "handling": [_USUAL_HANDLING],
        "language": known.language,
        "payload": _payload(declared.payload, known.measures),
    }
    for name, text in (
        ("case_id", known.case_id),
        ("in_reply_to", known.reply_to),
        ("sender_ref", known.sender_ref),
        ("recipient_ref", known.recipient_ref),
    ):
        if text:
            draft[name] = text
    if known.instruments:
        draft["instrument"] = list(known.instruments)
    if declared.needs_approval:
        draft["approval"] = [{}]
    return draft


def taken_over(
    draft: JsonObject, declared: MessageType, answered: JsonObject
) -> JsonObject:
    """Return a draft with what the message that it answers settles.

    Args:
        draft: The draft; what its author filled in of the payload stays.
        declared: Its type.
        answered: The document of the message, as it was opened; any shape.
    """
    taken: JsonObject = {
        name: answered[name] for name in _FROM_ANSWERED if name in answered
    }
    theirs = text_at(answered, "/sender_ref")
    if theirs and not draft.get("recipient_ref"):
        taken["recipient_ref"] = theirs
    asked = values_at(answered, f"/payload/measures/*/{_MEASURE_ID}")
    measures = tuple(one for one in asked if isinstance(one, str))
    payload = draft.get("payload")
    kept = payload if isinstance(payload, dict) else {}
    made = _payload(declared.payload, measures)
    for name, value in made.items():
        if _only_names_measures(kept.get(name)):
            kept = kept | {name: value}
    return draft | taken | {"payload": kept}


def _payload(block: Block, measures: Sequence[str]) -> JsonObject:
    """Return what a payload begins with: a row for each measure, short ids."""
    made: JsonObject = {}
    for field in block.fields:
        rows = list(_rows(field, measures))
        if rows:
            made[field.name] = rows
    return made


def _rows(field: Field, measures: Sequence[str]) -> Iterator[JsonValue]:
    kind = field.kind
    if not isinstance(kind, ListOf) or field.need is not Need.MANDATORY:
        return
    if kind.item is MEASURE:
        yield blank(MEASURE, ())
    elif isinstance(kind.item, Block) and _is_about_measures(kind.item):
        for one in measures[: kind.most]:
            row: JsonObject = {_MEASURE_ID: one}
            yield row


def _is_about_measures(block: Block) -> bool:
    return any(one.name == _MEASURE_ID for one in block.fields)


def _only_names_measures(value: "JsonValue | None") -> bool:
    """Tell whether nothing but short ids is in some rows yet."""
    if not isinstance(value, list):
        return is_blank(value)
    return all(
        isinstance(row, dict)
        and all(is_blank(v) for name, v in row.items() if name != _MEASURE_ID)
        for row in value
    )
