"""Compares a document with its declaration and names every difference.

Raises nothing, whatever the document holds. Sentences have the shape "field: found,
expected" and never quote a value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from gateway.core.canonical import JsonObject, JsonValue
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
from gateway.mla.quick_tests import field_tests, quick_test

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
    """Yield a problem for each way in which `value` is not of `kind`.

    Args:
        value: What stands at the place; not what the quick test of `kind` passed.
        kind: What is declared there.
        place: The place.
    """
    match kind:
        case Spelling():
            yield _misspelt(value, kind, place)
        case Code() | Choice() if isinstance(value, str):
            yield place.is_off_list(kind.words)
        case ListOf():
            yield from _check_list(value, kind, place)
        case Block():
            yield from _check_block(value, kind, place)
        case Either():
            chosen = kind.block if isinstance(value, dict) else kind.text
            yield from check_value(value, chosen, place)
        case Code() | Choice() | Flag() | Whole() | FreeMap():
            yield place.differs(_name_of(value), kind.words)


def _misspelt(value: JsonValue, kind: Spelling, place: Place) -> Problem:
    if not isinstance(value, str):
        return place.differs(_name_of(value), kind.words)
    if len(value) > kind.max_chars:
        found = f"{len(value)} characters"
        return place.differs(found, f"{kind.words} of at most {kind.max_chars}")
    return place.differs("not of the form" if value else "empty", kind.words)


def _check_list(value: JsonValue, kind: ListOf, place: Place) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield place.differs(_name_of(value), kind.words)
    elif not kind.least <= len(value) <= kind.most:
        yield place.differs(f"{len(value)} items", kind.words)
    else:
        is_right = quick_test(kind.item)
        for index, item in enumerate(value):
            if not is_right(item):
                yield from check_value(item, kind.item, place.below(index))


def _check_block(value: JsonValue, block: Block, place: Place) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield place.differs(_name_of(value), block.words)
        return
    tests = field_tests(block)
    for field in block.fields:
        name = field.name
        if name not in value:
            if field.need is not Need.OPTIONAL:
                yield from _check_absence(field, value, place)
        elif not tests[name](value[name]):
            yield from check_value(value[name], field.kind, place.below(name))
    if not value.keys() <= tests.keys():
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
