"""What a fresh form already says: from its type, from the case, from what it answers.

Nothing that a person has to decide is decided here: what is taken over can be changed,
and what is only usual (urgency, marking) is the mildest there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.console.forms.editing import blank, number_of
from gateway.console.forms.posting import is_blank
from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.blocks import MEASURE
from gateway.mla.fields import Block, Field, ListOf, Need
from gateway.mla.manifest import CUSTODY_EVENT, ITEM
from gateway.mla.problems import text_at, values_at
from gateway.mla.types.model import MessageType

_USUAL_HANDLING: Final = "TLP:AMBER"
_FROM_ANSWERED: Final = ("instrument", "bilateral_treaty", "purpose", "handling")
_MEASURE_ID: Final = "measure_id"
_GIVEN: Final = frozenset({_MEASURE_ID, "item"})


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
        "payload": _payload(declared.payload, _Asked(measures=known.measures)),
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
    numbers = values_at(answered, "/payload/items/*/item")
    begun = _Asked(
        measures=tuple(one for one in asked if isinstance(one, str)),
        questions=tuple(one for one in numbers if isinstance(one, int)),
    )
    payload = draft.get("payload")
    kept = payload if isinstance(payload, dict) else {}
    made = _payload(declared.payload, begun)
    for name, value in made.items():
        if _only_names_what_is_asked(kept.get(name)):
            kept = kept | {name: value}
    return draft | taken | {"payload": kept}


def item_of(draft: JsonObject, file_name: str) -> JsonObject:
    """Return what is known of a file's item: the message says some of it, too."""
    language = text_at(draft, "/language") or "en"
    title: JsonObject = {"lang": language, "text": file_name, "is_translation": False}
    item: JsonObject = {
        "file_name": file_name,
        "channel": "GATEWAY",
        "title": [title],
        "custody": [blank(CUSTODY_EVENT, ())],
    }
    for key in ("handling", "purpose"):
        if key in draft:
            item[key] = draft[key]
    return item


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What rows of an answer can be about: measures, and numbers of questions."""

    measures: tuple[str, ...] = ()
    questions: tuple[int, ...] = ()


def _payload(block: Block, asked: _Asked) -> JsonObject:
    """Return what a payload begins with: a row for each measure, ids and numbers."""
    made: JsonObject = {}
    for field in block.fields:
        rows = list(_rows(field, asked))
        if rows:
            made[field.name] = rows
    return made


def _rows(field: Field, asked: _Asked) -> Iterator[JsonValue]:
    kind = field.kind
    if not isinstance(kind, ListOf) or field.need is not Need.MANDATORY:
        return
    item = kind.item
    if not isinstance(item, Block) or item is ITEM:  # an item begins with its file
        return
    number = number_of(item)
    if number and asked.questions:
        for question in asked.questions[: kind.most]:
            numbered: JsonObject = {number: question}
            yield numbered
    elif item is MEASURE or number:
        yield blank(item, ())
    elif _is_about_measures(item):
        for one in asked.measures[: kind.most]:
            row: JsonObject = {_MEASURE_ID: one}
            yield row


def _is_about_measures(block: Block) -> bool:
    return any(one.name == _MEASURE_ID for one in block.fields)


def _only_names_what_is_asked(value: "JsonValue | None") -> bool:
    """Tell whether nothing but short ids and numbers is in some rows yet."""
    if not isinstance(value, list):
        return is_blank(value)
    return all(
        isinstance(row, dict)
        and all(is_blank(v) for name, v in row.items() if name not in _GIVEN)
        for row in value
    )
