"""Rules between the fields of answers: decisions and responses."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import (
    ProblemCode,
    child,
    has,
    select,
    text_at,
    texts_at,
    values_at,
)
from gateway.mla.rules import Rule


def _fiscal_refusal(document: JsonObject) -> Iterator[str]:
    if texts_at(document, "/instrument/*") & {"UNTOC", "UNCAC"}:
        for pointer, value in select(document, "/payload/decisions/*/refusal/*"):
            if value == "R07":
                yield pointer


def _open_measures(document: JsonObject) -> Iterator[str]:
    if any(value is True for value in values_at(document, "/payload/final")):
        for pointer, value in select(document, "/payload/results/*/result"):
            if value == "PENDING":
                yield pointer


NO_FISCAL_REFUSAL = Rule(
    "barred, expected a ground that the UN conventions allow",
    ProblemCode.BASIS,
    _fiscal_refusal,
)
FINAL_IS_FINAL = Rule(
    "still open, expected a result because the response is final",
    ProblemCode.STATE,
    _open_measures,
)


def _postponed_without_date(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/decisions/*"):
        is_dated = text_at(value, "until") or text_at(value, "review_on")
        if text_at(value, "outcome") == "POSTPONE" and not is_dated:
            yield child(pointer, "until")


def _conditional_without_conditions(document: JsonObject) -> Iterator[str]:
    outcomes = texts_at(document, "/payload/decisions/*/outcome")
    if "ACCEPT_COND" in outcomes and not has(document, "/payload/conditions/*"):
        yield "/payload/conditions"


def _unanswered(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/answers/*"):
        if not has(value, "text") and not has(value, "cannot_answer"):
            yield child(pointer, "text")


POSTPONED_UNTIL = Rule(
    "missing, expected that or a date of review, because the measure is postponed",
    ProblemCode.SCHEMA,
    _postponed_without_date,
)
CONDITIONS_LISTED = Rule(
    "missing, expected because a measure is accepted with conditions",
    ProblemCode.SCHEMA,
    _conditional_without_conditions,
)
ANSWERED_OR_EXCUSED = Rule(
    "missing, expected an answer or why there is none",
    ProblemCode.SCHEMA,
    _unanswered,
)


def _scope_without_measures(document: JsonObject) -> Iterator[str]:
    names_some = has(document, "/payload/measure_ids/*")
    if text_at(document, "/payload/scope") == "SOME" and not names_some:
        yield "/payload/measure_ids"


MEASURES_OR_ALL = Rule(
    "missing, expected because only some measures are withdrawn",
    ProblemCode.SCHEMA,
    _scope_without_measures,
)


def _untold_service(document: JsonObject) -> Iterator[str]:
    served = values_at(document, "/payload/served")
    wanted = {True: ("date", "mode", "to"), False: ("failure_reason",)}
    for value in served:
        if isinstance(value, bool):
            for name in wanted[value]:
                if not has(document, f"/payload/{name}"):
                    yield f"/payload/{name}"


SERVICE_TOLD = Rule(
    "missing, expected when, how and to whom it was served, or why it was not",
    ProblemCode.SCHEMA,
    _untold_service,
)


# --- every part told once ---

_TOLD_ONCE = (
    "/payload/decisions/*/measure_id",
    "/payload/results/*/measure_id",
    "/payload/results/*/identifier_id",
    "/payload/measures/*/measure_id",
    "/payload/outcomes/*/measure_id",
    "/payload/conditions/*/id",
    "/payload/answers/*/id",
    "/payload/answers/*/item",
    "/payload/items/*/item",
)
"""Of each of these, one message says one thing."""


def _told_twice(document: JsonObject) -> Iterator[str]:
    for path in _TOLD_ONCE:
        seen = set()
        for pointer, value in select(document, path):
            if isinstance(value, str | int):
                if value in seen:
                    yield pointer
                seen.add(value)


TOLD_ONCE = Rule(
    "told twice, expected one entry for each", ProblemCode.SCHEMA, _told_twice
)


# --- changes and receipts ---


def _change_of_nothing(document: JsonObject) -> Iterator[str]:
    changes = ("manifest/*", "translations_supplied/*")
    changed = values_at(document, "/payload/changed")
    if changed == [{}] and not any(has(document, f"/payload/{one}") for one in changes):
        yield "/payload/changed"


def _accepted_though_broken(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/items/*"):
        if text_at(value, "result") == "ACCEPTED":
            for name in ("digest_ok", "decrypts"):
                if False in values_at(value, name):
                    yield child(pointer, "result")


def _unkept_without_reason(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/results/*"):
        is_told = has(value, "reason") or text_at(value, "result") == "PRESERVED"
        if has(value, "identifier_id") and not is_told:
            yield child(pointer, "reason")


SOMETHING_CHANGES = Rule(
    "empty, expected a changed field, an item or a translation",
    ProblemCode.SCHEMA,
    _change_of_nothing,
)
ACCEPTED_HOLDS = Rule(
    "ACCEPTED, expected REJECTED because its digest does not hold or it cannot be "
    "decrypted",
    ProblemCode.SCHEMA,
    _accepted_though_broken,
)
REASON_WHY_NOT_KEPT = Rule(
    "missing, advised because the data were not kept",
    ProblemCode.SCHEMA,
    _unkept_without_reason,
    blocking=False,
)
