"""Rules between the fields of preservation requests."""

from collections.abc import Iterator

from gateway.core.canonical import JsonObject
from gateway.mla.problems import ProblemCode, texts_at, values_at
from gateway.mla.request_rules import (
    IDENTIFIERS_WELL_FORMED,
    IDS_ARE_UNIQUE,
    LISTED_PENALTY,
    NAMES_HAVE_SERVICES,
    PERSONS_ARE_NAMED,
    VALIDATED,
)
from gateway.mla.rules import SPECIAL_DATA_JUSTIFIED, Rule

# Budapest Convention, article 29(7); Regulation (EU) 2023/1543, article 11(1).
_LEAST_DAYS = 60


def _too_short(document: JsonObject) -> Iterator[str]:
    if not texts_at(document, "/instrument/*") & {"BUDAPEST", "EEV"}:
        return
    for days in values_at(document, "/payload/period_days"):
        if isinstance(days, int) and days < _LEAST_DAYS:
            yield "/payload/period_days"


LONG_ENOUGH = Rule(
    "expected at least 60 days under the Budapest Convention and Regulation (EU) "
    "2023/1543",
    ProblemCode.SCHEMA,
    _too_short,
)

PRESERVATION = (
    LONG_ENOUGH,
    SPECIAL_DATA_JUSTIFIED,
    LISTED_PENALTY,
    VALIDATED,
    IDS_ARE_UNIQUE,
    PERSONS_ARE_NAMED,
    IDENTIFIERS_WELL_FORMED,
    NAMES_HAVE_SERVICES,
)
"""What holds for every preservation request."""
