"""From what a browser posts back to the draft of a message.

The declaration says what a name may be: one that is not in it is refused. Bounded
before anything is built: number of fields, length and depth of names, items of a list.
Empty fields are absent; a part that is open stays, empty or not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.console.forms.entries import is_one_a_line
from gateway.console.forms.moments import MOMENTS, moment_text
from gateway.console.forms.names import (
    MAX_FIELDS,
    MAX_NAME_CHARS,
    MAX_NAME_STEPS,
    OPEN,
    ROW,
    WHEN,
    ZONE,
)
from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import MalformedError, TooLargeError, UsageError
from gateway.core.limits import JSON_INTEGER_BOUND, MAX_FORM_BYTES, MAX_LIST_ITEMS
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    Flag,
    FreeMap,
    Giver,
    Kind,
    ListOf,
    Need,
    Spelling,
    Whole,
)
from gateway.mla.parties import MTEXT
from gateway.mla.spellings import LONG_TEXT

_NUMBER: Final = re.compile(r"-?\d{1,16}\Z", re.ASCII)
_INDEX: Final = re.compile(r"(0|[1-9]\d{0,2})\Z", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PAGES_OWN: Final = ("_", "csrf")


@dataclass(slots=True)
class _Posted:
    """What was posted at a name, and below it."""

    values: list[str] = field(default_factory=list)
    below: dict[str, "_Posted"] = field(default_factory=dict)
    is_open: bool = False
    is_row: bool = False


def draft_from(pairs: Iterable[tuple[str, str]], block: Block) -> JsonObject:
    """Return the draft that a posted form holds.

    Args:
        pairs: Names and values, in the order of the page.
        block: Declares the message, or that part of it which was shown.

    Raises:
        TooLargeError: There are too many fields, or a list has too many items.
        UsageError: A name is not one of this form.
    """
    found = _block(_gathered(pairs), block, "")
    draft = found if isinstance(found, dict) else {}
    return _settled(draft, block, draft)


def _gathered(pairs: Iterable[tuple[str, str]]) -> _Posted:
    """Return posted values by the steps of their names."""
    root = _Posted(is_open=True)
    for count, (name, value) in enumerate(pairs):
        if count >= MAX_FIELDS:
            raise TooLargeError(f"form: more than {MAX_FIELDS} fields")
        if name == OPEN:
            _at(root, value).is_open = True
        elif name == ROW:
            _at(root, value).is_row = True
        elif not name.startswith(_PAGES_OWN):
            _at(root, name).values.append(_cleaned(value))
    return root


def _at(root: _Posted, name: str) -> _Posted:
    steps = name.split(".") if name and len(name) <= MAX_NAME_CHARS else []
    if not 0 < len(steps) <= MAX_NAME_STEPS:
        raise UsageError("form: a name that no field has")
    here = root
    for step in steps:
        if step not in here.below:
            here.below[step] = _Posted()
        here = here.below[step]
    return here


def _cleaned(text: str) -> str:
    """Return text without what messages cannot hold.

    Browsers end lines in their own way, and what is pasted brings tabs and worse.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _CONTROL.sub("", text)


def _block(posted: _Posted, block: Block, name: str) -> "JsonValue | None":
    fields = {field.name: field for field in block.fields}
    unknown = posted.below.keys() - fields.keys()
    if unknown or posted.values:
        shown = ".".join(filter(None, (name, min(unknown, default="")[:64])))
        raise UsageError(f"form: no field {shown} in this type of message")
    found: JsonObject = {}
    for key, declared in fields.items():
        if declared.giver is Giver.NODE:
            continue
        value = _value(
            posted.below.get(key, _Posted()), declared.kind, f"{name}.{key}".strip(".")
        )
        if value is None and posted.is_open and declared.need is Need.MANDATORY:
            value = _mandatory(declared.kind)
        if value is not None:
            found[key] = value
    return found if found or posted.is_open else None


