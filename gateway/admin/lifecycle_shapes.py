"""What the admin API takes and gives about holds, and about people in messages."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import Answer, BoxName, Reason, Request

Day = Annotated[
    str,
    Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z", description="A day, as 2026-11-28."),
]
_Name = Annotated[str, Meta(max_length=300)]
_Id = Annotated[str, Meta(max_length=100)]
ScopeName: TypeAlias = Literal["case", "message", "person"]
RequestKindName: TypeAlias = Literal[
    "access", "rectification", "erasure", "restriction"
]
ViaName: TypeAlias = Literal["person", "supervisory-authority"]
OutcomeName: TypeAlias = Literal[
    "granted", "partly-granted", "refused", "no-data", "withdrawn"
]


class Subject(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to look for; what is left out is not asked for.

    Attributes:
        name: Another name as a whole, or that of a legal person.
        born: A day, month or year, as forms give it.
        document: Number of an identity document.
        national_no: Number in a register of people or companies.
        account: IBAN, card or wallet.
        online: Another identifier of a service or device.
    """

    surname: _Name = ""
    forenames: _Name = ""
    name: _Name = ""
    born: Annotated[str, Meta(pattern=r"^(\d{4}(-\d{2}){0,2})?\Z")] = ""
    document: _Name = ""
    national_no: _Name = ""
    account: _Name = ""
    phone: _Name = ""
    email: _Name = ""
    online: _Name = ""


# --- legal holds ---


class AddHoldRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to hold: exactly one of case, message and person.

    Attributes:
        review_on: Day by which somebody is to ask whether it is still needed.
    """

    reason: Reason
    review_on: Day
    case: _Id = ""
    message: _Id = ""
    person: Subject | None = None


class LiftHoldRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a hold ends."""

    reason: Reason


class Hold(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A legal hold.

    Attributes:
        target: The case or message; left out of a person.
        by: Who set it; somebody else lifts it.
        overdue: The day of its review has come.
        index: Log index of what was just done.
    """

    hold_id: str
    scope: ScopeName
    target: str = ""
    by: str
    reason: str
    since: str
    review_on: str
    overdue: bool = False
    index: int | None = None


class HoldList(Answer, frozen=True, kw_only=True):
    """All legal holds, oldest first."""

    items: tuple[Hold, ...]


class Lifted(Answer, frozen=True, kw_only=True):
    """A hold that is no more.

    Attributes:
        index: Its `admin.hold-lift` entry.
    """

    hold_id: str
    index: int


# --- people ---


class SubjectSearchRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A search for what is held about a person.

    Attributes:
        request: The registered request that it is for.
    """

    subject: Subject
    request: Annotated[str, Meta(min_length=1, max_length=100)]


class SubjectCandidate(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody in a message who may be meant; a person has to look and confirm.

    Attributes:
        person: Which one of the message, counted from 0.
        role: Code of list PERSON_ROLE; left out of an identifier.
        agrees: What agrees: `name`, `surname`, `born`, `document`, ...
    """

    id: str
    box: BoxName
    peer: str
    case: str = ""
    type: str = ""
    accepted_at: str
    person: int
    role: str = ""
    agrees: tuple[str, ...]


class SubjectCandidates(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What a search found, newest message first.

    Attributes:
        more: There are more than are shown.
        unsearchable: Kept messages that are older than the search.
        index: The log entry of the search.
        query: What the log calls it: the same person, the same digest.
    """

    items: tuple[SubjectCandidate, ...]
    more: bool = False
    unsearchable: int = 0
    index: int
    query: str


class SubjectRequestsQuery(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Which requests to list."""

    closed: Annotated[bool, Meta(description="Also those that are closed.")] = False


class AddSubjectRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that a person made.

    Attributes:
        reference: File number under which your office keeps who asked; no name.
        received: Day it came; today where it is left out.
        due: Day by which it is to be answered; 30 days later where it is left out.
    """

    kind: RequestKindName
    reference: Annotated[str, Meta(min_length=1, max_length=200)]
    via: ViaName = "person"
    received: Day | None = None
    due: Day | None = None


class DelaySubjectRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Information to the person is delayed or omitted.

    Attributes:
        code: Of list NOTICE_DELAY.
        review_on: When that is looked at again; within a year.
    """

    code: Annotated[str, Meta(max_length=10)]
    reason: Reason
    review_on: Day


class CloseSubjectRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """How a request ended."""

    outcome: OutcomeName
    reason: Reason


class RegisteredRequest(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A request of the register.

    Attributes:
        overdue: Open, and the day has passed; or its delay is due for review.
        index: Log index of what was just done.
    """

    request_id: str
    kind: RequestKindName
    via: ViaName
    reference: str
    received: str
    due: str
    delay: str = ""
    delay_reason: str = ""
    review_on: str = ""
    outcome: str = ""
    closed: str = ""
    entered_by: str = ""
    by: str = ""
    overdue: bool = False
    index: int | None = None


class SubjectRequestList(Answer, frozen=True, kw_only=True):
    """Requests, the first due first."""

    items: tuple[RegisteredRequest, ...]
