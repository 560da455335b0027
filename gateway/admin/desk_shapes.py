"""What the admin API takes and gives about deadlines and alarms."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, MAX_PAGE, Answer, Page, Reason, Request

_Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE, description="Items at most.")]
_Text = Annotated[str, Meta(max_length=200)]

AlarmState: TypeAlias = Literal["open", "resolved", "all"]
PendingState: TypeAlias = Literal["pending", "open", "suspended", "overdue"]
TitleLanguage: TypeAlias = Literal["en", "fr"]


class DeadlineQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which pending deadlines to list.

    Attributes:
        within: Those that end within this time, or ended before.
        state: Only those in it; `pending` for all.
        owner: Whose they are to meet: ours, theirs, or anybody's.
        cursor: As the page before told.
        language: Of titles.
    """

    within: Annotated[
        str, Meta(pattern=r"^(\d{1,4}[hd])?\Z", description="Like 48h or 14d.")
    ] = ""
    state: PendingState = "pending"
    owner: Literal["any", "us", "them"] = "any"
    peer: Annotated[str, Meta(max_length=64)] = ""
    cursor: Annotated[str, Meta(max_length=110)] = ""
    limit: _Limit = 100
    language: TitleLanguage = "en"


class DeadlinePause(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A time that is not counted; `ended_at` is left out while it lasts."""

    began_at: str
    by: str
    ended_at: str = ""


class Deadline(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A deadline of a case, computed from its messages.

    Attributes:
        rule: Its rule, as in the table of deadlines.
        title: What has to be done.
        kind: `duty`, `right`, `lapse`, `appointment` or `target`.
        source: The article, or what else asks for it.
        mark: How well that was checked: V, K or P.
        owner: Authority that has to act; `ours` tells whether it is us.
        state: `open`, `suspended`, `overdue`, `met` or `ended`.
        due: Its end; left out if there is no date. While suspended: if the clock ran
            on now.
        first_due: Its end as it was at the beginning.
        starts_at: What it runs from, the last restart counted.
        started_by: The message that started it.
        restarted_by: The message that started it anew.
        extended_until: Its end, if it was moved.
        extended_by: The message that moved it.
        extension_cut: Less was given than was asked: the rule allows no more.
        met_at: When it was met, and `met_by` which message did.
        late: Met, but after its end.
        calendar_assumed: Nobody told which days are worked: UTC, Saturday, Sunday.
    """

    case: str
    peer: str
    rule: str
    title: str
    kind: str
    source: str
    mark: str
    owner: str
    ours: bool
    state: str
    starts_at: str
    started_by: str
    due: str = ""
    first_due: str = ""
    restarted_by: str = ""
    pauses: tuple[DeadlinePause, ...] = ()
    extended_until: str = ""
    extended_by: str = ""
    extension_cut: bool = False
    met_at: str = ""
    met_by: str = ""
    late: bool = False
    calendar_assumed: bool = False


class DeadlinePage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Deadlines, the earliest end first; those without an end last."""

    items: tuple[Deadline, ...]


class AlarmQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which alarms to list; without anything, the open ones."""

    state: AlarmState = "open"
    kind: _Text = ""
    case: _Text = ""
    peer: Annotated[str, Meta(max_length=64)] = ""
    before: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    limit: _Limit = 100
    language: TitleLanguage = "en"


class Alarm(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Something that somebody has to look at.

    Attributes:
        alarm: Its number.
        kind: What it is about, as in the table of alarms.
        rule: Rule of the deadline it is about; `title` says what has to be done.
        due: When that ends or ended.
        owner: Who has to act; `ours` tells whether it is us.
        index: Its entry in the log.
        record: Entry that puts on record what of the message is missing.
        person: Person on call who was asked last, of `asked` so far.
        outcome: `done` by a person, or `gone`: its reason is.
    """

    alarm: int
    kind: str
    raised_at: str
    index: int
    case: str = ""
    message: str = ""
    peer: str = ""
    rule: str = ""
    title: str = ""
    owner: str = ""
    ours: bool = False
    due: str = ""
    raised_by: str = ""
    record: int | None = None
    person: str = ""
    asked: int = 0
    asked_at: str = ""
    claimed_by: str = ""
    claimed_at: str = ""
    resolved_by: str = ""
    resolved_at: str = ""
    outcome: str = ""


class AlarmPage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Alarms, newest first."""

    items: tuple[Alarm, ...]


class ResolveRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done about it; who reads the log sees it."""

    reason: Reason