def _mandatory(kind: Kind) -> "JsonValue | None":
    """Return what stands in a mandatory field that nobody filled in, if anything."""
    return [] if isinstance(kind, ListOf) and not kind.least else None


def _value(posted: _Posted, kind: Kind, name: str) -> "JsonValue | None":
    """Return what was posted for a field; None if it is empty."""
    match kind:
        case Block():
            return _block(posted, kind, name)
        case Either():
            if posted.below or posted.is_open:
                return _block(replace(posted, values=[]), kind.block, name)
            return _single(posted, kind.text)
        case ListOf():
            return _list(posted, kind, name)
        case _:
            return _single(posted, kind)


def _list(posted: _Posted, kind: ListOf, name: str) -> "JsonValue | None":
    items: list[JsonValue] = []
    for value in posted.values:  # ticked, or written one a line
        is_lines = isinstance(kind.item, Spelling) and is_one_a_line(kind.item)
        lines = value.split("\n") if is_lines else [value]
        items += [line.strip() for line in lines if line.strip()]
    if len(items) > MAX_LIST_ITEMS or len(posted.below) > MAX_LIST_ITEMS:
        raise TooLargeError(f"form: more than {MAX_LIST_ITEMS} items in one list")
    if not all(map(_INDEX.match, posted.below)):
        raise UsageError(f"form: no field below {name[:64]} in this type of message")
    for key in sorted(posted.below, key=int):
        inner = posted.below[key]
        found = _value(inner, kind.item, f"{name}.{key}")
        if kind is MTEXT and not inner.is_row and not _has_text(found):
            continue
        if found is not None:
            items.append(found)
        elif inner.is_row:
            items.append("")
    return items or None


def _has_text(row: "JsonValue | None") -> bool:
    return isinstance(row, dict) and bool(row.get("text"))


def _single(
    posted: _Posted, kind: Spelling | Code | Choice | Flag | Whole | FreeMap
) -> "JsonValue | None":
    if isinstance(kind, Spelling) and kind in MOMENTS and posted.below:
        parts = {key: "".join(one.values[:1]) for key, one in posted.below.items()}
        return moment_text(parts.get(WHEN, ""), parts.get(ZONE, ""), kind) or None
    if posted.below:
        raise UsageError("form: a name that no field has")
    text = posted.values[-1] if posted.values else ""
    if kind is not LONG_TEXT:
        text = text.strip()
    if not text.strip():
        return None
    return _typed(text, kind)


def _typed(
    text: str, kind: Spelling | Code | Choice | Flag | Whole | FreeMap
) -> JsonValue:
    """Return text as a value of a kind; as it is if it can be none."""
    match kind:
        case Flag() if text in {"true", "false"}:
            return text == "true"
        case Whole() if _NUMBER.match(text) and abs(int(text)) < JSON_INTEGER_BOUND:
            return int(text)
        case FreeMap():
            return _object(text)
        case _:
            return text


def _object(text: str) -> JsonValue:
    try:
        return canonical.parse_object(text.encode(), max_bytes=MAX_FORM_BYTES)
    except (MalformedError, TooLargeError):
        return text


# --- parts that opened by themselves ---


def _settled(here: JsonObject, block: Block, draft: JsonObject) -> JsonObject:
    """Return a block without the parts that a condition opened and no longer asks for.

    Such a part goes only while nothing is in it.
    """
    kept = dict(here)
    for declared in block.fields:
        value = kept.get(declared.name)
        condition = declared.condition
        if isinstance(declared.kind, Block) and isinstance(value, dict):
            kept[declared.name] = _settled(value, declared.kind, draft)
        if (
            condition is not None
            and declared.name in kept
            and is_blank(value)
            and not condition.holds(draft, here)
        ):
            del kept[declared.name]
    return kept


def is_blank(value: "JsonValue | None") -> bool:
    """Tell whether nothing is filled in, however many parts are open."""
    match value:
        case dict():
            return all(map(is_blank, value.values()))
        case list():
            return all(map(is_blank, value))
        case _:
            return value is None or value == ""
