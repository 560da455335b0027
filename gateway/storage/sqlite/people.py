"""Rows of assignments, orders and uses of tokens."""

import json
from collections.abc import Collection, Sequence

from gateway.core.units import Assignee
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.people import Assignment
from gateway.storage.sqlite.mapping import SqlValue, as_json
from gateway.storage.sqlite.running import Running


class PeopleLookupSql(Running):
    """Verbs of `gateway.storage.people_verbs.PeopleLookup`."""

    def assignment(self, case_id: str, peer: AuthorityId) -> Assignment | None:
        """Return to whom a case is assigned."""
        for row in self._rows("assignment", (case_id, peer)):
            return _assignment(row)
        return None

    def assignments_of(self, case_ids: Collection[str]) -> list[Assignment]:
        """Return to whom these cases are assigned, with each peer."""
        rows = self._rows("assignments_of", (as_json(case_ids),))
        return [_assignment(row) for row in rows]

    def assignments_to(self, account: str) -> list[Assignment]:
        """Return the cases that are assigned to somebody by name, in order."""
        return [_assignment(row) for row in self._rows("assignments_to", (account,))]

    def order_of(self, number: int) -> bytes:
        """Return what an approval stands for; empty if that is nothing to be done."""
        for row in self._rows("order_of", (number,)):
            return bytes(row[0])
        return b""

    def alarms_claimed_by(self, account: str) -> list[int]:
        """Return the numbers of open alarms that somebody looks after, in order."""
        return [row[0] for row in self._rows("alarms_claimed_by", (account,))]

    def approvals_asked_by(self, account: str) -> list[int]:
        """Return the numbers of what somebody waits for, or may do, in order."""
        return [row[0] for row in self._rows("approvals_asked_by", (account,))]

    def cases_read_by(self, account: str) -> list[str]:
        """Return the cases that somebody is named for, in order."""
        return [row[0] for row in self._rows("cases_read_by", (account,))]

    def grants_of_account(self, account: str) -> int:
        """Return of how many messages somebody may fetch the files."""
        return sum(row[0] for row in self._rows("grants_of_account", (account,)))

    def token_uses(self) -> dict[tuple[str, str], UnixMs]:
        """Return when each token was last used, by account and label."""
        rows = self._rows("token_uses")
        return {(account, label): UnixMs(at) for account, label, at in rows}


class PeopleWritesSql(PeopleLookupSql):
    """Verbs of `gateway.storage.people_verbs.PeopleWrites`."""

    def put_assignment(self, assignment: Assignment) -> None:
        """Store an assignment, in place of an earlier one."""
        assignee = assignment.assignee
        self._write(
            "put_assignment",
            (
                assignment.case_id,
                assignment.peer,
                assignee.unit,
                json.dumps(assignee.people),
                assignment.by,
                assignment.at,
                assignment.log_index,
            ),
        )

    def drop_assignment(self, case_id: str, peer: AuthorityId) -> None:
        """Forget an assignment."""
        self._write("drop_assignment", (case_id, peer))

    def put_order(self, number: int, body: bytes) -> None:
        """Store what an approval stands for."""
        self._write("put_order", (number, body))

    def drop_order(self, number: int) -> None:
        """Forget it."""
        self._write("drop_order", (number,))

    def pass_approval(self, number: int, account: str) -> None:
        """Let somebody else have asked for an approval."""
        self._write("pass_approval", (account, number))

    def drop_grants_of_account(self, account: str) -> None:
        """Let somebody fetch no file any more."""
        self._write("drop_grants_of_account", (account,))

    def put_token_use(self, account: str, label: str, at: UnixMs) -> None:
        """Store when a token was used."""
        self._write("put_token_use", (account, label, at))

    def drop_token_uses(self, account: str) -> None:
        """Forget about the tokens of somebody."""
        self._write("drop_token_uses", (account,))


def _assignment(row: Sequence[SqlValue]) -> Assignment:
    case_id, peer, unit, people, by, at, index = row
    return Assignment(
        case_id=str(case_id),
        peer=AuthorityId(str(peer)),
        assignee=Assignee(unit=str(unit), people=tuple(json.loads(str(people)))),
        by=str(by),
        at=UnixMs(int(str(at))),
        log_index=int(str(index)),
    )
