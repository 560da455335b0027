"""Rules of the chain of custody of evidence items.

After the record that handling asks for (ISO/IEC 27037): numbered without a gap, never
going back in time, whole from custodian to custodian, and never overwritten. What the
record itself contradicts blocks; what people may have written in other words, or in
another place, is advice.
"""

import hashlib
from collections.abc import Iterator
from itertools import pairwise

from gateway.core import canonical
from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.errors import MalformedError
from gateway.mla.problems import (
    Found,
    Problem,
    ProblemCode,
    child,
    has,
    select,
    text_at,
    texts_at,
)
from gateway.mla.rules import Rule

# After these the next event is another custodian's, and these begin with a new one.
_HANDED_ON = frozenset({"TRANSFERRED", "RETURNED"})
_TAKEN_OVER = frozenset({"ACCEPTED", "RECEIVED_EXT"})
# Of these events the digests that they name are those of the item as it is.
_OF_THE_ITEM = frozenset({"HASHED", "VERIFIED", "TRANSFERRED", "ACCEPTED"})
_MADE_FROM_ANOTHER = frozenset({"DERIVED", "REDACTED", "COPIED"})
_CHECKED = frozenset({"HASHED", "VERIFIED"})

_ITEMS = "/payload/manifest/*"


def _events(item: JsonValue) -> list[Found]:
    return select(item, "custody/*")


def _custody_out_of_order(document: JsonObject) -> Iterator[str]:
    for pointer, events in select(document, f"{_ITEMS}/custody"):
        latest = ""
        for number, event in enumerate(events if isinstance(events, list) else [], 1):
            here = child(pointer, number - 1)
            if isinstance(event, dict) and event.get("seq") != number:
                yield child(here, "seq")
            at = text_at(event, "at") or latest
            if at < latest:
                yield child(here, "at")
            latest = at


CUSTODY_IN_ORDER = Rule(
    "out of order, expected numbers without a gap and times that never go back",
    ProblemCode.CHAIN,
    _custody_out_of_order,
)


# --- from custodian to custodian ---


