"""Rows of facts of erased cases, in memory."""

from gateway.storage.memory.tables import Journal, Tables


class StatisticsLookupMemory:
    """Verbs of `gateway.storage.statistics_verbs.StatisticsLookup`."""

    _tables: Tables

    def has_kept_facts(self, key: str) -> bool:
        """Tell whether facts are kept under the key of a case."""
        return key in self._tables.case.facts


class StatisticsReaderMemory(StatisticsLookupMemory):
    """Verbs of `gateway.storage.statistics_verbs.StatisticsReader`."""

    def all_kept_facts(self) -> list[bytes]:
        """Return all facts that are kept."""
        return list(self._tables.case.facts.values())


class StatisticsWritesMemory(StatisticsLookupMemory):
    """Verbs of `gateway.storage.statistics_verbs.StatisticsWrites`."""

    _journal: Journal

    def keep_facts(self, key: str, facts: bytes) -> None:
        """Keep the facts of a case; the first ones under its key stay."""
        if key not in self._tables.case.facts:
            self._journal.put(self._tables.case.facts, key, facts)
