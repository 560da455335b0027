"""Counting a period: days not counted, days not worked, times that stand still.

The day of the event is not counted. A period in days ends with the last second of its
last day, where the authority is that has to act; one in hours runs without a pause.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar, days_from
from gateway.mla.deadlines.model import Pause, Unit

_HOUR_MS = 3_600_000


def end_of_period(
    starts_at: UnixMs,
    length: int,
    unit: Unit,
    calendar: WorkingCalendar,
    *,
    moves: bool = False,
    pauses: Sequence[tuple[UnixMs, UnixMs]] = (),
) -> UnixMs:
    """Return the last moment of a period.

    Args:
        starts_at: The event it runs from.
        length: How many units.
        unit: Calendar days, working days or hours.
        calendar: Of the authority that has to act.
        moves: Whether an end on a day that is not worked moves to the next that is.
        pauses: When the clock stood, in order, without overlap.

    Raises:
        UsageError: Beyond the years that can be counted.
    """
    if unit is Unit.HOURS:
        stood_ms = sum(end - begin for begin, end in pauses)
        return UnixMs(starts_at + length * _HOUR_MS + stood_ms)
    first = calendar.day_of(starts_at)
    stood = [(calendar.day_of(begin), calendar.day_of(end)) for begin, end in pauses]
    if unit is Unit.WORKING_DAYS:
        length += sum(_working_days(calendar, begin, end) for begin, end in stood)
        return calendar.end_of(calendar.after_working_days(first, length))
    length += sum((end - begin).days for begin, end in stood)
    last = days_from(first, length)
    return calendar.end_of(calendar.working_day_from(last) if moves else last)


def end_before(
    event_at: UnixMs, days: int, calendar: WorkingCalendar, *, moves: bool = False
) -> UnixMs:
    """Return the last moment that lies so many whole days before an event.

    Args:
        event_at: The event that is counted back from.
        days: How many calendar days.
        calendar: Of the authority that has to act.
        moves: Whether an end on a day that is not worked moves to the last before it.
    """
    last = days_from(calendar.day_of(event_at), -days)
    return calendar.end_of(calendar.working_day_until(last) if moves else last)


def days_later(end: UnixMs, days: int, calendar: WorkingCalendar) -> UnixMs:
    """Return the end of the day that lies so many calendar days after an end."""
    return calendar.end_of(days_from(calendar.day_of(end), days))


def merged(pauses: Sequence[Pause], now: UnixMs) -> list[tuple[UnixMs, UnixMs]]:
    """Return when the clock stood until now, in order and without overlap."""
    spans: list[tuple[UnixMs, UnixMs]] = []
    for pause in sorted(pauses, key=lambda one: one.began_at):
        ended_at = now if pause.ended_at is None else pause.ended_at
        begin, end = pause.began_at, UnixMs(max(ended_at, pause.began_at))
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], UnixMs(max(end, spans[-1][1])))
        else:
            spans.append((begin, end))
    return spans


def _working_days(calendar: WorkingCalendar, begin: date, end: date) -> int:
    """Return how many working days follow `begin`, up to and with `end`."""
    count = 0
    while begin < end:
        begin += timedelta(days=1)
        count += calendar.is_working(begin)
    return count
