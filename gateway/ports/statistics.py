"""Facts of requests for figures, as flows see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.values import UnixMs
from gateway.mla.deadlines import Terms
from gateway.mla.statistics.facts import RequestFacts


@dataclass(frozen=True, slots=True)
class FactsPage:
    """Facts of the requests of some cases.

    Attributes:
        cases: How many cases were looked at.
        next: Where to go on; None at the end.
    """

    facts: Sequence[RequestFacts]
    cases: int
    next: int | None


class StatisticsStore(Protocol):
    """Reading facts; those of erased cases were kept when they were erased."""

    async def facts_of_cases(
        self, terms: Terms, now: UnixMs, *, before: int | None, limit: int
    ) -> FactsPage:
        """Return facts of cases with a number below `before`, newest first."""
        ...

    async def kept_facts(self) -> list[RequestFacts]:
        """Return the facts that were kept of cases when they were erased."""
        ...
