"""Documents of any declared type with much of what they may hold, for forms."""

from random import Random

from gateway.console.forms.entries import is_ticked
from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.codelists import code_list
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
    Whole,
)
from gateway.mla.spellings import LONG_TEXT
from tests.support.made_forms import EXAMPLES


def any_document(block: Block, seed: str) -> JsonObject:
    """Return a document with most fields filled in; the same one for the same seed."""
    return _any_block(block, Random(seed), 0)  # noqa: S311 - no secret


def given_by_author(value: JsonValue, kind: Kind) -> JsonValue:
    """Return what an author gives of a document."""
    match kind:
        case Block() if isinstance(value, dict):
            fields = {one.name: one for one in kind.fields}
            return {
                name: given_by_author(inner, fields[name].kind)
                for name, inner in value.items()
                if name in fields and fields[name].giver is Giver.AUTHOR
            }
        case ListOf() if isinstance(value, list):
            return [given_by_author(item, kind.item) for item in value]
        case Either() if isinstance(value, dict):
            return given_by_author(value, kind.block)
        case _:
            return value


def _any_value(kind: Kind, chance: Random, depth: int) -> JsonValue:
    match kind:
        case Block():
            return _any_block(kind, chance, depth + 1)
        case ListOf():
            return _any_list(kind, chance, depth)
        case Either():
            is_text = depth > 4 or chance.random() < 0.5
            inner: Kind = kind.text if is_text else kind.block
            return _any_value(inner, chance, depth)
        case _:
            return _any_single(kind, chance)


def _any_single(  # noqa: PLR0911 - one for each kind
    kind: Kind, chance: Random
) -> JsonValue:
    match kind:
        case Whole():
            return chance.randint(kind.least, kind.most)
        case Flag():
            return chance.random() < 0.5
        case FreeMap():
            return {"/payload/x": ["a", {"b": True}], "n": 1}
        case Choice():
            return chance.choice(kind.values)
        case Code():
            codes = kind.only or tuple(code_list(kind.list_name).rows)
            return chance.choice([one for one in codes if one not in kind.never])
        case _:
            if kind is LONG_TEXT:
                return "First line & <b>\n\nthird\nline"
            return next((text for one, text in EXAMPLES if one is kind), "Tamm, Õie")


def _any_list(kind: ListOf, chance: Random, depth: int) -> list[JsonValue]:
    count = max(kind.least, chance.randint(1, 3))
    if isinstance(kind.item, Choice | Code) and is_ticked(kind, ""):
        codes = [_any_value(kind.item, chance, depth) for _ in range(count)]
        listed = (
            kind.item.values
            if isinstance(kind.item, Choice)
            else tuple(code_list(kind.item.list_name).rows)
        )
        return sorted(set(map(str, codes)), key=listed.index)
    return [_any_value(kind.item, chance, depth) for _ in range(count)]


def _any_block(block: Block, chance: Random, depth: int) -> JsonObject:
    likely = 0.8 if depth < 3 else 0.3
    return {
        one.name: _any_value(one.kind, chance, depth)
        for one in block.fields
        if one.giver is Giver.AUTHOR
        and (one.need is not Need.OPTIONAL or chance.random() < likely)
    }
