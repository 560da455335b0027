"""Whether the codes of a message were valid on the day it was made.

A code stays on its list for ever, as old messages carry it, but may have a first and a
last day (see `codelists`). An author's form has no day yet: it is judged when the node
has added one.
"""

from collections.abc import Iterator
from functools import cache

from gateway.core.canonical import JsonObject
from gateway.mla.codelists import CodeList, code_list
from gateway.mla.fields import Block, Code, Kind, ListOf, fields_below
from gateway.mla.problems import Problem, ProblemCode, last_step, select, text_at
from gateway.mla.spellings import DATE


def outdated_codes(document: JsonObject, block: Block) -> Iterator[Problem]:
    """Yield a problem for each code that was not valid when the message was made.

    Args:
        document: The document; of any shape. If no day stands in it, nothing is
            yielded.
        block: All fields of such a message.
    """
    day = (text_at(document, "/created_at") or "")[: len("YYYY-MM-DD")]
    if not DATE.matches(day):
        return
    for path, codes in _dated_places(block):
        for pointer, value in select(document, path):
            if isinstance(value, str) and not codes.is_valid_on(value, day):
                days = codes.days_of(value)
                sentence = (
                    f"not valid on {day}, expected a code that is; this is {days}"
                )
                yield Problem(
                    pointer, ProblemCode.CODE, f"{last_step(pointer)}: {sentence}"
                )


@cache
def _dated_places(block: Block) -> tuple[tuple[str, CodeList], ...]:
    """Return where codes stand of lists in which any code has days."""
    found = []
    for path, field in fields_below(block):
        place, kind = _innermost(path, field.kind)
        if isinstance(kind, Code) and code_list(kind.list_name).validity:
            found.append((place, code_list(kind.list_name)))
    return tuple(found)


def _innermost(path: str, kind: Kind) -> tuple[str, Kind]:
    while isinstance(kind, ListOf):
        path, kind = f"{path}/*", kind.item
    return path, kind
