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
    RELATED_IS_NAMED,
    VALIDATED,
)
from gateway.mla.rules import SPECIAL_DATA_JUSTIFIED, Rule

# Budapest Convention, article 29(7); Regulation (EU) 2023/1543, article 11(1).
_LEAST_DAYS = 60
# Regulation (EU) 2023/1543, article 11(1): 60 days, and 30 more once.
_DAYS_UNDER_REGULATION = 60
_MOST_FURTHER_DAYS = 30


def _too_short(document: JsonObject) -> Iterator[str]:
    if not texts_at(document, "/instrument/*") & {"BUDAPEST", "EEV"}:
        return
    for days in values_at(document, "/payload/period_days"):
        if isinstance(days, int) and days < _LEAST_DAYS:
            yield "/payload/period_days"


def _days_under_regulation(document: JsonObject, name: str, most: int) -> Iterator[str]:
    if "EEV" in texts_at(document, "/instrument/*"):
        for days in values_at(document, f"/payload/{name}"):
            if isinstance(days, int) and days > most:
                yield f"/payload/{name}"


def _lapses_before(document: JsonObject) -> Iterator[str]:
    return _days_under_regulation(document, "period_days", _DAYS_UNDER_REGULATION)


def _too_long(document: JsonObject) -> Iterator[str]:
    return _days_under_regulation(document, "days", _MOST_FURTHER_DAYS)


LONG_ENOUGH = Rule(
    "expected at least 60 days under the Budapest Convention and Regulation (EU) "
    "2023/1543",
    ProblemCode.SCHEMA,
    _too_short,
)
LAPSES_BEFORE = Rule(
    "more than 60, though preservation under Regulation (EU) 2023/1543 lapses after 60 "
    "days unless it is extended",
    ProblemCode.SCHEMA,
    _lapses_before,
    blocking=False,
)
SHORT_EXTENSION = Rule(
    "expected at most 30 under Regulation (EU) 2023/1543",
    ProblemCode.BASIS,
    _too_long,
)

PRESERVATION = (
    LONG_ENOUGH,
    LAPSES_BEFORE,
    SPECIAL_DATA_JUSTIFIED,
    LISTED_PENALTY,
    VALIDATED,
    IDS_ARE_UNIQUE,
    PERSONS_ARE_NAMED,
    IDENTIFIERS_WELL_FORMED,
    NAMES_HAVE_SERVICES,
    RELATED_IS_NAMED,
)
"""What holds for every preservation request."""
