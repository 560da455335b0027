"""The words in which a declaration file says what a field holds, and when.

`holds`: one of the plain kinds below, `one of A, B`, `code of LIST`, `whole number from
1 to 10`, `block NAME`, and before any of them `list of` or `1 or more of`. Conditions:
`PATH is A or B`, `PATH is other than A or B`.
"""

import re
from collections.abc import Mapping
from typing import Final

from gateway.core.limits import JSON_INTEGER_BOUND
from gateway.mla import spellings
from gateway.mla.codelists import code_list, code_list_names
from gateway.mla.fields import Block, Choice, Code, Either, Kind, ListOf, When, Whole
from gateway.mla.manifest import MANIFEST
from gateway.mla.parties import MTEXT

PLAIN_KINDS: Final[Mapping[str, Kind]] = {
    "line": spellings.TEXT,
    "text": spellings.LONG_TEXT,
    "text in languages": MTEXT,
    "reference": spellings.REFERENCE,
    "id": spellings.ID,
    "date": spellings.DATE,
    "date or part of one": spellings.PARTIAL_DATE,
    "moment": spellings.MOMENT,
    "moment with time zone": spellings.LOCAL_MOMENT,
    "period": spellings.DURATION,
    "amount": spellings.DECIMAL,
    "country": spellings.COUNTRY,
    "language": spellings.LANGUAGE,
    "currency": spellings.CURRENCY,
    "time zone": spellings.TIME_ZONE,
    "true or false": spellings.FLAG,
    "evidence items": MANIFEST,
}
"""What a field may hold, by the words for it."""

_LISTS: Final = frozenset(
    words for words, kind in PLAIN_KINDS.items() if isinstance(kind, ListOf)
)
_WORD = re.compile(r"[A-Z0-9][A-Z0-9_:.-]{0,63}")
_WHOLE = re.compile(r"whole number from (\d{1,15}) to (\d{1,15})")
_CONDITION = re.compile(r"(?P<path>\S+) is (?P<other>other than )?(?P<values>.+)")


def kind_of(words: str, blocks: Mapping[str, Block]) -> Kind:
    """Return what some words say that a field holds.

    Args:
        words: As above.
        blocks: Those that may be named.

    Raises:
        ValueError: No kind is called so; says what was expected.
    """
    for prefix, least in (("list of ", 0), ("1 or more of ", 1)):
        if words.startswith(prefix):
            return ListOf(_item(words.removeprefix(prefix), blocks), least=least)
    return _single(words, blocks)


def condition_of(words: str) -> When:
    """Return the condition that some words state.

    Raises:
        ValueError: They state none.
    """
    found = _CONDITION.fullmatch(words)
    if not found:
        raise ValueError('expected "PATH is A or B", or "is other than"')
    values = tuple(found["values"].split(" or "))
    if not all(map(_WORD.fullmatch, values)):
        raise ValueError("expected codes of capitals, joined by or")
    return When(found["path"], values, is_among=found["other"] is None)


def kind_at(block: Block, path: str) -> Kind | None:
    """Return what is declared at a path below a block; None if nothing is."""
    kind: Kind = block
    for step in (step for step in path.split("/") if step):
        inner = _below(kind, step)
        if inner is None:
            return None
        kind = inner
    return kind


def _below(kind: Kind, step: str) -> Kind | None:
    if isinstance(kind, Either):
        kind = kind.block
    if isinstance(kind, ListOf):
        return kind.item if step == "*" else None
    fields = kind.fields if isinstance(kind, Block) else ()
    return next((field.kind for field in fields if field.name == step), None)


def _item(words: str, blocks: Mapping[str, Block]) -> Kind:
    if words in _LISTS:
        raise ValueError(f"{words}: is a list itself, expected items of one")
    return _single(words, blocks)


def _single(words: str, blocks: Mapping[str, Block]) -> Kind:
    plain = PLAIN_KINDS.get(words)
    if plain is not None:
        return plain
    start, _, rest = words.partition(" of ")
    if start == "code":
        return _code(rest)
    if start == "one":
        return _choice(rest)
    if words.startswith("block "):
        return _block(words.removeprefix("block "), blocks)
    if whole := _WHOLE.fullmatch(words):
        return _whole(int(whole[1]), int(whole[2]))
    raise ValueError(
        f"expected {', '.join(PLAIN_KINDS)}, one of A, B, code of LIST, whole number "
        "from 1 to 10, or block NAME; before it perhaps list of, or 1 or more of"
    )


def _code(rest: str) -> Code:
    if rest not in code_list_names():
        raise ValueError(f"no code list of this name, expected one like {_SOME_LIST}")
    return Code(code_list(rest).name)


_SOME_LIST: Final = "ASSIST"


def _choice(rest: str) -> Choice:
    values = tuple(rest.split(", "))
    if not all(map(_WORD.fullmatch, values)) or len(set(values)) != len(values):
        raise ValueError("expected different words of capitals, joined by commas")
    return Choice(values)


def _block(name: str, blocks: Mapping[str, Block]) -> Block:
    found = blocks.get(name)
    if found is None:
        raise ValueError("no such block, expected one of this file or a common one")
    return found


def _whole(least: int, most: int) -> Whole:
    if not least <= most < JSON_INTEGER_BOUND:
        raise ValueError("expected a smaller number first, and none over 2^53")
    return Whole(least, most)
