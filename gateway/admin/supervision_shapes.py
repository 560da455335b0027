"""What the admin API takes and gives about the log for those who supervise."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import Answer, Reason, Request

ReviewReasonName: TypeAlias = Literal[
    "bulk-reads",
    "night-access",
    "repeated-denials",
    "special-category",
    "no-open-task",
    "break-glass",
]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z\Z",
        description="A moment in UTC, as 2026-11-28T00:00:00.000Z.",
    ),
]


class BeginExportRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """An export of the log for a supervisory authority; it is logged.

    Attributes:
        since: Entries from this moment on.
        until: And before this one.
        about: What else the caller limits it to; it is logged.
    """

    since: Moment
    until: Moment
    reason: Reason
    about: Annotated[str, Meta(max_length=300)] = ""


class BegunExport(Answer, frozen=True, kw_only=True):
    """Which entries the export is of.

    Attributes:
        start: First entry of the period.
        end: The entry after its last.
        size: Of the signed log.
        note: The signed checkpoint of that size.
        index: The `admin.led-export` entry.
    """

    start: int
    end: int
    size: int
    note: str
    index: int


class ReviewQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which period to review.

    Attributes:
        zone: IANA name of the time zone in which night is.
    """

    since: Moment
    until: Moment
    zone: Annotated[str, Meta(max_length=64)] = "UTC"


class ReviewItem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Something to look at.

    Attributes:
        actor: Whose account; left out where nobody was logged in.
        entries: Indices of the entries that it rests on.
    """

    reason: ReviewReasonName
    actor: str = ""
    at: str
    entries: tuple[int, ...]


class ReviewList(Answer, frozen=True, kw_only=True):
    """What somebody should look at, oldest first."""

    items: tuple[ReviewItem, ...]
