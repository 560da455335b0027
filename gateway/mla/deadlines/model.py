"""What a rule about a deadline says, and what is known of one deadline of a case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.core.values import UnixMs
from gateway.mla.calendars import ASSUMED, WorkingCalendar


class Unit(StrEnum):
    """What a period is counted in."""

    CALENDAR_DAYS = "c"
    WORKING_DAYS = "w"
    HOURS = "h"
    DATE = "d"  # not counted: a message names the date


class Side(StrEnum):
    """Who has to act."""

    REQUESTING = "REQ"
    REQUESTED = "RQD"
    SENDER = "SENDER"  # of the message that starts it
    RECIPIENT = "RECIPIENT"  # of that message


class Nature(StrEnum):
    """What it means that the time has passed."""

    DUTY = "duty"  # somebody is late
    RIGHT = "right"  # somebody can't do it any more
    LAPSE = "lapse"  # something ends by itself
    APPOINTMENT = "appointment"  # something takes place
    TARGET = "target"  # a service target of this project, not law


class Mark(StrEnum):
    """How well the rule was checked; the official text rules."""

    CHECKED = "V"
    KNOWN = "K"
    PROPOSED = "P"


class StartAt(StrEnum):
    """Which moment of the message that starts a period begins it."""

    RECEIPT = "receipt"
    EXECUTING = "receipt by the executing authority"  # where it was passed on
    ISSUE = "issue"


class Reply(StrEnum):
    """What a message must answer to count."""

    DIRECT = "direct"  # the message that started the period
    THREAD = "thread"  # it, or what was said about it since
    CASE = "case"  # anything: it need only be later in the case


class Count(StrEnum):
    """Which of several messages that could start a period do."""

    EACH = "each"
    FIRST = "first"  # of a thread
    LAST = "last"  # of a thread: it takes the place of those before


class ExtensionKind(StrEnum):
    """How a period becomes longer."""

    NONE = "none"
    TOLD = "told"  # who has to act says so, with reasons (DLX_REQ)
    AGREED = "agreed"  # the other side grants it (DLX_RSP GRANTED)
    PRESERVATION = "preservation"  # the requesting side asks for more (PRS_EXT)


@dataclass(frozen=True, slots=True)
class Extension:
    """How a rule lets its period become longer.

    Attributes:
        kind: By what.
        most_days: By how much in all, in calendar days; None if nothing limits it.
    """

    kind: ExtensionKind = ExtensionKind.NONE
    most_days: int | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a message: at a path stands one of some values.

    Attributes:
        path: As `gateway.mla.problems.select` takes it; `*` is every item of a list.
        values: One of these; empty for anything at all.
        holds: False to turn the condition round.
    """

    path: str
    values: frozenset[str] = frozenset()
    holds: bool = True


def where(path: str, *values: str) -> Where:
    """Return the condition that one of the values stands at a path."""
    return Where(path, frozenset(values))


