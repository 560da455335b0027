"""Rules between the fields of what follows an answer: use, return, notices on data."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import ProblemCode, child, has, select, text_at
from gateway.mla.rules import Rule


def _about_nothing(document: JsonObject) -> Iterator[str]:
    about = ("items/*", "messages/*", "person_ids/*")
    if not any(has(document, f"/payload/{path}") for path in about):
        yield "/payload/items"


def _use_of_nothing(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/items/*"):
        if not has(value, "item_id") and not has(value, "measure_id"):
            yield child(pointer, "item_id")


def _excluded_without_reason(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/items/*"):
        if text_at(value, "outcome") == "EXCLUDED" and not has(value, "text"):
            yield child(pointer, "text")


def _destroyed_without_proof(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/items/*"):
        is_destroyed = text_at(value, "disposal") == "DESTROYED"
        if is_destroyed and not has(value, "certificate"):
            yield child(pointer, "certificate")


def _corrected_to_nothing(document: JsonObject) -> Iterator[str]:
    is_correction = text_at(document, "/payload/action") == "CORRECT"
    if is_correction and not has(document, "/payload/corrected"):
        yield "/payload/corrected"


ITEMS_OR_PERSONS = Rule(
    "missing, expected items, messages or persons that it is about",
    ProblemCode.SCHEMA,
    _about_nothing,
)
CORRECTION_TOLD = Rule(
    "missing, expected what is right, because something is corrected",
    ProblemCode.SCHEMA,
    _corrected_to_nothing,
)
USE_OF_SOMETHING = Rule(
    "missing, expected that or a measure", ProblemCode.SCHEMA, _use_of_nothing
)
EXCLUSION_EXPLAINED = Rule(
    "missing, advised so that the other side learns why a court did not admit it",
    ProblemCode.SCHEMA,
    _excluded_without_reason,
    blocking=False,
)
DESTRUCTION_PROVEN = Rule(
    "missing, advised because destruction is proven by a certificate",
    ProblemCode.SCHEMA,
    _destroyed_without_proof,
    blocking=False,
)
