"""What the admin API takes and gives about retention by class."""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from gateway.admin.shapes import Answer, Document, Reason, Request

ClassName: TypeAlias = Literal[
    "withdrawn-data",
    "refused-information",
    "draft",
    "criminal-record",
    "unused-information",
    "ended-without-data",
    "transferred-evidence",
    "case",
]
ThenName: TypeAlias = Literal["erase", "review"]
_Case = Annotated[str, Meta(min_length=1, max_length=100)]


class RetentionRule(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A row of the table of classes.

    Attributes:
        days: How long after the event, as this node is set.
        default_days: As the table says.
        automatic: It goes without anybody asking.
    """

    name: ClassName
    about: str
    counted_from: str
    days: int
    default_days: int
    then: ThenName
    automatic: bool = False
    source: str


class RetentionRules(Answer, frozen=True, kw_only=True):
    """The table of classes; what one row takes, no later row takes again."""

    items: tuple[RetentionRule, ...]


class RetentionQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far to look ahead."""

    within: Annotated[
        int, Meta(ge=0, le=36_525, description="Also what is due within so many days.")
    ] = 0


class RetentionItem(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Messages of a case that are due, or will be.

    Attributes:
        since: The event that time is counted from.
        overdue: It is late: of a review, or of what is to go at once.
        held: A legal hold is on some of it.
        kept: What stands against erasing some of the messages now, by id.
    """

    case: str
    peer: str
    rule: ClassName
    then: ThenName
    since: str
    due: str
    overdue: bool = False
    held: bool = False
    ids: tuple[str, ...]
    kept: dict[str, str] = msgspec.field(default_factory=dict)


class RetentionPreview(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What would go and when, what is held, and what is only to be looked at.

    Attributes:
        more: There is more than is shown.
        cases: How many cases were looked at.
        prunable: Index below which the log may be pruned; 0 if it is young.
    """

    items: tuple[RetentionItem, ...]
    more: bool = False
    cases: int = 0
    prunable: int = 0


class RetentionRunRequest(
    Request, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Erase what is due.

    Attributes:
        classes: Only these; all where none are named.
        reason: Who reads the log sees it: no name, no case number.
    """

    reason: Reason
    classes: tuple[ClassName, ...] = ()


class RetentionDone(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What was done about one item.

    Attributes:
        erased: How many messages went.
        digests: SHA-256 of the id of each, sorted.
        indices: Their `msg.erase` entries.
        rings: Cases that ended with it, whose keys were destroyed.
        kept: What stays for now, and why, by id.
        failed: Why nothing went.
    """

    case: str
    peer: str
    rule: ClassName
    erased: int = 0
    digests: tuple[str, ...] = ()
    indices: tuple[int, ...] = ()
    rings: int = 0
    kept: dict[str, str] = msgspec.field(default_factory=dict)
    failed: str = ""


class RetentionReport(Answer, frozen=True, kw_only=True):
    """What an order has done, item by item."""

    items: tuple[RetentionDone, ...]
    erased: int


class ReviewRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case was looked at and is still needed; it is due again after its period."""

    case: _Case
    reason: Reason


class Reviewed(Answer, frozen=True, kw_only=True):
    """A case that was looked at.

    Attributes:
        index: Its `admin.case-review` entry.
    """

    case: str
    index: int


class DisposalQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That things were given back instead of destroyed: when, and how."""

    returned_on: Annotated[str, Meta(max_length=10, description="A day.")] = ""
    how: Annotated[str, Meta(max_length=500)] = ""


class DisposalTask(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is to be returned or destroyed.

    Attributes:
        asked_by: The message that asks for it.
        by: Until when.
    """

    asked_by: str
    action: str = ""
    by: str = ""


class Disposed(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Messages of a case that went by one order."""

    rule: str = ""
    basis: str
    erased_at: str
    digests: tuple[str, ...]
    evidence_files: int = 0


class DisposalReport(Answer, frozen=True, kw_only=True):
    """What was erased of a case since it was asked for.

    Attributes:
        form: The author's form of the RET_CNF that tells the other side.
    """

    case: str
    peer: str
    tasks: tuple[DisposalTask, ...]
    disposals: tuple[Disposed, ...]
    form: Document
