"""Whether a message holds what its legal bases ask for.

Only what the type of message can hold is asked of it: a demand counts for a type that
declares one of its fields. Where two instruments ask for the same, one problem names
both articles.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.envelope_fields import AUTHOR_FIELDS
from gateway.mla.problems import (
    Problem,
    ProblemCode,
    child,
    has,
    last_step,
    select,
    text_at,
    texts_at,
    values_at,
)
from gateway.mla.treaty.model import Demand, Mark
from gateway.mla.treaty.table import INSTRUMENTS, OPENING_TYPES
from gateway.mla.types import message_type

MAX_ARTICLES = 8
"""Articles named for one place; more would not make it clearer."""

_MEASURES = "/payload/measures/*"
_ENVELOPE_NAMES = frozenset(field.name for field in AUTHOR_FIELDS)


@dataclass(frozen=True, slots=True)
class Duty:
    """A demand as it falls on one type of message under one instrument.

    Attributes:
        demand: With only those fields that the type declares.
        article: With the name of the instrument.
    """

    demand: Demand
    article: str


def content_problems(document: JsonObject) -> list[Problem]:
    """Return what the legal bases of a message ask for and do not find in it.

    Args:
        document: As its author wrote it, or complete; any shape, nothing is raised.

    Returns:
        Problems by place. What was verified in the source refuses, the rest may be
        overridden, and what is asked "where possible" is advice.
    """
    found: dict[str, Problem] = {}
    for duty in _duties_of(document):
        for pointer in _faults(duty.demand, document):
            _add(found, _problem(pointer, duty))
    for problem in barred_grounds(document):
        _add(found, problem)
    return list(found.values())


def barred_grounds(document: JsonObject) -> Iterator[Problem]:
    """Yield a problem for each ground of refusal that an instrument takes away."""
    if text_at(document, "/msg_type") != "DEC":
        return
    for pointer, value in select(document, "/payload/decisions/*/refusal/*"):
        for article in _bars(document, value):
            yield Problem(
                pointer,
                ProblemCode.BASIS,
                "refusal: barred, expected a ground that the instrument allows",
                article=article,
                is_overridable=True,
            )


def with_articles(document: JsonObject, problems: list[Problem]) -> list[Problem]:
    """Return the problems of a form, each with the article that asks for its place.

    What the instruments ask for beside that and do not find is added, so that an
    author is told everything at once.
    """
    articles = articles_by_path(document)
    cited = [
        problem
        if problem.article
        else replace(problem, article=_article_of(problem, articles, document))
        for problem in problems
    ]
    told = [problem.pointer for problem in cited if problem.blocking]
    return cited + [
        problem
        for problem in content_problems(document)
        if not any(_is_same_place(problem.pointer, pointer) for pointer in told)
    ]


def duties(msg_type: str, code: str) -> tuple[Duty, ...]:
    """Return what an instrument asks of a type of message that opens a case."""
    if msg_type not in OPENING_TYPES or code not in INSTRUMENTS:
        return ()
    return _duties(msg_type, code)


# As many as there are types and instruments, whatever documents say.
@cache
def _duties(msg_type: str, code: str) -> tuple[Duty, ...]:
    declared = message_type(msg_type)
    if declared is None:
        return ()
    names = frozenset(field.name for field in declared.payload.fields)
    found = []
    for demand in INSTRUMENTS[code].demands:
        if demand.types and msg_type not in demand.types:
            continue
        if demand.assist and "measures" not in names:
            continue
        if demand.each:
            fields = demand.fields if _is_declared(demand.each, names) else ()
        else:
            fields = tuple(one for one in demand.fields if _is_declared(one, names))
        if fields:
            found.append(
                Duty(replace(demand, fields=fields), f"{code} {demand.article}")
            )
    return tuple(found)


def _is_declared(path: str, payload_names: frozenset[str]) -> bool:
    """Tell whether a type with such a payload declares what a path begins with."""
    _, first, *rest = path.split("/")
    if first == "payload" and rest:
        return rest[0] in payload_names
    return first in _ENVELOPE_NAMES


def _duties_of(document: JsonObject) -> Iterator[Duty]:
    """Yield the duties that a message has, those that depend on its contents too."""
    msg_type = text_at(document, "/msg_type") or ""
    if msg_type not in OPENING_TYPES:
        return
    kinds = texts_at(document, f"{_MEASURES}/assist")
    for code in _bases(document):
        for duty in duties(msg_type, code):
            if _is_asked(duty.demand, document, kinds):
                yield duty


def _bases(document: JsonObject) -> list[str]:
    """Return the legal bases that a message names, the main one first."""
    named = [
        one for one in values_at(document, "/instrument/*") if isinstance(one, str)
    ]
    return list(dict.fromkeys(one for one in named if one in INSTRUMENTS))


def _is_asked(demand: Demand, document: JsonObject, kinds: frozenset[str]) -> bool:
    if demand.assist and not kinds & demand.assist:
        return False
    if demand.exempt and kinds and kinds <= demand.exempt:
        return False
    return demand.condition is None or demand.condition.holds(document, document)


def _faults(demand: Demand, document: JsonObject) -> Iterator[str]:
    """Yield a pointer for each place where a demand is not met."""
    if not demand.each:
        if not any(has(document, path) for path in demand.fields):
            yield _place(demand.fields[0])
        return
    for pointer, block in select(document, demand.each):
        if _is_other_measure(demand, block):
            continue
        if not any(has(block, path) for path in demand.fields):
            yield child(pointer, demand.fields[0].partition("/")[0])


def _is_other_measure(demand: Demand, block: JsonValue) -> bool:
    if demand.each != _MEASURES:
        return False
    kind = text_at(block, "assist")
    if demand.assist and kind not in demand.assist:
        return True
    return kind in demand.exempt


def _place(path: str) -> str:
    """Return the pointer of the field, or list, that a path leads to."""
    return path.partition("/*")[0]


def _problem(pointer: str, duty: Duty) -> Problem:
    demand = duty.demand
    return Problem(
        pointer,
        ProblemCode.SCHEMA,
        f"{last_step(pointer)}: missing, expected {demand.words}",
        blocking=not demand.where_possible,
        article=duty.article,
        is_overridable=not demand.where_possible and demand.mark is not Mark.VERIFIED,
    )


def _add(found: dict[str, Problem], problem: Problem) -> None:
    """Join what is said of one place: all articles, and the greatest weight."""
    before = found.get(problem.pointer)
    if before is None:
        found[problem.pointer] = problem
        return
    heavier = problem if _weight(problem) > _weight(before) else before
    found[problem.pointer] = replace(
        heavier, article=_joined(before.article, problem.article)
    )


def _weight(problem: Problem) -> tuple[bool, bool]:
    return problem.blocking, problem.refuses


def _joined(first: str, second: str) -> str:
    articles = dict.fromkeys([*first.split("; "), *second.split("; ")])
    return "; ".join(list(filter(None, articles))[:MAX_ARTICLES])


def _bars(document: JsonObject, ground: JsonValue) -> list[str]:
    return [
        f"{code} {barred.article}"
        for code in _bases(document)
        for barred in INSTRUMENTS[code].barred
        if barred.ground == ground
    ]


def articles_by_path(document: JsonObject) -> dict[str, str]:
    """Return the articles that ask for each path, whether it is there or not."""
    found: dict[str, str] = {}
    for duty in _duties_of(document):
        for field in duty.demand.fields:
            path = f"{duty.demand.each}/{field}" if duty.demand.each else field
            found[path] = _joined(found.get(path, ""), duty.article)
    return found


def _article_of(
    problem: Problem, articles: dict[str, str], document: JsonObject
) -> str:
    """Return the article that asks for the place of a problem; empty if none does."""
    if problem.code is ProblemCode.SCHEMA:
        path = "/".join("*" if s.isdigit() else s for s in problem.pointer.split("/"))
        while path:
            for asked in (path, f"{path}/*"):
                if asked in articles:
                    return articles[asked]
            path = path.rpartition("/")[0]
    if "/refusal/" in problem.pointer:
        return "; ".join(_bars(document, _value_at(document, problem.pointer)))
    return ""


def _value_at(document: JsonObject, pointer: str) -> JsonValue:
    """Return the value at a pointer of names and numbers; empty text if none is."""
    value: JsonValue = document
    for step in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value.get(step, "")
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ""
    return value


def _is_same_place(one: str, other: str) -> bool:
    """Tell whether one place is the other, or stands in it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
