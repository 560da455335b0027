"""The figures that authorities report, counted over all cases of a period."""

import asyncio
from collections.abc import Callable

from gateway.core.errors import UsageError
from gateway.flows.exchange import Exchange
from gateway.mla.deadlines import Terms
from gateway.mla.statistics.facts import RequestFacts
from gateway.mla.statistics.report import DIMENSIONS, ReportQuery, ReportRow, report

_CASES_AT_ONCE = 100


class Statistics:
    """Counts figures; one report at a time, behind everything else."""

    def __init__(self, exchange: Exchange, terms: Callable[[], Terms]) -> None:
        """Join it.

        Args:
            exchange: The store and the clock.
            terms: By what days are counted now.
        """
        self._exchange = exchange
        self._terms = terms
        self._turn = asyncio.Lock()

    async def report(self, query: ReportQuery) -> list[ReportRow]:
        """Return the figures of a period.

        Raises:
            UsageError: The period ends before it begins, or is split by something
                that there is not.
        """
        if query.start >= query.end:
            raise UsageError("period: expected an end after its beginning")
        unknown = [name for name in query.by if name not in DIMENSIONS]
        if unknown:
            known = ", ".join(DIMENSIONS)
            raise UsageError(f"by: {unknown[0]!r}, expected any of {known}")
        if len(set(query.by)) < len(query.by):
            raise UsageError("by: named twice, expected each once")
        async with self._turn:
            facts = await self._facts()
        return await asyncio.to_thread(report, facts, query)

    async def _facts(self) -> list[RequestFacts]:
        store, now = self._exchange.store, self._exchange.clock.now()
        terms = self._terms()
        facts = await store.kept_facts()
        before: int | None = None
        while True:
            await self._exchange.giving_way.give_way()
            page = await store.facts_of_cases(
                terms, now, before=before, limit=_CASES_AT_ONCE
            )
            facts += page.facts
            if page.next is None:
                return facts
            before = page.next
