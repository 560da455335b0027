"""What goes with data that another authority gave, when they are sent on to a third.

Who gave them marked them and set conditions. Sent on, as they are or in what was made
of them, they keep both: a marking for few readers does not become one for many, and
who receives them has to know the conditions (lists HANDLING and CONDITION; UNTOC
18(26)). Some markings say that nobody else learns of them without consent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.problems import text_at, texts_at, values_at
from gateway.mla.purposes import CaseMessage, conditions_of, conditions_on

TLP: Final = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
"""From what anybody may read to what named people may (TLP 2.0)."""

KEPT_MARKINGS: Final = frozenset(
    {
        "H0",
        "H1",
        "H2",
        "H3",
        "SEALED",
        "NO_SUBJECT_NOTICE",
        "COURT_ONLY",
        "EYES_ONLY",
        "SENSITIVE_PD",
        "MINOR",
        "SOURCE_PROTECTED",
    }
)
"""Markings that stay with data wherever they go; of TLP, one that is as strict does."""

KEPT_CONDITIONS: Final = frozenset(
    {"C01", "C02", "C03", "C04", "C05", "C09", "C10", "C99"}
)
"""Conditions on the data themselves. Others are between the two authorities: costs,
originals to be returned, presence of officers, what was done instead, what is left out.
"""

WITH_CONSENT: Final = frozenset({"TLP:AMBER+STRICT", "TLP:RED", "H2", "SEALED"})
"""Markings of what no third authority learns of without the consent of who gave it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What data were given with.

    Attributes:
        markings: Codes of list HANDLING.
        conditions: Codes of list CONDITION that are on the data themselves.
    """

    markings: frozenset[str]
    conditions: frozenset[str]

    @property
    def needing_consent(self) -> tuple[str, ...]:
        """Markings and conditions that demand consent to pass them on, in order."""
        return tuple(sorted(self.markings & WITH_CONSENT | self.conditions & {"C03"}))


def given_with(
    message: CaseMessage, case: Sequence[CaseMessage], item_id: str = ""
) -> Given:
    """Return what a received message, or an item of it, was given with.

    Args:
        message: The message.
        case: All messages of its case; their sender may set conditions in others.
        item_id: The item; without, the message as a whole and each of its items.
    """
    markings = texts_at(message.entry, "/handling/*")
    for item in values_at(message.entry, "/payload/manifest/*"):
        if item_id in {"", text_at(item, "item_id")}:
            markings |= texts_at(item, "handling/*")
    conditions = {
        one.code
        for one in conditions_on(message, case)
        if not item_id or one.item_id in {"", item_id}
    }
    return Given(markings, frozenset(conditions & KEPT_CONDITIONS))


def carried_by(document: JsonObject, item: JsonObject) -> Given:
    """Return what an item of a message of ours goes out with, or all of the message.

    Args:
        document: The message.
        item: The item; an empty one stands for the message without its items.
    """
    return Given(
        texts_at(document, "/handling/*") | texts_at(item, "handling/*"),
        frozenset(conditions_of(document)) | texts_at(item, "conditions/*"),
    )


def lost(given: Given, carried: Given) -> Given:
    """Return what data were given with and would go on without."""
    missing = given.markings & KEPT_MARKINGS - carried.markings
    asked = _strictest(given.markings)
    if asked > _strictest(carried.markings):
        missing |= {TLP[asked]}
    return Given(missing, given.conditions - carried.conditions)


def _strictest(markings: frozenset[str]) -> int:
    """Return the place of the strictest TLP in its order; -1 if there is none."""
    return max((TLP.index(one) for one in markings if one in TLP), default=-1)
