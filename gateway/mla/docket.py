"""The docket entry of a message: what its case keeps of it beside the sealed content.

State, deadlines, purposes and duties of a case are computed from its messages, and the
messages are sealed at rest. So of each one a copy is kept in which only codes, choices,
flags, numbers, dates and short ids are left: enough to tell that measure M2 was refused
on ground R05, nothing that says what M2 is about or whom it concerns. What is left
follows from the declarations of the fields; a new type of message needs nothing here.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Final, Optional, TypeAlias

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.convictions import CONVICTION
from gateway.mla.envelope_fields import Form, message_block
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    Flag,
    Kind,
    ListOf,
    Spelling,
    Whole,
)
from gateway.mla.parties import PERSON
from gateway.mla.problems import text_at
from gateway.mla.quick_tests import quick_test
from gateway.mla.spellings import (
    COUNTRY,
    CURRENCY,
    DATE,
    DECIMAL,
    DURATION,
    ID,
    LANGUAGE,
    LOCAL_MOMENT,
    MOMENT,
    PARTIAL_DATE,
    REFERENCE,
)
from gateway.mla.types import message_type
from gateway.mla.types.criminal_records import SUPPLIED

_KEPT_SPELLINGS: Final = (
    COUNTRY,
    CURRENCY,
    DATE,
    DECIMAL,
    DURATION,
    ID,
    LANGUAGE,
    LOCAL_MOMENT,
    MOMENT,
    PARTIAL_DATE,
)
# References name things inside the form, or people and accounts outside. Only the
# first are kept, and the file numbers of the authorities themselves.
_KEPT_REFERENCES: Final = frozenset(
    {"case_number", "id", "parcel", "rule", "sender_ref", "recipient_ref"},
)
# Of these lists of texts it counts how many there are.
_COUNTED: Final = frozenset({"open_duties"})
# Of these blocks no more is kept, whatever their fields are.
_KEPT_OF: Final = {
    PERSON: frozenset({"person_id", "kind", "role", "flags"}),
    CONVICTION: frozenset({"conviction_id", "convicting_country", "retention_end"}),
    SUPPLIED: frozenset(),
}

_Kept: TypeAlias = Optional[JsonValue]  # noqa: UP045 - the name is a text
_Keeper: TypeAlias = Callable[[JsonValue], _Kept]
"""Returns what is kept of a value; None where nothing is."""


def docket_entry(document: JsonObject) -> JsonObject:
    """Return what a case keeps of a message, in the shape of its document.

    Args:
        document: The complete document, checked or not: what is not of its declared
            kind is left out, and nothing is raised. Of an undeclared type, nothing is
            kept but the ids that say where it belongs.
    """
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is None:
        return _ids_of(document)
    return _kept_fields(_keepers(message_block(declared, Form.COMPLETE)), document)


def _ids_of(document: JsonObject) -> JsonObject:
    is_id = quick_test(ID)
    names = document.keys() & {"msg_id", "case_id", "in_reply_to"}
    return {name: document[name] for name in names if is_id(document[name])}


@cache
def _keepers(block: Block) -> dict[str, _Keeper]:
    """Return the keepers of those fields of a block of which something is kept."""
    found = {}
    for field in block.fields:
        if block in _KEPT_OF and field.name not in _KEPT_OF[block]:
            continue
        keeper = _keeper(field.kind, field.name)
        if keeper is not None:
            found[field.name] = keeper
    return found


@cache
def _keeper(kind: Kind, name: str) -> _Keeper | None:
    """Return the keeper of what stands under a name; None if nothing is kept."""
    match kind:
        case Block():
            keepers = _keepers(kind)
            return partial(_kept_of_block, keepers) if keepers else None
        case ListOf():
            if name in _COUNTED:
                return _counted
            inner = _keeper(kind.item, name)
            return partial(_kept_of_list, inner) if inner else None
        case Either():
            return _keeper(kind.block, name)
        case _:
            is_kept = _is_kept(kind, name)
            return partial(_kept_if, quick_test(kind)) if is_kept else None


def _is_kept(kind: Kind, name: str) -> bool:
    """Tell whether a value without parts is kept."""
    if isinstance(kind, Spelling):
        return _is_kept_spelling(kind, name)
    return isinstance(kind, Code | Choice | Flag | Whole)


def _is_kept_spelling(kind: Spelling, name: str) -> bool:
    if kind is REFERENCE:
        return name.endswith(("_id", "_ids")) or name in _KEPT_REFERENCES
    return any(kind is kept for kept in _KEPT_SPELLINGS)


def _kept_if(is_right: Callable[[JsonValue], bool], value: JsonValue) -> _Kept:
    return value if is_right(value) else None


def _counted(value: JsonValue) -> _Kept:
    return ["" for _ in value] if isinstance(value, list) else None


def _kept_of_list(inner: _Keeper, value: JsonValue) -> _Kept:
    if not isinstance(value, list):
        return None
    return [kept for item in value if (kept := inner(item)) is not None]


def _kept_of_block(keepers: dict[str, _Keeper], value: JsonValue) -> _Kept:
    return _kept_fields(keepers, value) if isinstance(value, dict) else None


def _kept_fields(keepers: dict[str, _Keeper], block: JsonObject) -> JsonObject:
    kept: JsonObject = {}
    for name, value in block.items():
        keeper = keepers.get(name)
        part = keeper(value) if keeper else None
        if part is not None:
            kept[name] = part
    return kept
