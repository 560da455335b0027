"""Deadlines that an acknowledgement announces, compared with the rules.

The other side may count otherwise, for reasons we do not see: its holidays, a
reservation. So a difference is advice, never a reason to refuse the message.
"""

from collections.abc import Iterator, Sequence

from gateway.core.canonical import JsonObject
from gateway.core.errors import UsageError
from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar
from gateway.mla.deadlines.conversation import moment_of
from gateway.mla.deadlines.counting import end_of_period
from gateway.mla.deadlines.model import Deadline, DeadlineRule, Side, Terms, Unit
from gateway.mla.deadlines.rules import rule_called
from gateway.mla.problems import Problem, ProblemCode, select, text_at

_MINUTE_MS = 60_000


def check_announced(
    ack: JsonObject, computed: Sequence[Deadline], terms: Terms
) -> Iterator[Problem]:
    """Yield advice on each announced deadline that is not as the rules have it.

    Args:
        ack: The acknowledgement: its document, or what a case keeps of it.
        computed: The deadlines of the case.
        terms: What they were computed with.
    """
    answered = text_at(ack, "in_reply_to") or ""
    for pointer, told in select(ack, "payload/deadlines/*"):
        rule = rule_called(text_at(told, "rule") or "")
        due_text = text_at(told, "due")
        if rule is None or due_text is None:
            continue
        known = [
            one
            for one in computed
            if one.rule.id == rule.id and one.started_by == answered
        ]
        side = "from" if rule.owner is Side.REQUESTED else "to"
        owner = known[0].owner if known else text_at(ack, f"{side}/authority_id") or ""
        calendar = terms.calendar(owner)
        due = moment_of(due_text, calendar)
        starts_at = moment_of(text_at(told, "starts"), calendar, is_end=False)
        expected = _expected(rule, known, starts_at, calendar, terms)
        if due is None or expected is None or _agree(rule, due, expected, calendar):
            continue
        yield Problem(
            f"{pointer}/due",
            ProblemCode.SCHEMA,
            f"due: found another day than rule {rule.id} gives, "
            f"expected {calendar.day_of(expected)}",
            blocking=False,
        )


def _expected(
    rule: DeadlineRule,
    known: Sequence[Deadline],
    starts_at: UnixMs | None,
    calendar: WorkingCalendar,
    terms: Terms,
) -> UnixMs | None:
    if known:
        return known[0].first_due
    if starts_at is None or not rule.length or rule.is_backwards:
        return None
    moves = bool(rule.instruments & terms.moving)
    try:
        return end_of_period(starts_at, rule.length, rule.unit, calendar, moves=moves)
    except UsageError:
        return None


def _agree(
    rule: DeadlineRule, told: UnixMs, expected: UnixMs, calendar: WorkingCalendar
) -> bool:
    """Tell whether two ends are the same: to the minute in hours, else to the day.

    Many write the end of a day in UTC, wherever they are.
    """
    if rule.unit is Unit.HOURS:
        return abs(told - expected) < _MINUTE_MS
    utc = WorkingCalendar()
    day = calendar.day_of(expected)
    return day in {calendar.day_of(told), utc.day_of(told)}
