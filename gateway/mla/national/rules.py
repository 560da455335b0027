"""Rules that a declaration file states: what has to be there, or must not, and when."""

from collections.abc import Iterator
from functools import partial

from gateway.core.canonical import JsonObject
from gateway.mla.fields import Block, When
from gateway.mla.national.holds import condition_of, kind_at
from gateway.mla.national.keys import Keys
from gateway.mla.problems import ProblemCode, child, last_step, parent, select
from gateway.mla.rules import Rule

_EFFECTS = ("blocks", "overridable", "advice")


def rule_of(keys: Keys, block: Block) -> Rule:
    """Return the rule that a table states; what is wrong with it is complained of.

    Args:
        keys: With `needs` or `lacks`, `words`, and as wished `if`, `article`, `effect`.
        block: The whole message that it is about.
    """
    condition = _condition(keys, "if", block) if "if" in keys else None
    name = "lacks" if "lacks" in keys else "needs"
    path = keys.text(name, r"/\S+")
    if path and kind_at(block, path) is None:
        keys.complain(name, "no such place in this type of message")
    words = keys.text("words")
    article = keys.text("article", default="")
    effect = keys.text("effect", default="overridable")
    if effect not in _EFFECTS:
        keys.complain("effect", f"expected one of {', '.join(_EFFECTS)}")
    keys.finish()
    return Rule(
        words=words,
        code=ProblemCode.SCHEMA,
        faults=partial(_faults, name == "needs", path, condition),
        blocking=effect != "advice",
        article=article,
        is_overridable=effect == "overridable",
        is_local=True,
    )


def _condition(keys: Keys, name: str, block: Block) -> When | None:
    """Return the condition under a key, which must be about a place in a message."""
    words = keys.text(name)
    try:
        condition = condition_of(words) if words else None
    except ValueError as error:
        keys.complain(name, str(error))
        return None
    if condition is not None and kind_at(block, condition.path) is None:
        keys.complain(name, f"{condition.path}: no such place in this type of message")
    return condition


def _faults(
    is_needed: bool,  # noqa: FBT001 - bound by position
    path: str,
    condition: When | None,
    document: JsonObject,
) -> Iterator[str]:
    if condition is not None and not condition.holds(document, document):
        return
    if is_needed:
        yield from _missing(document, path)
    else:
        yield from (found.pointer for found in select(document, path))


def _missing(document: JsonObject, path: str) -> Iterator[str]:
    """Yield each place at a path where nothing stands."""
    above, name = parent(path), last_step(path)
    holders = select(document, above)
    if not holders and "*" not in above:
        yield from _missing(document, above)
    for holder in holders:
        if isinstance(holder.value, dict) and name not in holder.value:
            yield child(holder.pointer, name)
