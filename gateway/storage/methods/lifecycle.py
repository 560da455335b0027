"""The ports of people in messages, legal holds, requests and disposals."""

from collections.abc import Collection

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs
from gateway.ports.disposals import Disposal
from gateway.ports.holds import LegalHold
from gateway.ports.subject_requests import SubjectRequest
from gateway.ports.subjects import SubjectHit, WantedTag
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import holds, reviews, subjects


class LifecycleMethods(StoreMethods):
    """Searching for people, holding, registering, and what was disposed of."""

    async def find_subjects(
        self, wanted: Collection[WantedTag], limit: int
    ) -> list[SubjectHit]:
        """Return people of whom something agrees, newest message first."""
        return await self._runner.read(
            lambda tx: subjects.find_subjects(tx, wanted, limit)
        )

    async def unsearchable(self) -> int:
        """Return how many kept messages were stored before they could be searched."""
        return await self._runner.read(lambda tx: tx.unsearchable())

    async def holds(self) -> list[LegalHold]:
        """Return every hold that stands, oldest first."""
        return await self._runner.read(lambda tx: tx.holds())

    async def add_hold(self, hold: LegalHold, act: Act) -> int:
        """Set a hold and return the index of its `admin.hold` entry."""
        return await self._runner.write(lambda tx: holds.add_hold(tx, hold, act))

    async def lift_hold(self, hold_id: str, act: Act, now: UnixMs) -> int:
        """Lift a hold and return the index of its `admin.hold-lift` entry."""
        return await self._runner.write(
            lambda tx: holds.lift_hold(tx, hold_id, act, now)
        )

    async def subject_requests(self, *, is_open: bool) -> list[SubjectRequest]:
        """Return requests, the first due first: the open ones, or all."""
        return await self._runner.read(lambda tx: tx.subject_requests(is_open=is_open))

    async def subject_request(self, request_id: str) -> SubjectRequest:
        """Return a request."""
        return await self._runner.read(
            lambda tx: subjects.subject_request(tx, request_id)
        )

    async def put_subject_request(
        self, request: SubjectRequest, act: Act, now: UnixMs, *, is_new: bool
    ) -> int:
        """Store a request and return the index of its entry."""
        return await self._runner.write(
            lambda tx: subjects.put_subject_request(
                tx, request, act, now, is_new=is_new
            )
        )

    async def case_review(self, case_id: str) -> UnixMs | None:
        """Return when somebody last found that a case is still needed."""
        return await self._runner.read(lambda tx: tx.case_review(case_id))

    async def record_review(self, case_id: str, act: Act, now: UnixMs) -> int:
        """Record that a case is still needed; return its entry."""
        return await self._runner.write(
            lambda tx: reviews.record_review(tx, case_id, act, now)
        )

    async def disposals(self, case_id: str) -> list[Disposal]:
        """Return what was erased of a case, oldest first."""
        return await self._runner.read(lambda tx: tx.disposals(case_id))
