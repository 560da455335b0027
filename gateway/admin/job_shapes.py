"""What the admin API takes and gives about jobs, and actions on many messages."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, field

from gateway.admin.shapes import (
    MAX_PAGE,
    Answer,
    Document,
    Message,
    MessageFields,
    Page,
    Reason,
    Request,
)

BulkActionName: TypeAlias = Literal["retry", "cancel", "other-channel"]
_Text = Annotated[str, Meta(max_length=100)]


class BulkFilter(MessageFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages an action is for; as for the list."""


class BulkPreviewRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """An action to look at before it is done."""

    action: BulkActionName
    filter: BulkFilter


class BulkExcluded(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Messages of the filter that an action does not concern.

    Attributes:
        why: `received`, `not-queued`, `offered` or `ended`.
        sentence: The same for people.
        first: Ids of some of them, newest first.
    """

    why: str
    sentence: str
    count: int
    first: tuple[str, ...] = ()


class BulkPreview(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What an action would do.

    Attributes:
        matched: Messages that the filter lets through.
        count: Those that the action concerns.
        digest: To be given with the action, so that it does just this.
        first: Some of those it concerns, newest first.
        offered: How many of those were offered to their peers already.
        warning: What to think of before it is done.
    """

    action: BulkActionName
    matched: int
    count: int
    digest: str
    first: tuple[Message, ...] = ()
    excluded: tuple[BulkExcluded, ...] = ()
    offered: int = 0
    warning: str = ""


class BulkRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action that was looked at and is to be done.

    Attributes:
        digest: Of the preview.
        reason: Why; logged with every message.
        reference: Of what went by another channel: where to find it there.
    """

    action: BulkActionName
    filter: BulkFilter
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    reason: Reason
    reference: Annotated[str, Meta(max_length=200)] = ""


class JobQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which jobs to list, newest first."""

    kind: _Text = ""
    state: _Text = ""
    asked_by: _Text = ""
    open: bool = False
    cursor: Annotated[str, Meta(pattern=r"^[0-9]{0,15}\Z")] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 50


class JobFailure(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A message that a job could do nothing with, and why."""

    id: str
    code: str


class Job(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Long work that somebody asked for.

    Attributes:
        id: Its number.
        kind: `bulk-retry`, `bulk-cancel`, `bulk-other-channel` or `log-verify`.
        state: `waiting`, `running`, `done`, `failed`, `cancelled` or `interrupted`.
        index: Log index of the entry that it was asked by.
        total: Steps it has; 0 where that is not known.
        done: Steps that came to a good end.
        failed: Steps that did not.
        result: What came of it, once it has ended.
        failures: The first messages that it could do nothing with; only where one
            job is shown.
    """

    id: int
    kind: str
    state: str
    asked_by: str
    asked_at: str
    index: int
    reason: str = ""
    reference: str = ""
    total: int = 0
    done: int = 0
    failed: int = 0
    begun_at: str = ""
    ended_at: str = ""
    cancelled_by: str = ""
    result: Document = field(default_factory=dict)
    failures: tuple[JobFailure, ...] = ()


class JobPage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Some jobs, newest first."""

    items: tuple[Job, ...]


class JobCancelRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a job is stopped; logged."""

    reason: Annotated[str, Meta(max_length=500)] = ""
