"""The register of what people asked about data on them (LED, articles 12 to 17)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs

MAX_SUBJECT_REQUESTS: Final = 100_000
"""Requests that the register holds."""


class RequestKind(StrEnum):
    """What a person may ask for."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"


class RequestVia(StrEnum):
    """Who brought it."""

    PERSON = "person"
    AUTHORITY = "supervisory-authority"  # on the person's behalf (article 17)


class RequestOutcome(StrEnum):
    """How it ended."""

    GRANTED = "granted"
    PARTLY = "partly-granted"
    REFUSED = "refused"
    NO_DATA = "no-data"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRequest:
    """One request of the register; it names nobody.

    Attributes:
        reference: File number under which the office keeps who asked.
        received_on: Day it came, like 2026-11-28.
        due_on: Day by which it is to be answered.
        delay: Code of list NOTICE_DELAY while information is delayed or omitted.
        delay_reason: Why, in words.
        review_on: When delaying is looked at again.
        outcome: None while it is open.
        closed_on: Day it was answered; empty while it is open.
        entered_by: Who registered it.
        changed_by: Who last changed it.
    """

    request_id: str
    kind: RequestKind
    via: RequestVia
    reference: str
    received_on: str
    due_on: str
    delay: str = ""
    delay_reason: str = field(default="", repr=False)
    review_on: str = ""
    outcome: RequestOutcome | None = None
    closed_on: str = ""
    entered_by: str = ""
    changed_by: str = ""


class SubjectRequestStore(Protocol):
    """The register. Each change is one transaction with its entry."""

    async def subject_requests(self, *, is_open: bool) -> list[SubjectRequest]:
        """Return requests, the first due first: the open ones, or all."""
        ...

    async def subject_request(self, request_id: str) -> SubjectRequest:
        """Return a request.

        Raises:
            NotFoundError: No such request.
        """
        ...

    async def put_subject_request(
        self, request: SubjectRequest, act: Act, now: UnixMs, *, is_new: bool
    ) -> int:
        """Store a request and return the index of its `admin.subject-request` entry.

        Raises:
            ConflictError: A new one is there already, or the register is full.
            NotFoundError: One to be changed is not there.
        """
        ...
