"""The deadlines of a case, computed from its messages.

Nothing of it is stored: a message that arrives late, or a calendar that was corrected,
changes the deadlines of the case at once and for good.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar
from gateway.mla.deadlines.conversation import (
    CaseMessage,
    Conversation,
    Step,
    instruments_of,
    moment_of,
)
from gateway.mla.deadlines.counting import end_before, end_of_period, merged
from gateway.mla.deadlines.endings import ended_by, met_at, met_by
from gateway.mla.deadlines.events_of import (
    first_following,
    fits,
    following,
    side,
)
from gateway.mla.deadlines.extending import extended
from gateway.mla.deadlines.model import (
    Count,
    Deadline,
    DeadlineRule,
    DeadlineState,
    Nature,
    Pause,
    StartAt,
    Terms,
    Unit,
    has_passed,
)
from gateway.mla.deadlines.pausing import pauses_of
from gateway.mla.deadlines.rules import RULES
from gateway.mla.problems import text_at, texts_at

MOST_OF_A_CASE = 2_000
"""Deadlines of one case that are computed: a case with more is somebody's attack."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One period under way: what it is counted from and with."""

    rule: DeadlineRule
    start: Step
    owner: str
    starts_at: UnixMs
    calendar: WorkingCalendar
    moves: bool
    length: int


def deadlines_of(
    rows: Iterable[CaseMessage], terms: Terms, now: UnixMs
) -> list[Deadline]:
    """Return the deadlines of a case: those with a date first, the earliest first.

    Args:
        rows: What the case keeps of its messages, in any order.
        terms: Calendars of the authorities, and what else days are counted by.
        now: The time.
    """
    conversation = Conversation(rows)
    found: list[Deadline] = []
    for rule, start in _starts(conversation):
        if len(found) >= MOST_OF_A_CASE:
            break
        try:
            found.append(_deadline(conversation, rule, start, terms, now))
        except UsageError:
            # A year that nobody can count to: the message is valid, the date is not.
            continue
    return sorted(found, key=due_order)


def due_order(deadline: Deadline) -> tuple[bool, int, str, str]:
    """Return a sort key: by the end, those without one last."""
    due = deadline.due
    return due is None, due or 0, deadline.rule.name, deadline.started_by


def _starts(conversation: Conversation) -> Iterator[tuple[DeadlineRule, Step]]:
    for rule in RULES:
        steps = [
            step
            for step in conversation.of_types(rule.start.types)
            if _starts_with(conversation, rule, step)
        ]
        if rule.counts is Count.EACH:
            yield from ((rule, step) for step in steps)
            continue
        of_thread: dict[str, Step] = {}
        for step in steps:
            root = conversation.root(step).id
            if rule.counts is Count.LAST or root not in of_thread:
                of_thread[root] = step
        yield from ((rule, step) for step in of_thread.values())


def _starts_with(conversation: Conversation, rule: DeadlineRule, step: Step) -> bool:
    if not fits(rule.start, step):
        return False
    if rule.instruments and not rule.instruments & instruments_of(step):
        return False
    if rule.unit is Unit.DATE and rule.dates and not _told(rule.dates, step):
        return False
    by = rule.start.by
    if by is not None and step.sender != side(conversation, step, by):
        return False
    return rule.about is None or fits(rule.about, conversation.root(step))


def _deadline(
    conversation: Conversation,
    rule: DeadlineRule,
    start: Step,
    terms: Terms,
    now: UnixMs,
) -> Deadline:
    owner = side(conversation, start, rule.owner)
    first = _run(conversation, rule, start, terms, owner)
    met = met_by(conversation, rule, start, owner)
    ended = ended_by(conversation, rule, start, owner)
    restarts = [
        step
        for step in following(conversation, rule.restarted, start, owner)
        if met is None or conversation.is_after(met, step)
    ]
    run = _restarted(first, conversation, restarts)
    pauses = _counted_pauses(conversation, run, now, restarts)
    due = _end(run, merged(pauses, now))
    moved = extended(conversation, rule, start, owner, due, run.calendar)
    if moved is not None:
        due = moved.until
    kept = first_following(conversation, rule.kept_open, start, owner)
    if kept is not None:
        due = None
        ended = ended or first_following(conversation, rule.kept_until, kept, owner)
    at = None if met is None else met_at(conversation, rule, start, met)
    if met is None or (ended is not None and conversation.is_after(met, ended)):
        at, met = None, None
    return Deadline(
        rule=rule,
        owner=owner,
        other=start.recipient if owner == start.sender else start.sender,
        started_by=start.id,
        starts_at=run.starts_at,
        restarted_by=restarts[-1].id if restarts else "",
        first_due=_end(first, ()),
        due=due,
        pauses=tuple(pauses),
        extension=moved,
        met_at=at,
        met_by="" if met is None else met.id,
        state=_state(rule, due, pauses, at, has_ended=ended is not None, now=now),
        is_calendar_assumed=run.calendar.is_assumed and _is_counted_in_days(rule),
    )


