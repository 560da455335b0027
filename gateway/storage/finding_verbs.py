"""What a database must be able to do with results of checks: verbs on rows."""

from typing import Protocol

from gateway.ports.findings import KeptFinding


class FindingLookup(Protocol):
    """What can be read of results in any transaction."""

    def findings(self, number: int) -> list[KeptFinding]:
        """Return the results of a message, by its number, in the order of its files."""
        ...


class FindingWrites(FindingLookup, Protocol):
    """What changes results."""

    def put_finding(self, number: int, position: int, finding: KeptFinding) -> None:
        """Store the result for a file, in place of an earlier one."""
        ...

    def drop_findings(self, number: int) -> None:
        """Remove the results of a message."""
        ...
