"""Rules between the fields of evidence items."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.custody_rules import CUSTODY
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

_STRONG_DIGESTS = frozenset(
    {"SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-512", "BLAKE2b-512"}
)


def _weak_digests(document: JsonObject) -> Iterator[str]:
    for pointer, value in select(document, "/payload/manifest/*/digests"):
        algorithms = texts_at(value, "*/alg")
        if algorithms and not algorithms & _STRONG_DIGESTS:
            yield pointer


def _repeated_ids(document: JsonObject) -> Iterator[str]:
    seen: set[str] = set()
    for pointer, value in select(document, "/payload/manifest/*/item_id"):
        if isinstance(value, str):
            if value in seen:
                yield pointer
            seen.add(value)


STRONG_DIGEST = Rule(
    "legacy only, expected an accepted algorithm beside it",
    ProblemCode.CODE,
    _weak_digests,
)
ITEM_IDS_ARE_UNIQUE = Rule(
    "used twice, expected an id of its own", ProblemCode.SCHEMA, _repeated_ids
)


# --- acquisition ---


def _acquired_without_tool(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, "/payload/manifest/*"):
        acquisitions = [
            event
            for event in select(item, "custody/*")
            if text_at(event.value, "event") == "ACQUIRED"
        ]
        told = [item, *(event.value for event in acquisitions)]
        if acquisitions and (has(item, "method") or has(item, "tool")):
            for name in ("tool", "version"):
                if not any(has(value, name) for value in told):
                    yield child(pointer, name)
            continue
        for event in acquisitions:
            if has(event.value, "tool") and not has(event.value, "version"):
                yield child(pointer + event.pointer, "version")


ACQUISITION_REPEATABLE = Rule(
    "missing, advised so that the acquisition can be repeated",
    ProblemCode.SCHEMA,
    _acquired_without_tool,
    blocking=False,
)

# --- redaction ---


def _untold_redaction(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, "/payload/manifest/*"):
        is_redacted = True in values_at(item, "redacted")
        ways = ("redaction_ref/commitment", "redaction_ref/source_sha256")
        if is_redacted and not any(has(item, way) for way in ways):
            yield child(child(pointer, "redaction_ref"), "commitment")


REDACTION_COMMITS = Rule(
    "missing, expected so that the copy can be shown to belong to its original",
    ProblemCode.SCHEMA,
    _untold_redaction,
)


EVIDENCE = (
    STRONG_DIGEST,
    ITEM_IDS_ARE_UNIQUE,
    REDACTION_COMMITS,
    *CUSTODY,
    ACQUISITION_REPEATABLE,
)
"""What holds for every message that carries evidence items."""


# --- items that a response names ---


def _items_elsewhere(document: JsonObject) -> Iterator[str]:
    own = texts_at(document, "/payload/manifest/*/item_id")
    for pointer, value in select(document, "/payload/results/*/items/*"):
        # Without items of its own, a response is about those sent apart from it.
        if own and isinstance(value, str) and value not in own:
            yield pointer


ITEMS_COME_WITH_RESULTS = Rule(
    "not in the manifest, advised unless the item is sent apart",
    ProblemCode.REF,
    _items_elsewhere,
    blocking=False,
)
