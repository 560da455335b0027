"""Rules between the fields of evidence items."""

from collections.abc import Iterator
from itertools import pairwise

from gateway.core.canonical import JsonObject, JsonValue
from gateway.mla.problems import (
    ProblemCode,
    child,
    has,
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


# --- chain of custody ---

# After these the next event is another custodian's, and these begin with a new one.
_HANDED_ON = frozenset({"TRANSFERRED", "RETURNED"})
_TAKEN_OVER = frozenset({"ACCEPTED", "RECEIVED_EXT"})


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


def _gaps_in_custody(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, "/payload/manifest/*"):
        for before, after in pairwise(select(item, "custody/*")):
            if _is_gap(before.value, after.value):
                yield child(pointer + after.pointer, "organisation")


def _is_gap(before: JsonValue, after: JsonValue) -> bool:
    """Tell whether an item changed hands unrecorded, or did not when recorded so."""
    holder, holds_next = (text_at(event, "organisation") for event in (before, after))
    if holder is None or holds_next is None:
        return False
    step, next_step = (text_at(event, "event") for event in (before, after))
    if holder != holds_next:
        return step not in _HANDED_ON and next_step not in _TAKEN_OVER
    # Handed on inside an organisation, the receiver is named as the next actor.
    receiver = text_at(before, "to") or holds_next
    is_received = receiver in {holds_next, text_at(after, "actor")}
    return step == "TRANSFERRED" and not is_received


CUSTODY_IN_ORDER = Rule(
    "out of order, expected numbers without a gap and times that never go back",
    ProblemCode.CHAIN,
    _custody_out_of_order,
)
# The parties write names of organisations freely, so a difference is only a hint.
CUSTODY_WITHOUT_GAP = Rule(
    "not who had the item before, advised to record how it was handed on",
    ProblemCode.CHAIN,
    _gaps_in_custody,
    blocking=False,
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

EVIDENCE = (
    STRONG_DIGEST,
    ITEM_IDS_ARE_UNIQUE,
    CUSTODY_IN_ORDER,
    CUSTODY_WITHOUT_GAP,
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
