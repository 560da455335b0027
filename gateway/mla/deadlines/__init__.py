"""Deadlines: who has to do what until when, counted from the messages of a case.

`eu_orders` and `conventions` list the rules of law, `targets` those that messages and
this project set themselves, `model` says what a rule and a deadline consist of.
`compute` counts them for one case; nothing is stored, so that what both sides see
follows from the same messages.
"""

from gateway.mla.deadlines.compute import deadlines_of
from gateway.mla.deadlines.model import (
    Deadline,
    DeadlineRule,
    DeadlineState,
    Nature,
    Side,
    Terms,
    Unit,
)
from gateway.mla.deadlines.rules import RULES, rule_called

__all__ = [
    "RULES",
    "Deadline",
    "DeadlineRule",
    "DeadlineState",
    "Nature",
    "Side",
    "Terms",
    "Unit",
    "deadlines_of",
    "rule_called",
]
