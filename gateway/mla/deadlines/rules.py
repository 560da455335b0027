"""All rules about deadlines: of law, service targets, dates that messages give."""

from gateway.mla.deadlines.conventions import (
    ASSETS,
    CRIMINAL_RECORDS,
    CYBERCRIME,
    OTHERS,
    PERSONS,
)
from gateway.mla.deadlines.eu_orders import ELECTRONIC_EVIDENCE, INVESTIGATION_ORDERS
from gateway.mla.deadlines.model import DeadlineRule
from gateway.mla.deadlines.targets import GIVEN_DATES, SERVICE_TARGETS

LEGAL_RULES: tuple[DeadlineRule, ...] = (
    *INVESTIGATION_ORDERS,
    *ELECTRONIC_EVIDENCE,
    *CYBERCRIME,
    *CRIMINAL_RECORDS,
    *ASSETS,
    *PERSONS,
    *OTHERS,
)
"""Rules of law, in the order of code list DEADLINE."""

RULES: tuple[DeadlineRule, ...] = (*LEGAL_RULES, *SERVICE_TARGETS, *GIVEN_DATES)

_BY_NAME = {rule.name: rule for rule in RULES}


def rule_called(name: str) -> DeadlineRule | None:
    """Return the rule of a code and stage, such as `D21.act`; None if there is none."""
    return _BY_NAME.get(name)
