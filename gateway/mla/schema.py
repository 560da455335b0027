"""JSON Schemas of the messages, written from their declarations.

What JSON Schema (draft 2020-12) can say is said: fields, forms of text, codes, lengths,
and fields that are mandatory under a condition. What it cannot say stands beside it in
words: rules between fields, as `x-rules`. A document that the node accepts fits its
schema; one that fits may still break such a rule.

Beside the keywords of JSON Schema there are `x-title` and `x-help` (texts in further
languages, by language), `x-labels` and `x-labels-fr` (what each code stands for),
`x-valid` (the days on which messages may be made with a code, if not always),
`x-needed-if` (a condition in words), `x-given-by` (who fills a field in, if not the
author) and `x-rules`, `x-senders`, `x-answers`, `x-opens-case`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.codelists import CodeList, code_list
from gateway.mla.envelope_fields import (
    AUTHOR_FIELDS,
    NODE_FIELDS,
    Form,
    message_block,
)
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    Field,
    Flag,
    FreeMap,
    Giver,
    Kind,
    ListOf,
    Need,
    Spelling,
    When,
    Whole,
    fields_below,
)
from gateway.mla.rules import EVERY_MESSAGE, Rule
from gateway.mla.types.model import MessageType
from gateway.mla.versions import SCHEMA_VERSIONS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PREFIX = "urn:mla-gateway:schema"


def schema_of(declared: MessageType, form: Form) -> JsonObject:
    """Return the schema of one type, with all that it refers to.

    Args:
        declared: The type.
        form: As its author writes it, or as it is sent and received.
    """
    writer = _Writer(form)
    body = writer.message(declared)
    head = _head(form, declared.name)
    return {**head, **body, "$defs": writer.definitions}


def schema_of_all(types: Iterable[MessageType], form: Form) -> JsonObject:
    """Return one schema for messages of any of some types, told by `msg_type`."""
    writer = _Writer(form)
    bodies: JsonObject = {one.name: writer.message(one) for one in types}
    names: list[JsonValue] = list(bodies)
    chosen: list[JsonValue] = [
        {
            "if": {"properties": {"msg_type": {"const": name}}},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in bodies
    ]
    return {
        **_head(form, "all"),
        "title": "A message of mutual legal assistance",
        "type": "object",
        "required": ["msg_type"],
        "properties": {"msg_type": {"enum": names}},
        "allOf": chosen,
        "$defs": bodies | writer.definitions,
    }


def _head(form: Form, name: str) -> JsonObject:
    identifier = f"{_PREFIX}:{SCHEMA_VERSIONS[-1]}:{form.name.lower()}:{name}"
    return {"$schema": DIALECT, "$id": identifier}


class _Writer:
    """Writes blocks and code lists once each, and refers to them."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._names: dict[Block, str] = {}
        self.definitions: JsonObject = {}

    def message(self, declared: MessageType) -> JsonObject:
        """Return the schema of the messages of a type."""
        block = message_block(declared, self._form)
        body = self._block(block, self._shared_field)
        properties = body["properties"]
        if isinstance(properties, dict) and self._form is Form.AUTHOR:
            properties.update(map(self._passed_over, NODE_FIELDS))
        conditions = [*_list_at(body, "allOf"), *_conditions_from_above(block)]
        titles: JsonObject = {
            "title": declared.title_en,
            "x-title": {"fr": declared.title_fr},
        }
        return {
            **titles,
            **body,
            **({"allOf": conditions} if conditions else {}),
            "x-senders": [role.value for role in sorted(declared.senders)],
            "x-answers": list[JsonValue](sorted(declared.answers)),
            "x-opens-case": declared.opens_case,
            "x-rules": [_told(rule) for rule in (*EVERY_MESSAGE, *declared.rules)],
        }

    def _shared_field(self, field: Field) -> JsonObject:
        """Return a field of messages; one that is the same in every type, once."""
        if not any(field is one for one in (*AUTHOR_FIELDS, *NODE_FIELDS)):
            return self._field(field)
        name = f"message-{field.name.replace('_', '-')}"
        if name not in self.definitions:
            self.definitions[name] = self._field(field)
        return {"$ref": f"#/$defs/{name}"}

    def _passed_over(self, field: Field) -> tuple[str, JsonValue]:
        """Return a field that an author may leave in; the node gives its own."""
        name = f"node-{field.name.replace('_', '-')}"
        told: JsonObject = {**_help(field), "x-given-by": field.giver.value}
        self.definitions[name] = told
        return field.name, {"$ref": f"#/$defs/{name}"}

    def _block(
        self, block: Block, written: Callable[[Field], JsonObject] | None = None
    ) -> JsonObject:
        """Return the schema of an object of declared fields.

        Args:
            block: The object.
            written: Writes a field; else each is written where it stands.
        """
        write = written or self._field
        mandatory: list[JsonValue] = [
            field.name
            for field in block.fields
            if field.need is Need.MANDATORY and self._is_asked(field)
        ]
        conditions: list[JsonValue] = [
            {"if": holds(condition), "then": {"required": [field.name]}}
            for field in block.fields
            if (condition := field.condition) is not None
            and not condition.path.startswith("/")
            and self._is_asked(field)
        ]
        return {
            "title": block.name,
            "type": "object",
            "properties": {field.name: write(field) for field in block.fields},
            **({"required": mandatory} if mandatory else {}),
            **({"allOf": conditions} if conditions else {}),
            "additionalProperties": False,
        }

    def _is_asked(self, field: Field) -> bool:
        """Tell whether a field may be missed in this form."""
        return self._form is Form.COMPLETE or field.giver is Giver.AUTHOR

    def _field(self, field: Field) -> JsonObject:
        told = _help(field)
        if field.condition is not None:
            told["x-needed-if"] = field.condition.words
        if field.giver is Giver.NODE:
            told["x-given-by"] = field.giver.value
        return told | self._kind(field.kind)

    def _kind(self, kind: Kind) -> JsonObject:
        match kind:
            case ListOf():
                return self._list(kind)
            case Block():
                return self._reference(kind)
            case Either():
                texts, block = _plain(kind.text), self._reference(kind.block)
                return {"anyOf": [texts, block]}
            case Code():
                return self._code(kind)
            case _:
                return _plain(kind)

    def _list(self, kind: ListOf) -> JsonObject:
        least: JsonObject = {"minItems": kind.least} if kind.least else {}
        items = self._kind(kind.item)
        return {"type": "array", "items": items, **least, "maxItems": kind.most}

    def _reference(self, block: Block) -> JsonObject:
        if block not in self._names:
            name = self._free_name(block)
            self._names[block] = name
            self.definitions[name] = {}  # keeps its place before the blocks inside
            self.definitions[name] = self._block(block)
        return {"$ref": f"#/$defs/{self._names[block]}"}

    def _free_name(self, block: Block) -> str:
        name = re.sub(r"[^a-z0-9]+", "-", block.name.lower()).strip("-")
        number = 1
        while (free := f"{name}-{number}" if number > 1 else name) in self.definitions:
            number += 1
        return free

    def _code(self, kind: Code) -> JsonObject:
        codes = code_list(kind.list_name)
        if kind.only:
            return {"type": "string", **_enum(codes, kind.only)}
        name = f"list-{kind.list_name}"
        if name not in self.definitions:
            self.definitions[name] = _code_list(codes)
        reference: JsonObject = {"$ref": f"#/$defs/{name}"}
        if kind.never:
            never: list[JsonValue] = list(kind.never)
            reference["not"] = {"enum": never}
        return reference


