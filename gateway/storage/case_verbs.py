"""What a database must be able to do with cases: verbs on rows, as `transaction`."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.values import AuthorityId
from gateway.ports.cases import CaseFilter, CaseRow
from gateway.storage.rows import StoredMessage


class CaseLookup(Protocol):
    """What can be read of cases in any transaction."""

    def case_row(self, case_id: str, peer: AuthorityId) -> CaseRow | None:
        """Return a case with a peer."""
        ...

    def docket_entry(self, number: int) -> bytes:
        """Return the docket entry of a message; empty if it has none."""
        ...

    def docket_entries(self, case_id: str, limit: int) -> list[tuple[int, bytes]]:
        """Return numbers and docket entries of a case's messages, oldest first."""
        ...

    def numbered(self, numbers: Sequence[int]) -> list[StoredMessage]:
        """Return messages by their numbers, in no order."""
        ...


class CaseReader(CaseLookup, Protocol):
    """What is only read outside of changes."""

    def case_rows(
        self, wanted: CaseFilter, before: int | None, limit: int
    ) -> list[CaseRow]:
        """Return cases with a number below `before`, newest first."""
        ...

    def cases_of(self, case_id: str) -> list[CaseRow]:
        """Return a case as it stands with each peer."""
        ...


class CaseWrites(CaseLookup, Protocol):
    """Changes of cases."""

    def put_case_row(self, row: CaseRow) -> None:
        """Store a case; one of number 0 is new and gets the next number."""
        ...

    def drop_case_row(self, case_id: str, peer: AuthorityId) -> None:
        """Remove a case of which nothing is kept any more."""
        ...

    def add_docket_entry(self, number: int, case_id: str, entry: bytes) -> bool:
        """Keep the docket entry of a message; false if there is one, which stays."""
        ...

    def drop_docket_entry(self, number: int) -> bool:
        """Remove the docket entry of a message; tell whether there was one."""
        ...