def unless(path: str, *values: str) -> Where:
    """Return the condition that none of the values stands at a path."""
    return Where(path, frozenset(values), holds=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Messages that start, restart, meet or end a period.

    Attributes:
        types: Their types; empty for any.
        conditions: All of which they fit.
        reply: What they must answer.
        by: Who sends them; None for whoever has to act, or anybody for a start.
    """

    types: frozenset[str] = frozenset()
    conditions: tuple[Where, ...] = ()
    reply: Reply = Reply.THREAD
    by: Side | None = None


def message(
    *types: str,
    when: tuple[Where, ...] = (),
    reply: Reply = Reply.THREAD,
    by: Side | None = None,
) -> Event:
    """Return an event: messages of some types that fit conditions."""
    return Event(frozenset(types), when, reply, by)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """One rule about a period.

    Attributes:
        id: Its code: `D..` of list DEADLINE, D27 for service targets, `G..` for dates
            that a message gives.
        stage: Tells rules of one code apart; mostly empty.
        title_en: What has to be done, in English.
        title_fr: The same in French.
        instruments: Instruments it belongs to, one of which the message must name;
            empty for any.
        start: What starts the period.
        counts: Which of such messages do.
        about: What the thread of that message is about; None for anything.
        start_at: Which moment of that message.
        moments: Places in that message where the moment is told, the best first; the
            earliest told there counts, and `start_at` where none is told.
        length: How many units; 0 where a message gives the date.
        unit: Which units.
        dates: Places where the last day, or moment, is given; the earliest counts.
        is_backwards: Counted back from `dates`: the last day is that much earlier.
        met: What meets it; None where nothing in the gateway can.
        met_by_start: The message itself meets it, by its arrival or its sending.
        covers_measures: Met only once every measure of the request was dealt with.
        ended: What ends it otherwise, beside withdrawal, closure and functional error.
        kept_open: What takes the end away for as long as it is not decided on.
        kept_until: What ends it then.
        restarted: What starts the whole period anew.
        is_suspended: Whether a clarification request stops the clock.
        extension: How it becomes longer.
        owner: Who has to act.
        nature: What it means that the time has passed.
        survives_closure: Whether it still runs in a closed or withdrawn case.
        source: Article.
        mark: How well that was checked.
    """

    id: str
    title_en: str
    title_fr: str
    start: Event
    owner: Side
    source: str
    mark: Mark
    stage: str = ""
    instruments: frozenset[str] = frozenset()
    counts: Count = Count.EACH
    about: Event | None = None
    start_at: StartAt = StartAt.RECEIPT
    moments: tuple[str, ...] = ()
    length: int = 0
    unit: Unit = Unit.DATE
    dates: tuple[str, ...] = ()
    is_backwards: bool = False
    met: Event | None = None
    met_by_start: bool = False
    covers_measures: bool = False
    ended: Event | None = None
    kept_open: Event | None = None
    kept_until: Event | None = None
    restarted: Event | None = None
    is_suspended: bool = False
    extension: Extension = field(default_factory=Extension)
    nature: Nature = Nature.DUTY
    survives_closure: bool = False

    @property
    def name(self) -> str:
        """Its code and stage, which only this rule has: `D21.act`."""
        return f"{self.id}.{self.stage}" if self.stage else self.id


class DeadlineState(StrEnum):
    """Where a deadline stands."""

    OPEN = "open"
    SUSPENDED = "suspended"
    OVERDUE = "overdue"
    MET = "met"
    ENDED = "ended"  # nothing is owed any more, or can be done any more


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that is not counted.

    Attributes:
        began_at: When the clock stopped.
        ended_at: When it ran on; None while it stands.
        by: The message that stopped it.
    """

    began_at: UnixMs
    ended_at: UnixMs | None
    by: str


@dataclass(frozen=True, slots=True)
class Extended:
    """A deadline that was moved.

    Attributes:
        until: The new end.
        by: The message that moved it.
        is_cut: Whether less was given than was asked: the rule allows no more.
    """

    until: UnixMs
    by: str
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One deadline of a case, as its messages tell.

    Attributes:
        rule: Its rule.
        owner: Authority that has to act.
        other: The other authority.
        started_by: The message that started it.
        starts_at: The moment the period runs from, the last restart counted.
        restarted_by: The message that started it anew; empty if none did.
        first_due: Its end as it was at the beginning; None if there is no date.
        due: Its end now; None if there is no date. While it is suspended, the end
            that it would have if the clock ran on now.
        pauses: When the clock stood.
        extension: How it was moved, if it was.
        met_at: When it was met.
        met_by: The message that met it; empty if none did.
        state: Where it stands.
        is_calendar_assumed: Whether nobody told which days are worked.
    """

    rule: DeadlineRule
    owner: str
    other: str
    started_by: str
    starts_at: UnixMs
    restarted_by: str = ""
    first_due: UnixMs | None
    due: UnixMs | None
    pauses: tuple[Pause, ...] = ()
    extension: Extended | None = None
    met_at: UnixMs | None = None
    met_by: str = ""
    state: DeadlineState
    is_calendar_assumed: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in _PENDING

    @property
    def is_late(self) -> bool:
        """Whether it was met, but after its end."""
        return (
            self.rule.nature is not Nature.APPOINTMENT
            and self.met_at is not None
            and self.due is not None
            and has_passed(self.due, self.met_at)
        )


_PENDING = {DeadlineState.OPEN, DeadlineState.SUSPENDED, DeadlineState.OVERDUE}
_LAST_SECOND_MS = 1_000

# Regulation (EEC, Euratom) No 1182/71, article 3(4): Union acts follow it.
UNION_INSTRUMENTS = frozenset({"EIO", "EEV", "EU_FRZ", "EU2000", "ECRIS", "ECRIS_TCN"})
# ETS 30, article 7(3): a declaration may ask for so many days, and not for more.
MOST_SUMMONS_DAYS = 50


def has_passed(due: UnixMs, moment: UnixMs) -> bool:
    """Tell whether a moment lies after an end, whose last second belongs to it."""
    return moment >= due + _LAST_SECOND_MS


@dataclass(frozen=True, slots=True)
class Terms:
    """What the counting of days depends on beside the messages.

    Attributes:
        calendars: Calendar of each authority; who is not there has the assumed one.
        moving: Instruments under which a period that would end on a day that is not
            worked ends on the next that is.
        summons_days: How early a summons must be there, by country, where that was
            declared (ETS 30, article 7(3)).
    """

    calendars: Mapping[str, WorkingCalendar] = field(default_factory=dict)
    moving: frozenset[str] = UNION_INSTRUMENTS
    summons_days: Mapping[str, int] = field(default_factory=dict)

    def calendar(self, authority: str) -> WorkingCalendar:
        """Return the calendar of an authority."""
        return self.calendars.get(authority, ASSUMED)