# --- pieces ---


def _help(field: Field) -> JsonObject:
    further: JsonObject = dict(field.further_help)
    return {"description": field.help_en, "x-help": {"fr": field.help_fr, **further}}


def _plain(kind: Spelling | Choice | Flag | Whole | FreeMap) -> JsonObject:
    match kind:
        case Spelling():
            form: JsonObject = {"type": "string", "maxLength": kind.max_chars}
            if kind.pattern:
                form["pattern"] = kind.pattern
            if kind.json_format:
                form["format"] = kind.json_format
            return form
        case Choice():
            values: list[JsonValue] = list(kind.values)
            return {"type": "string", "enum": values}
        case Whole():
            return {"type": "integer", "minimum": kind.least, "maximum": kind.most}
        case Flag():
            return {"type": "boolean"}
        case FreeMap():
            return {"type": "object"}


def _code_list(codes: CodeList) -> JsonObject:
    head: JsonObject = {"title": codes.title, "type": "string"}
    listed = _enum(codes, tuple(codes.rows))
    refined = codes.refinements()
    if not refined:
        return head | listed
    labels = {name: listed.pop(name) for name in ("x-labels", "x-labels-fr")}
    patterns: list[JsonValue] = [{"pattern": f"^{one}$(?!\\n)"} for one in refined]
    return head | {"anyOf": [listed, *patterns]} | labels


def _enum(codes: CodeList, chosen: Sequence[str]) -> JsonObject:
    values: list[JsonValue] = list(chosen)
    days: JsonObject = {code: codes.days_of(code) for code in chosen}
    valid = {code: words for code, words in days.items() if words}
    return {
        "enum": values,
        "x-labels": {code: codes.label(code) for code in chosen},
        "x-labels-fr": {code: codes.label(code, "fr") for code in chosen},
        **({"x-valid": valid} if valid else {}),
    }


def _told(rule: Rule) -> JsonObject:
    return {"words": rule.words, "code": rule.code.value, "blocking": rule.blocking}


def _list_at(schema: JsonObject, name: str) -> list[JsonValue]:
    found = schema.get(name, [])
    return found if isinstance(found, list) else []


# --- conditions ---


def holds(condition: When) -> JsonObject:
    """Return a schema that a value fits exactly where a condition holds for it."""
    values: list[JsonValue] = list(condition.values)
    among: JsonObject = {"enum": values}
    schema: JsonObject = among if condition.is_among else {"not": among}
    schema["type"] = "string"
    for step in reversed(_steps(condition.path)):
        if step == "*":
            schema = {"type": "array", "contains": schema}
        else:
            schema = {
                "type": "object",
                "required": [step],
                "properties": {step: schema},
            }
    return schema


def _conditions_from_above(block: Block) -> Iterator[JsonValue]:
    """Yield what hangs on another place of the document than the field's own block."""
    for path, field in fields_below(block):
        condition = field.condition
        if condition is not None and condition.path.startswith("/"):
            *above, name = _steps(path)
            yield {"if": holds(condition), "then": _required_at(above, name)}


def _required_at(above: Sequence[str], name: str) -> JsonObject:
    """Return a schema that asks for a field in every block that stands at a path."""
    schema: JsonObject = {"required": [name]}
    for step in reversed(above):
        schema = {"items": schema} if step == "*" else {"properties": {step: schema}}
    return schema


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step]
