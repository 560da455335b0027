"""Rows of assignments, orders and uses of tokens, in memory."""

from collections.abc import Collection
from dataclasses import replace

from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.people import Assignment
from gateway.storage.memory.tables import Journal, Tables


class PeopleLookupMemory:
    """Verbs of `gateway.storage.people_verbs.PeopleLookup`."""

    _tables: Tables

    def assignment(self, case_id: str, peer: AuthorityId) -> Assignment | None:
        """Return to whom a case is assigned."""
        return self._tables.people.assignments.get((case_id, peer))

    def assignments_of(self, case_ids: Collection[str]) -> list[Assignment]:
        """Return to whom these cases are assigned, with each peer."""
        rows = self._tables.people.assignments
        return [rows[key] for key in sorted(rows) if key[0] in case_ids]

    def assignments_to(self, account: str) -> list[Assignment]:
        """Return the cases that are assigned to somebody by name, in order."""
        rows = self._tables.people.assignments
        return [
            rows[key] for key in sorted(rows) if account in rows[key].assignee.people
        ]

    def order_of(self, number: int) -> bytes:
        """Return what an approval stands for; empty if that is nothing to be done."""
        return self._tables.people.orders.get(number, b"")

    def alarms_claimed_by(self, account: str) -> list[int]:
        """Return the numbers of open alarms that somebody looks after, in order."""
        rows = self._tables.alarm.rows
        return [
            number
            for number in sorted(rows)
            if rows[number].is_open and rows[number].claimed_by == account
        ]

    def approvals_asked_by(self, account: str) -> list[int]:
        """Return the numbers of what somebody waits for, or may do, in order."""
        rows = self._tables.approval.rows
        return [
            number
            for number in sorted(rows)
            if rows[number].is_open and rows[number].asked_by == account
        ]

    def cases_read_by(self, account: str) -> list[str]:
        """Return the cases that somebody is named for, in order."""
        rows = self._tables.guard.readers
        return sorted(case_id for case_id, name in rows if name == account)

    def grants_of_account(self, account: str) -> int:
        """Return of how many messages somebody may fetch the files."""
        return sum(name == account for _, name in self._tables.evidence.grants)

    def token_uses(self) -> dict[tuple[str, str], UnixMs]:
        """Return when each token was last used, by account and label."""
        return dict(self._tables.people.token_uses)


class PeopleWritesMemory(PeopleLookupMemory):
    """Verbs of `gateway.storage.people_verbs.PeopleWrites`."""

    _journal: Journal

    def put_assignment(self, assignment: Assignment) -> None:
        """Store an assignment, in place of an earlier one."""
        key = assignment.case_id, assignment.peer
        self._journal.put(self._tables.people.assignments, key, assignment)

    def drop_assignment(self, case_id: str, peer: AuthorityId) -> None:
        """Forget an assignment."""
        rows = self._tables.people.assignments
        if (case_id, peer) in rows:
            self._journal.drop(rows, (case_id, peer))

    def put_order(self, number: int, body: bytes) -> None:
        """Store what an approval stands for."""
        self._journal.put(self._tables.people.orders, number, body)

    def drop_order(self, number: int) -> None:
        """Forget it."""
        if number in self._tables.people.orders:
            self._journal.drop(self._tables.people.orders, number)

    def pass_approval(self, number: int, account: str) -> None:
        """Let somebody else have asked for an approval."""
        rows = self._tables.approval.rows
        self._journal.put(rows, number, replace(rows[number], asked_by=account))

    def drop_grants_of_account(self, account: str) -> None:
        """Let somebody fetch no file any more."""
        rows = self._tables.evidence.grants
        for key in [key for key in rows if key[1] == account]:
            self._journal.drop(rows, key)

    def put_token_use(self, account: str, label: str, at: UnixMs) -> None:
        """Store when a token was used."""
        self._journal.put(self._tables.people.token_uses, (account, label), at)

    def drop_token_uses(self, account: str) -> None:
        """Forget about the tokens of somebody."""
        rows = self._tables.people.token_uses
        for key in [key for key in rows if key[0] == account]:
            self._journal.drop(rows, key)
