"""What a database must be able to do with what is kept about people: verbs on rows."""

from collections.abc import Collection
from typing import Protocol

from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.people import Assignment


class PeopleLookup(Protocol):
    """What can be read in any transaction."""

    def assignment(self, case_id: str, peer: AuthorityId) -> Assignment | None:
        """Return to whom a case is assigned."""
        ...

    def assignments_of(self, case_ids: Collection[str]) -> list[Assignment]:
        """Return to whom these cases are assigned, with each peer."""
        ...

    def assignments_to(self, account: str) -> list[Assignment]:
        """Return the cases that are assigned to somebody by name, in order."""
        ...

    def order_of(self, number: int) -> bytes:
        """Return what an approval stands for; empty if that is nothing to be done."""
        ...

    def alarms_claimed_by(self, account: str) -> list[int]:
        """Return the numbers of open alarms that somebody looks after, in order."""
        ...

    def approvals_asked_by(self, account: str) -> list[int]:
        """Return the numbers of what somebody waits for, or may do, in order."""
        ...

    def cases_read_by(self, account: str) -> list[str]:
        """Return the cases that somebody is named for, in order."""
        ...

    def grants_of_account(self, account: str) -> int:
        """Return of how many messages somebody may fetch the files."""
        ...

    def token_uses(self) -> dict[tuple[str, str], UnixMs]:
        """Return when each token was last used, by account and label."""
        ...


class PeopleWrites(PeopleLookup, Protocol):
    """What changes them."""

    def put_assignment(self, assignment: Assignment) -> None:
        """Store an assignment, in place of an earlier one."""
        ...

    def drop_assignment(self, case_id: str, peer: AuthorityId) -> None:
        """Forget an assignment."""
        ...

    def put_order(self, number: int, body: bytes) -> None:
        """Store what an approval stands for."""
        ...

    def drop_order(self, number: int) -> None:
        """Forget it."""
        ...

    def pass_approval(self, number: int, account: str) -> None:
        """Let somebody else have asked for an approval."""
        ...

    def drop_grants_of_account(self, account: str) -> None:
        """Let somebody fetch no file any more."""
        ...

    def put_token_use(self, account: str, label: str, at: UnixMs) -> None:
        """Store when a token was used."""
        ...

    def drop_token_uses(self, account: str) -> None:
        """Forget about the tokens of somebody."""
        ...
