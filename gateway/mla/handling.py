"""What markings and kinds of data demand: a second person, named readers, no copy.

Each rule is a row of a table, with the marking or class it hangs on and where it comes
from. A node may be set up to be stricter, never laxer. The rules look at a docket entry
or at a whole document, whichever is at hand: both have the same shape.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.codelists import code_list
from gateway.mla.problems import text_at, texts_at, values_at


class Demand(StrEnum):
    """What a rule asks for."""

    RELEASE = "release"  # a second person lets the message go
    OPENING = "opening"  # a second person allows each opening, if there is one
    NAMED_READERS = "named-readers"  # only people on the list of the case open it
    NO_COPY = "no-copy"  # it is not printed


@dataclass(frozen=True, slots=True)
class HandlingRule:
    """What one marking demands.

    Attributes:
        marking: A code of list HANDLING, `PDATA:S` for special categories of personal
            data, or `ITEM:REDACTED` for a redacted copy.
        demands: What it asks for.
        source: Where that comes from.
    """

    marking: str
    demands: frozenset[Demand]
    source: str


SPECIAL: Final = "PDATA:S"
"""Stands for any category of personal data of class S of list PDATA."""

REDACTED: Final = "ITEM:REDACTED"
"""Stands for an item that says it is a redacted copy."""

_ALL_EYES: Final = frozenset({Demand.RELEASE, Demand.OPENING})

HANDLING_RULES: Final = (
    HandlingRule(SPECIAL, _ALL_EYES, "LED article 10"),
    HandlingRule("SENSITIVE_PD", _ALL_EYES, "LED article 10"),
    HandlingRule("MINOR", frozenset({Demand.RELEASE}), "LED recital 50"),
    HandlingRule("SOURCE_PROTECTED", _ALL_EYES, "UNTOC 24"),
    HandlingRule(
        "EYES_ONLY",
        frozenset({Demand.RELEASE, Demand.NAMED_READERS, Demand.NO_COPY}),
        "list HANDLING",
    ),
    HandlingRule(
        "COURT_ONLY",
        frozenset({Demand.RELEASE, Demand.NAMED_READERS}),
        "list HANDLING",
    ),
    HandlingRule(
        "TLP:RED", frozenset({Demand.RELEASE, Demand.NAMED_READERS}), "TLP 2.0"
    ),
    # Somebody else looks whether all that has to be left out is left out.
    HandlingRule(REDACTED, frozenset({Demand.RELEASE}), "data minimisation"),
)
"""What every node obeys."""

NEVER_KEPT_WAITING: Final = frozenset({"ACK", "EVD_ACK", "ERR", "WDR", "DPC", "BRN"})
"""Types that only acknowledge, stop or warn: no second person holds them up."""

_MARKINGS: Final = ("/handling/*", "/payload/manifest/*/handling/*")
_CATEGORIES: Final = (
    "/personal_data/*/category",
    "/payload/manifest/*/personal_data/*/category",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stricter:
    """What a node adds to the rules.

    Attributes:
        types: Types of message that a second person lets go.
        markings: Markings with which one does.
    """

    types: frozenset[str] = frozenset()
    markings: frozenset[str] = frozenset()


AS_LAW_HAS_IT: Final = Stricter()


def markings_of(document: JsonObject) -> frozenset[str]:
    """Return the markings of a message and its items, `PDATA:S` and the like too."""
    found = set[str]()
    for path in _MARKINGS:
        found |= texts_at(document, path)
    if special_categories(document):
        found.add(SPECIAL)
    if True in values_at(document, "/payload/manifest/*/redacted"):
        found.add(REDACTED)
    return frozenset(found)


def special_categories(document: JsonObject) -> frozenset[str]:
    """Return the special categories of personal data that a message says it carries."""
    found = set[str]()
    for path in _CATEGORIES:
        found |= texts_at(document, path)
    classes = code_list("PDATA")
    return frozenset(one for one in found if classes.column(one, "class") == "S")


def demands_of(document: JsonObject) -> frozenset[Demand]:
    """Return all that the markings of a message demand."""
    return frozenset(
        demand for rule in _rules_for(markings_of(document)) for demand in rule.demands
    )


def reasons_for(demand: Demand, document: JsonObject) -> tuple[str, ...]:
    """Return the markings that make a demand, in the order of the table."""
    rules = _rules_for(markings_of(document))
    return tuple(rule.marking for rule in rules if demand in rule.demands)


def release_reasons(
    document: JsonObject, stricter: Stricter = AS_LAW_HAS_IT
) -> tuple[str, ...]:
    """Return why a second person has to let a message go; nothing if none has to.

    Args:
        document: The complete document.
        stricter: What this node adds.
    """
    msg_type = text_at(document, "/msg_type") or ""
    if msg_type in NEVER_KEPT_WAITING:
        return ()
    reasons = [*reasons_for(Demand.RELEASE, document)]
    reasons += sorted(markings_of(document) & stricter.markings - {*reasons})
    if msg_type in stricter.types:
        reasons.append(msg_type)
    return tuple(reasons)


def _rules_for(markings: Iterable[str]) -> list[HandlingRule]:
    present = frozenset(markings)
    return [rule for rule in HANDLING_RULES if rule.marking in present]
