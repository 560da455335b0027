"""Rows of cases and their docket, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.values import AuthorityId
from gateway.ports.cases import CaseFilter, CaseRow
from gateway.storage.memory.tables import ONLY, Journal, Tables
from gateway.storage.rows import StoredMessage


class CaseLookupMemory:
    """Verbs of `gateway.storage.case_verbs.CaseLookup`."""

    _tables: Tables

    def case_row(self, case_id: str, peer: AuthorityId) -> CaseRow | None:
        """Return a case with a peer."""
        return self._tables.case.rows.get((case_id, peer))

    def docket_entry(self, number: int) -> bytes:
        """Return the docket entry of a message; empty if it has none."""
        return self._tables.case.docket.get(number, ("", b""))[1]

    def docket_entries(self, case_id: str, limit: int) -> list[tuple[int, bytes]]:
        """Return numbers and docket entries of a case's messages, oldest first."""
        found = sorted(self._tables.case.docket.items())
        return [(n, entry) for n, (case, entry) in found if case == case_id][:limit]

    def numbered(self, numbers: Sequence[int]) -> list[StoredMessage]:
        """Return messages by their numbers, in no order."""
        wanted = set(numbers)
        return [one for one in self._tables.messages.values() if one.number in wanted]


class CaseReaderMemory(CaseLookupMemory):
    """Verbs of `gateway.storage.case_verbs.CaseReader`."""

    def case_rows(
        self, wanted: CaseFilter, before: int | None, limit: int
    ) -> list[CaseRow]:
        """Return cases with a number below `before`, newest first."""
        found = [
            row
            for row in self._tables.case.rows.values()
            if (before is None or row.number < before) and _passes(row, wanted)
        ]
        return sorted(found, key=lambda row: -row.number)[:limit]

    def cases_of(self, case_id: str) -> list[CaseRow]:
        """Return a case as it stands with each peer."""
        rows = self._tables.case.rows.values()
        found = [row for row in rows if row.case_id == case_id]
        return sorted(found, key=lambda row: row.peer)


def _passes(row: CaseRow, wanted: CaseFilter) -> bool:
    return (
        wanted.peer in {"", row.peer}
        and wanted.msg_type in {"", row.msg_type}
        and wanted.urgency in {"", row.urgency}
        and (wanted.since is None or row.last_at >= wanted.since)
    )


class CaseWritesMemory(CaseLookupMemory):
    """Verbs of `gateway.storage.case_verbs.CaseWrites`."""

    _journal: Journal

    def put_case_row(self, row: CaseRow) -> None:
        """Store a case; one of number 0 is new and gets the next number."""
        case = self._tables.case
        if row.number == 0:
            row = replace(row, number=case.last_row[ONLY] + 1)
            self._journal.put(case.last_row, ONLY, row.number)
        self._journal.put(case.rows, (row.case_id, row.peer), row)

    def drop_case_row(self, case_id: str, peer: AuthorityId) -> None:
        """Remove a case of which nothing is kept any more."""
        self._journal.drop(self._tables.case.rows, (case_id, peer))

    def add_docket_entry(self, number: int, case_id: str, entry: bytes) -> bool:
        """Keep the docket entry of a message; false if there is one, which stays."""
        docket = self._tables.case.docket
        if number in docket:
            return False
        self._journal.put(docket, number, (case_id, entry))
        return True

    def drop_docket_entry(self, number: int) -> bool:
        """Remove the docket entry of a message; tell whether there was one."""
        docket = self._tables.case.docket
        is_there = number in docket
        self._journal.drop(docket, number)
        return is_there
