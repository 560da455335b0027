"""Tells quickly that a value is right, so that only what may be wrong is looked into.

Most values are right. Each kind is turned once into a test that carries no place and
names no problem; what a test refuses, `checking` looks into and describes. Of plain
values a test is exact. Of blocks it is strict: it asks for every field that may have
to be there, as only their place in the document tells whether they do.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TypeAlias

from gateway.core.canonical import JsonValue
from gateway.mla.codelists import CodeList, code_list
from gateway.mla.fields import (
    Block,
    Choice,
    Code,
    Either,
    Flag,
    FreeMap,
    Kind,
    ListOf,
    Need,
    Spelling,
    Whole,
)

Test: TypeAlias = Callable[[JsonValue], bool]


@cache
def quick_test(kind: Kind) -> Test:
    """Return a test that only passes a value in which nothing of `kind` is wrong."""
    match kind:
        case Block():
            return _test_of_block(kind)
        case ListOf():
            return partial(_is_list, kind, quick_test(kind.item))
        case Either():
            return partial(_is_either, quick_test(kind.text), quick_test(kind.block))
        case _:
            return _test_of_plain(kind)


@cache
def field_tests(block: Block) -> Mapping[str, Test]:
    """Return the tests of a block's fields by their names."""
    return {field.name: quick_test(field.kind) for field in block.fields}


def _test_of_block(block: Block) -> Test:
    required = frozenset(f.name for f in block.fields if f.need is not Need.OPTIONAL)
    return partial(_is_block, field_tests(block), required)


def _test_of_plain(
    kind: Spelling | Code | Choice | Flag | Whole | FreeMap,
) -> Test:
    match kind:
        case Spelling():
            return partial(_is_text, kind.matches, kind.max_chars)
        case Code():
            return partial(_is_code, kind, code_list(kind.list_name))
        case Choice():
            return partial(_is_choice, frozenset(kind.values))
        case Whole():
            return partial(_is_whole, kind)
        case Flag() | FreeMap():
            return partial(_is_instance, bool if isinstance(kind, Flag) else dict)


def _is_block(
    tests: Mapping[str, Test], required: frozenset[str], value: JsonValue
) -> bool:
    if not isinstance(value, dict) or not required <= value.keys():
        return False
    for name, inner in value.items():
        test = tests.get(name)
        if test is None or not test(inner):
            return False
    return True


def _is_list(kind: ListOf, test: Test, value: JsonValue) -> bool:
    return (
        isinstance(value, list)
        and kind.least <= len(value) <= kind.most
        and all(map(test, value))
    )


def _is_either(text_test: Test, block_test: Test, value: JsonValue) -> bool:
    return block_test(value) if isinstance(value, dict) else text_test(value)


def _is_text(matches: Callable[[str], bool], max_chars: int, value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) <= max_chars and matches(value)


def _is_code(kind: Code, codes: CodeList, value: JsonValue) -> bool:
    if not isinstance(value, str) or value in kind.never:
        return False
    return value in codes and (not kind.only or value in kind.only)


def _is_choice(choices: frozenset[str], value: JsonValue) -> bool:
    return isinstance(value, str) and value in choices


def _is_whole(kind: Whole, value: JsonValue) -> bool:
    # True and False are numbers to Python, not to a reader of the form.
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return kind.least <= value <= kind.most


def _is_instance(wanted: type, value: JsonValue) -> bool:
    return isinstance(value, wanted)
