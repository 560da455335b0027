"""The port `gateway.ports.statistics.StatisticsStore`."""

from gateway.core.values import UnixMs
from gateway.mla.deadlines import Terms
from gateway.mla.statistics.facts import RequestFacts
from gateway.ports.statistics import FactsPage
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import statistics


class StatisticsMethods(StoreMethods):
    """Reading facts."""

    async def facts_of_cases(
        self, terms: Terms, now: UnixMs, *, before: int | None, limit: int
    ) -> FactsPage:
        """Return facts of cases with a number below `before`, newest first."""
        blind = self._vault.blind
        return await self._runner.read(
            lambda tx: statistics.facts_page(
                tx, blind, terms, now, before=before, limit=limit
            )
        )

    async def kept_facts(self) -> list[RequestFacts]:
        """Return the facts that were kept of cases when they were erased."""
        return statistics.kept(await self._runner.read(lambda tx: tx.all_kept_facts()))
