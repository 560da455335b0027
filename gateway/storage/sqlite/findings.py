"""Rows of results of checks."""

from gateway.core.values import UnixMs
from gateway.ports.findings import KeptFinding
from gateway.storage.sqlite.running import Running


class FindingLookupSql(Running):
    """Verbs of `gateway.storage.finding_verbs.FindingLookup`."""

    def findings(self, number: int) -> list[KeptFinding]:
        """Return the results of a message, by its number, in the order of its files."""
        return [
            KeptFinding(aid, UnixMs(at), report, signers)
            for aid, at, report, signers in self._rows("findings", (number,))
        ]


class FindingWritesSql(FindingLookupSql):
    """Verbs of `gateway.storage.finding_verbs.FindingWrites`."""

    def put_finding(self, number: int, position: int, finding: KeptFinding) -> None:
        """Store the result for a file, in place of an earlier one."""
        self._write(
            "put_finding",
            (
                number,
                position,
                finding.aid,
                finding.at,
                finding.report,
                finding.signers,
            ),
        )

    def drop_findings(self, number: int) -> None:
        """Remove the results of a message."""
        self._write("drop_findings", (number,))
