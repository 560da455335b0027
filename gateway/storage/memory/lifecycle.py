"""Rows of people, holds, requests and disposals, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.values import UnixMs
from gateway.ports.disposals import Disposal
from gateway.ports.holds import LegalHold
from gateway.ports.subject_requests import SubjectRequest
from gateway.ports.subjects import SubjectTag, WantedTag
from gateway.storage.lifecycle_verbs import Tagged
from gateway.storage.memory.tables import Journal, Tables


class LifecycleLookupMemory:
    """Verbs of `gateway.storage.lifecycle_verbs.LifecycleLookup`."""

    _tables: Tables

    def subject_tags(self, number: int) -> list[SubjectTag]:
        """Return what the people of a message can be found by."""
        found = self._tables.lifecycle.tags.get(number, ())
        return sorted(found, key=lambda one: (one.person, one.kind, one.tag))

    def tagged(self, wanted: WantedTag, limit: int) -> list[Tagged]:
        """Return who has a tag, newest message first."""
        found = [
            Tagged(number, one.person, one.role)
            for number, tags in self._tables.lifecycle.tags.items()
            for one in tags
            if (one.kind, one.tag) == (wanted.kind, wanted.tag)
        ]
        return sorted(found, key=lambda one: (-one.number, -one.person))[:limit]

    def first_entry_of_case(self, case_id: str) -> int | None:
        """Return the first entry about a message of a case; None if there is none."""
        rows = self._tables.messages.values()
        about = [one.view for one in rows if one.view.case_id == case_id != ""]
        return min((one.log_index for one in about), default=None)

    def case_review(self, case_id: str) -> UnixMs | None:
        """Return when a case was last looked at; None if never."""
        return self._tables.lifecycle.reviews.get(case_id)

    def holds(self) -> list[LegalHold]:
        """Return every legal hold, oldest first."""
        rows = self._tables.lifecycle.holds.values()
        return sorted(rows, key=lambda one: (one.since, one.hold_id))

    def subject_request(self, request_id: str) -> SubjectRequest | None:
        """Return a request of the register."""
        return self._tables.lifecycle.requests.get(request_id)


class LifecycleReaderMemory(LifecycleLookupMemory):
    """Verbs of `gateway.storage.lifecycle_verbs.LifecycleReader`."""

    def unsearchable(self) -> int:
        """Return how many kept messages are older than the tags: none."""
        return 0

    def subject_requests(self, *, is_open: bool) -> list[SubjectRequest]:
        """Return requests, the first due first: the open ones, or all."""
        rows = self._tables.lifecycle.requests.values()
        found = [one for one in rows if not is_open or one.outcome is None]
        return sorted(found, key=lambda one: (one.due_on, one.request_id))

    def disposals(self, case_id: str) -> list[Disposal]:
        """Return what was erased of a case, oldest first."""
        rows = self._tables.lifecycle.disposals.values()
        return [one for one in rows if one.case_id == case_id]


class LifecycleWritesMemory(LifecycleLookupMemory):
    """Verbs of `gateway.storage.lifecycle_verbs.LifecycleWrites`."""

    _journal: Journal

    def add_subject_tags(self, number: int, tags: Sequence[SubjectTag]) -> None:
        """Keep what the people of a message can be found by."""
        if tags:
            kept = {
                (one.kind, one.tag, one.person): one
                for one in (*self.subject_tags(number), *tags)
            }
            rows = self._tables.lifecycle.tags
            self._journal.put(rows, number, tuple(kept.values()))

    def drop_subject_tags(self, number: int) -> None:
        """Forget what the people of a message can be found by."""
        self._journal.drop(self._tables.lifecycle.tags, number)

    def add_hold(self, hold: LegalHold) -> None:
        """Store a hold."""
        self._journal.put(self._tables.lifecycle.holds, hold.hold_id, hold)

    def drop_hold(self, hold_id: str) -> None:
        """Remove a hold."""
        self._journal.drop(self._tables.lifecycle.holds, hold_id)

    def put_subject_request(self, request: SubjectRequest) -> None:
        """Store a request, new or changed."""
        rows = self._tables.lifecycle.requests
        self._journal.put(rows, request.request_id, request)

    def count_subject_requests(self) -> int:
        """Return how many requests are stored."""
        return len(self._tables.lifecycle.requests)

    def put_case_review(self, case_id: str, reviewed_at: UnixMs) -> None:
        """Store that a case was looked at."""
        self._journal.put(self._tables.lifecycle.reviews, case_id, reviewed_at)

    def drop_case_review(self, case_id: str) -> None:
        """Forget that a case was looked at."""
        self._journal.drop(self._tables.lifecycle.reviews, case_id)

    def add_disposal(self, disposal: Disposal) -> None:
        """Store what was erased, under the next number."""
        rows = self._tables.lifecycle.disposals
        number = max(rows, default=0) + 1
        self._journal.put(rows, number, replace(disposal, number=number))

    def drop_disposals(self, case_id: str) -> None:
        """Forget what was erased of a case."""
        rows = self._tables.lifecycle.disposals
        for number in [key for key, one in rows.items() if one.case_id == case_id]:
            self._journal.drop(rows, number)
