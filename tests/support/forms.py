"""The sample cases, and ways to break a form in one place."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import cast

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.values import MessageId
from gateway.mla.envelope_fields import NODE_FIELD_NAMES, Form
from gateway.mla.error_reply import error_reply
from gateway.mla.fields import Block, Either, Field, Kind, ListOf
from gateway.mla.problems import child, select
from gateway.mla.types import all_types, message_type
from gateway.mla.validate import validate
from tests.support.made_forms import made_message


@cache
def sample_cases() -> list[JsonObject]:
    """Return the sample cases of the demonstration."""
    raw = files("gateway").joinpath("demo", "samples.json").read_bytes()
    return cast("list[JsonObject]", json.loads(raw)["cases"])


def sample_messages() -> list[JsonObject]:
    """Return a fresh copy of every sample message of a declared type."""
    return [
        deepcopy(found.value)
        for case in sample_cases()
        for found in select(case, "messages/*")
        if isinstance(found.value, dict)
        and message_type(str(found.value["msg_type"])) is not None
    ]


def sample(msg_type: str, number: int = 0) -> JsonObject:
    """Return a fresh copy of one sample message of a type."""
    return [m for m in sample_messages() if m["msg_type"] == msg_type][number]


def evidence_message() -> JsonObject:
    """Return an EVD message with the evidence rows of the first sample case."""
    rows = sample_cases()[0]["evidence"]
    assert isinstance(rows, list)
    items: list[JsonValue] = [
        {k: v for k, v in row.items() if k != "content_text"}
        for row in rows
        if isinstance(row, dict)
    ]
    payload: JsonObject = {"manifest": items, "channel": "GATEWAY"}
    return sample("EVD_ACK") | {"msg_type": "EVD", "payload": payload}


def evidence_item(name: str) -> JsonObject:
    """Return what an author says of an evidence file; the node measures the rest."""
    rows = sample_cases()[0]["evidence"]
    assert isinstance(rows, list)
    row = rows[0]
    assert isinstance(row, dict)
    measured = {"content_text", "digests", "size_bytes", "media_type", "item_id"}
    kept = {k: v for k, v in row.items() if k not in measured}
    return kept | {"file_name": name}


def error_message() -> JsonObject:
    """Return an ERR message about a receipt that lacks two fields."""
    received = without(without(sample("ACK"), "/purpose"), "/payload/received_at")
    msg_id = MessageId("01990000-0000-7000-8000-000000000001")
    reply = error_reply(received, validate(received), msg_id=msg_id)
    assert reply is not None
    return sample("ACK") | reply


def whole_messages() -> list[JsonObject]:
    """Return fresh copies of the samples, and of a message of each type without one."""
    return deepcopy(_whole_messages())


@cache
def _whole_messages() -> list[JsonObject]:
    whole = [*sample_messages(), evidence_message(), error_message()]
    known = {message["msg_type"] for message in whole}
    made = [made_message(one) for one in all_types() if one.name not in known]
    return [*whole, *made]


def whole(msg_type: str, number: int = 0) -> JsonObject:
    """Return a fresh copy of one message of a type: a sample, or made if none."""
    found = [m for m in _whole_messages() if m["msg_type"] == msg_type]
    return deepcopy(found[number])


def in_form(document: JsonObject, form: Form) -> JsonObject:
    """Return the document as it is in a form."""
    if form is Form.COMPLETE:
        return document
    return {k: v for k, v in document.items() if k not in NODE_FIELD_NAMES}


def with_value(document: JsonObject, pointer: str, value: JsonValue) -> JsonObject:
    """Return a copy with another value at a pointer; blocks above it must exist."""
    changed = deepcopy(document)
    holder, key = _holder(changed, pointer)
    if isinstance(holder, list):
        holder[int(key)] = value
    else:
        holder[key] = value
    return changed


def without(document: JsonObject, pointer: str) -> JsonObject:
    """Return a copy that lacks what stands at a pointer."""
    changed = deepcopy(document)
    holder, key = _holder(changed, pointer)
    if isinstance(holder, list):
        del holder[int(key)]
    else:
        del holder[key]
    return changed


def _holder(
    document: JsonObject, pointer: str
) -> tuple[list[JsonValue] | JsonObject, str]:
    above, _, key = pointer.rpartition("/")
    holder = next(iter(_at(document, above)))
    assert isinstance(holder, list | dict)
    return holder, key.replace("~1", "/").replace("~0", "~")


def _at(value: JsonValue, pointer: str) -> Iterator[JsonValue]:
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value[step]
    yield value


def declared_places(
    value: JsonValue, kind: Kind, pointer: str = ""
) -> Iterator[tuple[str, Kind, Field | None]]:
    """Yield where a declaration meets a value: pointer, kind, and field if it is one.

    Items of lists have no field of their own.
    """
    match kind:
        case Block() if isinstance(value, dict):
            for field in kind.fields:
                if field.name in value:
                    here = child(pointer, field.name)
                    yield here, field.kind, field
                    yield from declared_places(value[field.name], field.kind, here)
        case ListOf() if isinstance(value, list):
            for index, item in enumerate(value):
                here = child(pointer, index)
                yield here, kind.item, None
                yield from declared_places(item, kind.item, here)
        case Either() if isinstance(value, dict):
            yield from declared_places(value, kind.block, pointer)
        case _:
            return
