"""Rows of people, holds, requests and disposals."""

from collections.abc import Sequence

from gateway.core.values import MessageId, UnixMs
from gateway.mla.subjects import SubjectKind
from gateway.ports.disposals import Disposal
from gateway.ports.holds import HoldScope, LegalHold
from gateway.ports.subject_requests import (
    RequestKind,
    RequestOutcome,
    RequestVia,
    SubjectRequest,
)
from gateway.ports.subjects import SubjectTag, WantedTag
from gateway.storage.lifecycle_verbs import Tagged
from gateway.storage.sqlite.running import Running


class LifecycleLookupSql(Running):
    """Verbs of `gateway.storage.lifecycle_verbs.LifecycleLookup`."""

    def subject_tags(self, number: int) -> list[SubjectTag]:
        """Return what the people of a message can be found by."""
        found = [
            SubjectTag(SubjectKind(kind), tag, person, role)
            for kind, tag, person, role in self._rows("subject_tags", (number,))
        ]
        return sorted(found, key=lambda one: (one.person, one.kind, one.tag))

    def tagged(self, wanted: WantedTag, limit: int) -> list[Tagged]:
        """Return who has a tag, newest message first."""
        found = self._rows("tagged", (wanted.kind, wanted.tag, limit))
        return [Tagged(*row) for row in found]

    def first_entry_of_case(self, case_id: str) -> int | None:
        """Return the first entry about a message of a case; None if there is none."""
        found = self._rows("first_entry_of_case", (case_id,)).fetchone()[0]
        return None if found is None else int(found)

    def case_review(self, case_id: str) -> UnixMs | None:
        """Return when a case was last looked at; None if never."""
        for (reviewed_at,) in self._rows("case_review", (case_id,)):
            return UnixMs(reviewed_at)
        return None

    def holds(self) -> list[LegalHold]:
        """Return every legal hold, oldest first."""
        return [
            LegalHold(
                hold_id=hold_id,
                scope=HoldScope(scope),
                target=target,
                tags=_tags_of(tags),
                held_by=held_by,
                reason=reason,
                since=UnixMs(since),
                review_on=review_on,
            )
            for (
                hold_id,
                scope,
                target,
                tags,
                held_by,
                reason,
                since,
                review_on,
            ) in self._rows("holds")
        ]

    def subject_request(self, request_id: str) -> SubjectRequest | None:
        """Return a request of the register."""
        for row in self._rows("subject_request", (request_id,)):
            return _request(*row)
        return None


class LifecycleReaderSql(LifecycleLookupSql):
    """Verbs of `gateway.storage.lifecycle_verbs.LifecycleReader`."""

    def unsearchable(self) -> int:
        """Return how many kept messages are older than the tags."""
        return int(self._rows("unsearchable").fetchone()[0])

    def subject_requests(self, *, is_open: bool) -> list[SubjectRequest]:
        """Return requests, the first due first: the open ones, or all."""
        rows = self._rows("open_subject_requests" if is_open else "subject_requests")
        return [_request(*row) for row in rows]

    def disposals(self, case_id: str) -> list[Disposal]:
        """Return what was erased of a case, oldest first."""
        return [_disposal(*row) for row in self._rows("disposals", (case_id,))]


class LifecycleWritesSql(LifecycleLookupSql):
    """Verbs of `gateway.storage.lifecycle_verbs.LifecycleWrites`."""

    def add_subject_tags(self, number: int, tags: Sequence[SubjectTag]) -> None:
        """Keep what the people of a message can be found by."""
        for one in tags:
            self._write(
                "add_subject_tag", (one.kind, one.tag, number, one.person, one.role)
            )

    def drop_subject_tags(self, number: int) -> None:
        """Forget what the people of a message can be found by."""
        self._write("drop_subject_tags", (number,))

    def add_hold(self, hold: LegalHold) -> None:
        """Store a hold."""
        self._write(
            "add_hold",
            (
                hold.hold_id,
                hold.scope.value,
                hold.target,
                " ".join(f"{int(one.kind)}:{one.tag.hex()}" for one in hold.tags),
                hold.held_by,
                hold.reason,
                hold.since,
                hold.review_on,
            ),
        )

    def drop_hold(self, hold_id: str) -> None:
        """Remove a hold."""
        self._write("drop_hold", (hold_id,))

    def put_subject_request(self, request: SubjectRequest) -> None:
        """Store a request, new or changed."""
        self._write(
            "put_subject_request",
            (
                request.request_id,
                request.kind.value,
                request.via.value,
                request.reference,
                request.received_on,
                request.due_on,
                request.delay,
                request.delay_reason,
                request.review_on,
                request.outcome.value if request.outcome else "",
                request.closed_on,
                request.entered_by,
                request.changed_by,
            ),
        )

    def count_subject_requests(self) -> int:
        """Return how many requests are stored."""
        return int(self._rows("count_subject_requests").fetchone()[0])

    def put_case_review(self, case_id: str, reviewed_at: UnixMs) -> None:
        """Store that a case was looked at."""
        self._write("put_case_review", (case_id, reviewed_at))

    def drop_case_review(self, case_id: str) -> None:
        """Forget that a case was looked at."""
        self._write("drop_case_review", (case_id,))

    def add_disposal(self, disposal: Disposal) -> None:
        """Store what was erased, under the next number."""
        self._write(
            "add_disposal",
            (
                disposal.case_id,
                disposal.rule,
                disposal.basis,
                disposal.erased_at,
                " ".join(disposal.messages),
                " ".join(disposal.items),
                disposal.evidence_files,
            ),
        )

    def drop_disposals(self, case_id: str) -> None:
        """Forget what was erased of a case."""
        self._write("drop_disposals", (case_id,))


def _tags_of(text: str) -> tuple[WantedTag, ...]:
    pairs = [one.split(":") for one in text.split()]
    return tuple(
        WantedTag(SubjectKind(int(kind)), bytes.fromhex(tag)) for kind, tag in pairs
    )


def _request(  # noqa: PLR0913, PLR0917 - the columns of the table
    request_id: str,
    kind: str,
    via: str,
    reference: str,
    received_on: str,
    due_on: str,
    delay: str,
    delay_reason: str,
    review_on: str,
    outcome: str,
    closed_on: str,
    entered_by: str,
    changed_by: str,
) -> SubjectRequest:
    return SubjectRequest(
        request_id=request_id,
        kind=RequestKind(kind),
        via=RequestVia(via),
        reference=reference,
        received_on=received_on,
        due_on=due_on,
        delay=delay,
        delay_reason=delay_reason,
        review_on=review_on,
        outcome=RequestOutcome(outcome) if outcome else None,
        closed_on=closed_on,
        entered_by=entered_by,
        changed_by=changed_by,
    )


def _disposal(  # noqa: PLR0913, PLR0917 - the columns of the table
    number: int,
    case_id: str,
    rule: str,
    basis: str,
    erased_at: int,
    messages: str,
    items: str,
    evidence_files: int,
) -> Disposal:
    return Disposal(
        number=number,
        case_id=case_id,
        rule=rule,
        basis=basis,
        erased_at=UnixMs(erased_at),
        messages=tuple(map(MessageId, messages.split())),
        items=tuple(items.split()),
        evidence_files=evidence_files,
    )
