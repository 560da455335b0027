"""What a database must be able to do with people, holds, requests and disposals."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gateway.core.values import UnixMs
from gateway.ports.disposals import Disposal
from gateway.ports.holds import LegalHold
from gateway.ports.subject_requests import SubjectRequest
from gateway.ports.subjects import SubjectTag, WantedTag


class Tagged(NamedTuple):
    """Somebody in a message, by its number."""

    number: int
    person: int
    role: str


class LifecycleLookup(Protocol):
    """What can be read in any transaction."""

    def subject_tags(self, number: int) -> list[SubjectTag]:
        """Return what the people of a message can be found by."""
        ...

    def tagged(self, wanted: WantedTag, limit: int) -> list[Tagged]:
        """Return who has a tag, newest message first."""
        ...

    def first_entry_of_case(self, case_id: str) -> int | None:
        """Return the first entry about a message of a case; None if there is none."""
        ...

    def case_review(self, case_id: str) -> UnixMs | None:
        """Return when a case was last looked at; None if never."""
        ...

    def holds(self) -> list[LegalHold]:
        """Return every legal hold, oldest first."""
        ...

    def subject_request(self, request_id: str) -> SubjectRequest | None:
        """Return a request of the register."""
        ...


class LifecycleReader(LifecycleLookup, Protocol):
    """What is only read outside of changes."""

    def unsearchable(self) -> int:
        """Return how many kept messages are older than the tags."""
        ...

    def subject_requests(self, *, is_open: bool) -> list[SubjectRequest]:
        """Return requests, the first due first: the open ones, or all."""
        ...

    def disposals(self, case_id: str) -> list[Disposal]:
        """Return what was erased of a case, oldest first."""
        ...


class LifecycleWrites(LifecycleLookup, Protocol):
    """Changes."""

    def add_subject_tags(self, number: int, tags: Sequence[SubjectTag]) -> None:
        """Keep what the people of a message can be found by."""
        ...

    def drop_subject_tags(self, number: int) -> None:
        """Forget what the people of a message can be found by."""
        ...

    def add_hold(self, hold: LegalHold) -> None:
        """Store a hold."""
        ...

    def drop_hold(self, hold_id: str) -> None:
        """Remove a hold."""
        ...

    def put_subject_request(self, request: SubjectRequest) -> None:
        """Store a request, new or changed."""
        ...

    def count_subject_requests(self) -> int:
        """Return how many requests are stored."""
        ...

    def put_case_review(self, case_id: str, reviewed_at: UnixMs) -> None:
        """Store that a case was looked at."""
        ...

    def drop_case_review(self, case_id: str) -> None:
        """Forget that a case was looked at."""
        ...

    def add_disposal(self, disposal: Disposal) -> None:
        """Store what was erased, under the next number."""
        ...

    def drop_disposals(self, case_id: str) -> None:
        """Forget what was erased of a case."""
        ...
