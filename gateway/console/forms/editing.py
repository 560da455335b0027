"""Opening and closing parts of a draft: what the buttons of a form do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.console.forms.names import MAX_NAME_CHARS, pointer_of
from gateway.console.forms.places import kind_at, value_at
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import UsageError
from gateway.mla.blocks import ASSET, IDENTIFIER, MEASURE
from gateway.mla.fields import Block, Either, Giver, Kind, ListOf, Need, Whole
from gateway.mla.parties import MTEXT, PERSON
from gateway.mla.problems import child, parent, text_at


class Change(StrEnum):
    """What a button does to the part that it names."""

    ADD = "add"  # one more item at the end of a list
    OPEN = "open"  # a block that is not there yet, or instead of a text
    REMOVE = "remove"  # an item, or a block
    NARROW = "narrow"  # a text instead of a block


_SHORT_IDS: Final = (
    (PERSON, "person_id", "P"),
    (MEASURE, "measure_id", "M"),
    (IDENTIFIER, "identifier_id", "I"),
    (ASSET, "asset_id", "A"),
)
"""Blocks that name themselves for the rest of the form, and how."""

SEPARATOR: Final = ":"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that a button asks for, and where."""

    change: Change
    pointer: str


def edit_of(text: str) -> Edit | None:
    """Return what the value of a button asks for; None if it asks for no change.

    Raises:
        UsageError: It names a change but no place.
    """
    word, separator, name = text.partition(SEPARATOR)
    if not separator or word not in set(Change):
        return None
    if not name or len(name) > MAX_NAME_CHARS:
        raise UsageError("form: a button without a place")
    return Edit(Change(word), pointer_of(name))


def edited(draft: JsonObject, edit: Edit, block: Block) -> tuple[JsonObject, str]:
    """Return a draft after a change, and the pointer to look at next.

    Args:
        draft: The draft; not changed.
        edit: The change. One that can't be made, as its place went meanwhile, is none.
        block: Declares the message.

    Raises:
        UsageError: The place is not one of this form.
    """
    kind = kind_at(block, edit.pointer)
    if kind is None:
        raise UsageError("form: a button for a place that is not in this form")
    match edit.change, kind:
        case Change.ADD, ListOf():
            return _added(draft, edit.pointer, kind)
        case Change.OPEN, Block() | Either():
            return _with(draft, edit.pointer, {}), edit.pointer
        case Change.NARROW, Either():
            return _with(draft, edit.pointer, ""), edit.pointer
        case Change.REMOVE, _:
            return _without(draft, edit.pointer), parent(edit.pointer)
        case _:
            return draft, edit.pointer


def _added(draft: JsonObject, pointer: str, kind: ListOf) -> tuple[JsonObject, str]:
    found = value_at(draft, pointer)
    items = list(found) if isinstance(found, list) else []
    if kind is MTEXT and not items:
        items.append({"lang": text_at(draft, "/language") or "", "text": ""})
    if len(items) >= kind.most:
        return draft, pointer
    items.append({"is_translation": True} if kind is MTEXT else blank(kind.item, items))
    return _with(draft, pointer, items), child(pointer, len(items) - 1)


def blank(kind: Kind, beside: Sequence[JsonValue]) -> JsonValue:
    """Return a new item of a list: empty but for its short id or number.

    Args:
        kind: Of the item.
        beside: The items that the list has.
    """
    if not isinstance(kind, Block):
        return ""
    for block, name, letter in _SHORT_IDS:
        if block is kind:
            taken = {text_at(one, name) for one in beside}
            numbers = range(1, len(taken) + 2)
            free = next(f"{letter}{n}" for n in numbers if f"{letter}{n}" not in taken)
            return {name: free}
    name = number_of(kind)
    return {name: _next_number(beside, name)} if name else {}


def number_of(block: Block) -> str:
    """Return the field that numbers the items of a list; empty if none does."""
    numbers = (
        one.name
        for one in block.fields
        if isinstance(one.kind, Whole)
        and one.need is Need.MANDATORY
        and one.giver is Giver.AUTHOR
    )
    return next(numbers, "")


def _next_number(beside: Sequence[JsonValue], name: str) -> int:
    found = (one.get(name) for one in beside if isinstance(one, dict))
    return max((one for one in found if isinstance(one, int)), default=0) + 1


def _with(here: JsonObject, pointer: str, value: JsonValue) -> JsonObject:
    """Return a draft with a value at a pointer; blocks above are made as needed."""
    changed = _set(here, pointer.split("/")[1:], value)
    return changed if isinstance(changed, dict) else here


def _set(here: "JsonValue | None", steps: list[str], value: JsonValue) -> JsonValue:
    if not steps:
        return value
    step, *rest = steps
    if isinstance(here, list) or (here is None and step.isdigit()):
        items: list[JsonValue] = list(here or [])
        if not step.isdigit() or int(step) > len(items):
            return items
        inner = items[int(step)] if int(step) < len(items) else None
        return [*items[: int(step)], _set(inner, rest, value), *items[int(step) + 1 :]]
    fields = here if isinstance(here, dict) else {}
    return fields | {step: _set(fields.get(step), rest, value)}


def _without(draft: JsonObject, pointer: str) -> JsonObject:
    """Return a draft without what stands at a pointer."""
    above, step = parent(pointer), pointer.rpartition("/")[2]
    match value_at(draft, above):
        case dict() as fields if step in fields:
            kept: JsonValue = {k: v for k, v in fields.items() if k != step}
        case list() as items if step.isdigit() and int(step) < len(items):
            kept = [*items[: int(step)], *items[int(step) + 1 :]]
        case _:
            return draft
    if not above:
        return kept if isinstance(kept, dict) else draft
    return _with(draft, above, kept)