def _gaps_in_custody(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        for before, after in pairwise(_events(item)):
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


def _taken_from_another(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        for before, after in pairwise(_events(item)):
            giver = text_at(after.value, "from")
            held_by = {
                text_at(before.value, name) for name in ("to", "organisation", "actor")
            }
            if giver is not None and giver not in held_by:
                yield child(pointer + after.pointer, "from")


# The parties write names of organisations freely, so a difference is only a hint.
CUSTODY_WITHOUT_GAP = Rule(
    "not who had the item before, advised to record how it was handed on",
    ProblemCode.CHAIN,
    _gaps_in_custody,
    blocking=False,
)
TAKEN_FROM_THE_HOLDER = Rule(
    "another than the event before names, expected who had the item",
    ProblemCode.CHAIN,
    _taken_from_another,
)


# --- nothing is overwritten ---


def _wrong_corrections(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        for number, event in enumerate(_events(item), 1):
            step = text_at(event.value, "event")
            named = [found.value for found in select(event.value, "corrects")]
            is_earlier = all(isinstance(seq, int) and 0 < seq < number for seq in named)
            is_told = bool(named) == (step == "CORRECTED")
            if not (is_told and is_earlier):
                yield child(pointer + event.pointer, "corrects")


def _broken_links(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        events = _events(item)
        for before, after in zip([None, *events], events, strict=False):
            named = text_at(after.value, "prev_event_hash")
            if named is None:
                continue
            if before is None or named != event_digest(before.value):
                yield child(pointer + after.pointer, "prev_event_hash")


def event_digest(event: JsonValue) -> str:
    """Return what the event after it holds as `prev_event_hash`.

    SHA-256 over its canonical JSON; an empty text for what is no event of a document.
    """
    try:
        raw = canonical.encode_typed(event) if isinstance(event, dict) else b""
    except MalformedError:
        raw = b""
    return hashlib.sha256(raw).hexdigest() if raw else ""


CORRECTED_NOT_OVERWRITTEN = Rule(
    "expected with CORRECTED only, and the number of an earlier event",
    ProblemCode.CHAIN,
    _wrong_corrections,
)
EVENTS_LINKED = Rule(
    "another than that of the event before, expected its SHA-256",
    ProblemCode.CHAIN,
    _broken_links,
)


# --- digests, and items made from others ---


def _other_digests(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        digests = {
            text_at(digest.value, "alg"): text_at(digest.value, "value")
            for digest in select(item, "digests/*")
        }
        for event in _events(item):
            if text_at(event.value, "event") not in _OF_THE_ITEM:
                continue
            for found in select(event.value, "output_digests/*"):
                value = text_at(found.value, "value")
                if digests.get(text_at(found.value, "alg"), value) != value:
                    here = pointer + event.pointer + found.pointer
                    yield child(here, "value")


def _taken_over_unchecked(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        events = _events(item)
        for event, following in zip(events, [*events[1:], None], strict=False):
            if text_at(event.value, "event") != "ACCEPTED":
                continue
            is_checked = has(event.value, "algs") or has(event.value, "output_digests")
            next_step = following and text_at(following.value, "event")
            if not (is_checked or next_step in _CHECKED):
                yield child(pointer + event.pointer, "algs")


def _made_unrecorded(document: JsonObject) -> Iterator[str]:
    items = select(document, _ITEMS)
    own = {text_at(item.value, "item_id"): item for item in items}
    for pointer, item in items:
        parent_id = text_at(item, "parent_item")
        if parent_id is None or has(item, "redaction_ref"):
            continue
        if not texts_at(item, "custody/*/event") & _MADE_FROM_ANOTHER:
            yield child(pointer, "custody")
        parent = own.get(parent_id)
        if parent and not texts_at(parent.value, "custody/*/event") & (
            _MADE_FROM_ANOTHER
        ):
            yield child(parent.pointer, "custody")


def _own_parents(document: JsonObject) -> Iterator[str]:
    for pointer, item in select(document, _ITEMS):
        parent_id = text_at(item, "parent_item")
        if parent_id is not None and parent_id == text_at(item, "item_id"):
            yield child(pointer, "parent_item")


DIGESTS_AS_RECORDED = Rule(
    "another than the item's, expected the same",
    ProblemCode.HASH,
    _other_digests,
)
CHECKED_WHEN_TAKEN_OVER = Rule(
    "missing, advised to compare digests when an item is taken over",
    ProblemCode.CHAIN,
    _taken_over_unchecked,
    blocking=False,
)
DERIVATION_RECORDED = Rule(
    "without DERIVED, REDACTED or COPIED, advised because an item is made of another",
    ProblemCode.CHAIN,
    _made_unrecorded,
    blocking=False,
)
NOT_ITS_OWN_PARENT = Rule(
    "the item itself, expected the one it was made from",
    ProblemCode.REF,
    _own_parents,
)

CUSTODY = (
    CUSTODY_IN_ORDER,
    TAKEN_FROM_THE_HOLDER,
    CORRECTED_NOT_OVERWRITTEN,
    EVENTS_LINKED,
    DIGESTS_AS_RECORDED,
    NOT_ITS_OWN_PARENT,
    CUSTODY_WITHOUT_GAP,
    CHECKED_WHEN_TAKEN_OVER,
    DERIVATION_RECORDED,
)
"""What holds for the custody of every item, the rules that block first."""


def custody_problems(item: JsonValue) -> list[Problem]:
    """Return what is wrong with the custody of one item; pointers are from the item.

    Args:
        item: An item of a manifest, however malformed: nothing is raised.
    """
    document: JsonObject = {"payload": {"manifest": [item]}}
    at = "/payload/manifest/0"
    return [
        Problem(
            problem.pointer.removeprefix(at),
            problem.code,
            problem.sentence,
            problem.blocking,
        )
        for rule in CUSTODY
        for problem in rule.problems(document)
    ]
