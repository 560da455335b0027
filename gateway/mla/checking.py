"""Compares a document with its declaration and names every difference.

Raises nothing, whatever the document holds. Sentences have the shape "field: found,
expected" and never quote a value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.codelists import is_code
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
    Whole,
)
from gateway.mla.problems import Problem, ProblemCode, child, last_step

_JSON_NAMES = {bool: "true or false", int: "a number", str: "text", list: "a list"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which document a check stands.

    Attributes:
        document: The whole document, for conditions.
        node_has_added: Whether the fields that the node gives must be there.
        pointer: The place.
    """

    document: JsonObject
    node_has_added: bool
    pointer: str = ""

    def below(self, step: str | int) -> "Place":
        """Return the place one step below."""
        return Place(self.document, self.node_has_added, child(self.pointer, step))

    def differs(self, found: str, expected: str) -> Problem:
        """Return the problem that something else was found than expected."""
        return self._problem(ProblemCode.SCHEMA, f"{found}, expected {expected}")

    def is_off_list(self, expected: str) -> Problem:
        """Return the problem that a value is not among those there are."""
        return self._problem(ProblemCode.CODE, f"no such code, expected {expected}")

    def _problem(self, code: ProblemCode, words: str) -> Problem:
        return Problem(self.pointer, code, f"{last_step(self.pointer)}: {words}")


def check_value(value: JsonValue, kind: Kind, place: Place) -> Iterator[Problem]:
    """Yield a problem for each way in which `value` is not of `kind`."""
    match kind:
        case Spelling():
            yield from _check_spelling(value, kind, place)
        case Code() | Choice():
            yield from _check_code(value, kind, place)
        case ListOf():
            yield from _check_list(value, kind, place)
        case Block():
            yield from _check_block(value, kind, place)
        case Either():
            chosen = kind.block if isinstance(value, dict) else kind.text
            yield from check_value(value, chosen, place)
        case Flag() | Whole() | FreeMap():
            if not _is_simple(value, kind):
                yield place.differs(_name_of(value), kind.words)


def _check_spelling(
    value: JsonValue, kind: Spelling, place: Place
) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield place.differs(_name_of(value), kind.words)
    elif len(value) > kind.max_chars:
        found = f"{len(value)} characters"
        yield place.differs(found, f"{kind.words} of at most {kind.max_chars}")
    elif not kind.matches(value):
        yield place.differs("not of the form", kind.words)


def _check_code(
    value: JsonValue, kind: Code | Choice, place: Place
) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield place.differs(_name_of(value), kind.words)
    elif not _is_among(value, kind):
        yield place.is_off_list(kind.words)


def _is_among(value: str, kind: Code | Choice) -> bool:
    if isinstance(kind, Choice):
        return value in kind.values
    if value in kind.never or (kind.only and value not in kind.only):
        return False
    return is_code(kind.list_name, value)


def _is_simple(value: JsonValue, kind: Flag | Whole | FreeMap) -> bool:
    match kind:
        case Flag():
            return isinstance(value, bool)
        case Whole():
            # True and False are numbers to Python, not to a reader of the form.
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return is_number and value in range(kind.least, kind.most + 1)
        case FreeMap():
            return isinstance(value, dict)


def _check_list(value: JsonValue, kind: ListOf, place: Place) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield place.differs(_name_of(value), kind.words)
    elif not kind.least <= len(value) <= kind.most:
        yield place.differs(f"{len(value)} items", kind.words)
    else:
        for index, item in enumerate(value):
            yield from check_value(item, kind.item, place.below(index))


def _check_block(value: JsonValue, block: Block, place: Place) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield place.differs(_name_of(value), block.words)
        return
    for field in block.fields:
        if field.name in value:
            yield from check_value(
                value[field.name], field.kind, place.below(field.name)
            )
        else:
            yield from _check_absence(field, value, place)
    yield from _check_unknown(value, block, place)


def _check_absence(field: Field, here: JsonObject, place: Place) -> Iterator[Problem]:
    if field.giver is Giver.NODE and not place.node_has_added:
        return
    if field.need is Need.MANDATORY:
        yield place.below(field.name).differs("missing", field.kind.words)
    elif field.condition and field.condition.holds(place.document, here):
        reason = f"{field.kind.words}, because {field.condition.words}"
        yield place.below(field.name).differs("missing", reason)


def _check_unknown(here: JsonObject, block: Block, place: Place) -> Iterator[Problem]:
    names = [field.name for field in block.fields]
    for name in (name for name in here if name not in names):
        close = get_close_matches(name[:100], names, n=1)
        expected = f"perhaps {close[0]}" if close else "no such field"
        yield place.below(name).differs("unknown field", expected)


def _name_of(value: JsonValue) -> str:
    return _JSON_NAMES.get(type(value), "an object")
