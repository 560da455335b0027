"""What a database must be able to do with facts of erased cases: verbs on rows."""

from typing import Protocol


class StatisticsLookup(Protocol):
    """What can be read of them in any transaction."""

    def has_kept_facts(self, key: str) -> bool:
        """Tell whether facts are kept under the key of a case."""
        ...


class StatisticsReader(StatisticsLookup, Protocol):
    """What is only read outside of changes."""

    def all_kept_facts(self) -> list[bytes]:
        """Return all facts that are kept."""
        ...


class StatisticsWrites(StatisticsLookup, Protocol):
    """Changes of them."""

    def keep_facts(self, key: str, facts: bytes) -> None:
        """Keep the facts of a case; the first ones under its key stay."""
        ...