def _run(
    conversation: Conversation,
    rule: DeadlineRule,
    start: Step,
    terms: Terms,
    owner: str,
) -> _Run:
    calendar = terms.calendar(owner)
    named = rule.instruments & instruments_of(start)
    length = rule.length
    if rule.is_backwards:
        other = start.recipient if owner == start.sender else start.sender
        country = next(iter(texts_at(start.entry, "to/country")), other)
        length = min(terms.summons_days.get(country, length), length)
    return _Run(
        rule=rule,
        start=start,
        owner=owner,
        starts_at=_starts_at(conversation, rule, start, calendar),
        calendar=calendar,
        moves=bool(named & terms.moving),
        length=length,
    )


def _starts_at(
    conversation: Conversation,
    rule: DeadlineRule,
    start: Step,
    calendar: WorkingCalendar,
) -> UnixMs:
    for path in rule.moments:
        told = [
            moment
            for text in texts_at(start.entry, path)
            for moment in [moment_of(text, calendar, is_end=False)]
            if moment is not None
        ]
        if told:
            return min(told)
    if rule.start_at is StartAt.ISSUE:
        return start.sent_at
    received_at = conversation.received_at(start)
    if rule.start_at is StartAt.EXECUTING:
        for ack in conversation.replies(start):
            text = text_at(ack.entry, "payload/forwarded_to/on")
            passed_at = moment_of(text, calendar, is_end=False)
            if passed_at is not None and ack.sender == start.recipient:
                return max(received_at, passed_at)
    return received_at


def _restarted(
    first: _Run, conversation: Conversation, restarts: Sequence[Step]
) -> _Run:
    """Return the period as it runs since the last message that started it anew."""
    if not restarts:
        return first
    last = restarts[-1]
    # Who has to act begins anew when it has what it waited for, or has said something.
    at = last.sent_at if last.sender == first.owner else conversation.received_at(last)
    return _Run(
        rule=first.rule,
        start=first.start,
        owner=first.owner,
        starts_at=UnixMs(max(at, first.starts_at)),
        calendar=first.calendar,
        moves=first.moves,
        length=first.length,
    )


def _counted_pauses(
    conversation: Conversation, run: _Run, now: UnixMs, restarts: Sequence[Step]
) -> list[Pause]:
    """Return the pauses within the period: none that began once it was over."""
    counted: list[Pause] = []
    for pause in pauses_of(conversation, run.rule, run.start, run.owner):
        due = _end(run, merged(counted, now))
        if due is None or has_passed(due, pause.began_at):
            break
        if not restarts or pause.ended_at is None or pause.ended_at > run.starts_at:
            counted.append(pause)
    return counted


def _end(run: _Run, pauses: Sequence[tuple[UnixMs, UnixMs]]) -> UnixMs | None:
    rule = run.rule
    if rule.dates:
        given = _told(rule.dates, run.start, run.calendar)
        if not given:
            return None
        if rule.is_backwards:
            return end_before(min(given), run.length, run.calendar, moves=run.moves)
        return min(given)
    if not rule.length:
        return None
    return end_of_period(
        run.starts_at,
        run.length,
        rule.unit,
        run.calendar,
        moves=run.moves,
        pauses=pauses,
    )


def _told(
    paths: Iterable[str], step: Step, calendar: WorkingCalendar | None = None
) -> list[UnixMs]:
    """Return the ends that a message gives; without a calendar, something for each."""
    texts = [text for path in paths for text in texts_at(step.entry, path)]
    if calendar is None:
        return [UnixMs(0) for _ in texts]
    moments = (moment_of(text, calendar) for text in texts)
    return [moment for moment in moments if moment is not None]


def _state(
    rule: DeadlineRule,
    due: UnixMs | None,
    pauses: Sequence[Pause],
    met: UnixMs | None,
    *,
    has_ended: bool,
    now: UnixMs,
) -> DeadlineState:
    state = DeadlineState.OPEN
    if met is not None:
        state = DeadlineState.MET
    elif has_ended:
        state = DeadlineState.ENDED
    elif any(pause.ended_at is None for pause in pauses):
        state = DeadlineState.SUSPENDED
    elif due is not None and has_passed(due, now):
        is_owed = rule.nature in {Nature.DUTY, Nature.TARGET}
        state = DeadlineState.OVERDUE if is_owed else DeadlineState.ENDED
    return state


def _is_counted_in_days(rule: DeadlineRule) -> bool:
    return rule.unit is not Unit.HOURS and bool(rule.length or rule.dates)
