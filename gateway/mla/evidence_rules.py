"""Rules between the fields of evidence items."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import (
    ProblemCode,
    child,
    select,
    text_at,
    texts_at,
)
from gateway.mla.rules import Rule

_STRONG_DIGESTS = frozenset(
    {"SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-512", "BLAKE2b-512"}
)


def _weak_digests(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/manifest/*/digests"):
        algorithms = texts_at(value, "*/alg")
        if algorithms and not algorithms & _STRONG_DIGESTS:
            yield pointer


def _custody_out_of_order(document: JsonObject) -> Iterator[str]:
    for pointer, events in select(document, "/payload/manifest/*/custody"):
        latest = ""
        for number, event in enumerate(events if isinstance(events, list) else [], 1):
            here = child(pointer, number - 1)
            if isinstance(event, dict) and event.get("seq") != number:
                yield child(here, "seq")
            at = text_at(event, "at") or latest
            if at < latest:
                yield child(here, "at")
            latest = at


STRONG_DIGEST = Rule(
    "legacy only, expected an accepted algorithm beside it",
    ProblemCode.CODE,
    _weak_digests,
)
CUSTODY_IN_ORDER = Rule(
    "out of order, expected numbers without a gap and times that never go back",
    ProblemCode.SCHEMA,
    _custody_out_of_order,
)

EVIDENCE = (STRONG_DIGEST, CUSTODY_IN_ORDER)
"""What holds for every message that carries evidence items."""
