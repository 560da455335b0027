"""Rows of results of checks in memory."""

from gateway.ports.findings import KeptFinding
from gateway.storage.memory.tables import Journal, Tables


class FindingLookupMemory:
    """Verbs of `gateway.storage.finding_verbs.FindingLookup`."""

    _tables: Tables

    def findings(self, number: int) -> list[KeptFinding]:
        """Return the results of a message, by its number, in the order of its files."""
        rows = sorted(self._tables.evidence.findings.items(), key=lambda row: row[0])
        return [finding for (owner, _), finding in rows if owner == number]


class FindingWritesMemory(FindingLookupMemory):
    """Verbs of `gateway.storage.finding_verbs.FindingWrites`."""

    _journal: Journal

    def put_finding(self, number: int, position: int, finding: KeptFinding) -> None:
        """Store the result for a file, in place of an earlier one."""
        table = self._tables.evidence.findings
        self._journal.put(table, (number, position), finding)

    def drop_findings(self, number: int) -> None:
        """Remove the results of a message."""
        table = self._tables.evidence.findings
        for key in [key for key in table if key[0] == number]:
            self._journal.drop(table, key)
