"""Rows of facts of erased cases."""

from gateway.storage.sqlite.running import Running


class StatisticsLookupSql(Running):
    """Verbs of `gateway.storage.statistics_verbs.StatisticsLookup`."""

    def has_kept_facts(self, key: str) -> bool:
        """Tell whether facts are kept under the key of a case."""
        return self._rows("has_kept_facts", (key,)).fetchone() is not None


class StatisticsReaderSql(StatisticsLookupSql):
    """Verbs of `gateway.storage.statistics_verbs.StatisticsReader`."""

    def all_kept_facts(self) -> list[bytes]:
        """Return all facts that are kept."""
        return [row[0] for row in self._rows("all_kept_facts")]


class StatisticsWritesSql(StatisticsLookupSql):
    """Verbs of `gateway.storage.statistics_verbs.StatisticsWrites`."""

    def keep_facts(self, key: str, facts: bytes) -> None:
        """Keep the facts of a case; the first ones under its key stay."""
        self._write("keep_facts", (key, facts))
