"""The calendar of an authority: its time zone, its weekend, its holidays.

Which day a moment falls on, which days are worked, when a day ends. Holidays come from
the service profile of the authority that has to act; nothing here knows a country.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs

SATURDAY, SUNDAY = 5, 6
USUAL_WEEKEND = frozenset({SATURDAY, SUNDAY})
"""Days of the week that are not worked, Monday being 0."""

MAX_HOLIDAYS = 2_000
"""Holidays of one calendar: some thirty a year for decades ahead."""

_ONE_DAY = timedelta(days=1)
_ONE_MS = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = time(23, 59, 59)
_WEEK = frozenset(range(7))
# A day further off is a slip of somebody's pen, and the library's years end soon after.
_LAST_YEAR = 9_990


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"time zone: {name[:64]!r}, expected a name like Europe/Oslo"
        ) from error


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an authority works.

    Attributes:
        zone: Its time zone, as in the IANA database, such as `Europe/Vilnius`.
        weekend: Days of the week that are not worked; Monday is 0.
        holidays: Other days that are not worked.
        is_assumed: Whether nobody has said so: UTC, Saturday and Sunday, no holidays.

    Raises:
        UsageError: An unknown zone, a week without a working day, too many holidays.
    """

    zone: str = "UTC"
    weekend: frozenset[int] = USUAL_WEEKEND
    holidays: frozenset[date] = frozenset()
    is_assumed: bool = False

    def __post_init__(self) -> None:
        """Refuse what no day could be counted with."""
        _zone(self.zone)
        if not self.weekend < _WEEK:
            raise UsageError(
                "weekend: expected days from 0 (Monday) to 6 (Sunday), not all of them"
            )
        if len(self.holidays) > MAX_HOLIDAYS:
            raise UsageError(
                f"holidays: {len(self.holidays)}, expected {MAX_HOLIDAYS} at most"
            )

    def day_of(self, moment: UnixMs) -> date:
        """Return the day on which a moment falls, there.

        Raises:
            UsageError: Beyond the years that can be counted.
        """
        try:
            at = (_EPOCH + moment * _ONE_MS).astimezone(_zone(self.zone))
        except OverflowError as error:
            raise UsageError(f"moment: {moment} ms, expected a year to 9999") from error
        return at.date()

    def end_of(self, day: date) -> UnixMs:
        """Return the last second of a day, there: 23:59:59 on the clock."""
        return self.moment_of(day, _LAST_SECOND)

    def start_of(self, day: date) -> UnixMs:
        """Return the moment at which a day begins, there."""
        return self.moment_of(day, time())

    def moment_of(self, day: date, at: time) -> UnixMs:
        """Return the moment at which the clock there shows a time on a day.

        Of a time that the clock shows twice (summer time ends) it is the first; of one
        that it leaves out, as much later as the clock leaves out.
        """
        there = datetime.combine(day, at, tzinfo=_zone(self.zone))
        return UnixMs((there - _EPOCH) // _ONE_MS)

    def is_working(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def working_day_from(self, day: date) -> date:
        """Return the day itself if it is worked, else the next that is."""
        while not self.is_working(_counted(day)):
            day += _ONE_DAY
        return day

    def working_day_until(self, day: date) -> date:
        """Return the day itself if it is worked, else the last before it that is."""
        while not self.is_working(_counted(day)):
            day -= _ONE_DAY
        return day

    def after_working_days(self, day: date, count: int) -> date:
        """Return the `count`th working day after a day, which is not counted itself."""
        for _ in range(count):
            day = self.working_day_from(_counted(day) + _ONE_DAY)
        return day


ASSUMED = WorkingCalendar(is_assumed=True)
"""Stands in for the calendar of an authority that has published none."""


def working_calendar(
    zone: str, *, weekend: Iterable[int] = USUAL_WEEKEND, holidays: Iterable[str] = ()
) -> WorkingCalendar:
    """Return the calendar that texts describe.

    Args:
        zone: Name of a time zone.
        weekend: Days of the week, Monday being 0.
        holidays: Days like `2026-12-25`.

    Raises:
        UsageError: A holiday that is no day; or as `WorkingCalendar`.
    """
    days = set()
    for text in holidays:
        try:
            days.add(date.fromisoformat(text))
        except ValueError as error:
            raise UsageError(
                f"holidays: {text[:20]!r}, expected a day like 2026-12-25"
            ) from error
    return WorkingCalendar(zone, frozenset(weekend), frozenset(days))


def days_from(day: date, count: int) -> date:
    """Return the day that lies so many calendar days after a day, or before it.

    Raises:
        UsageError: Beyond the years that can be counted.
    """
    try:
        return _counted(day + timedelta(days=count))
    except OverflowError as error:
        raise UsageError(f"day: {day}, expected a year to {_LAST_YEAR}") from error


def is_zone(name: str) -> bool:
    """Tell whether a time zone of this name is known."""
    try:
        _zone(name)
    except UsageError:
        return False
    return True


def _counted(day: date) -> date:
    """Return a day if it can be counted from.

    Raises:
        UsageError: Beyond the years that can be counted.
    """
    if not 1 < day.year <= _LAST_YEAR:
        raise UsageError(f"day: {day}, expected a year to {_LAST_YEAR}")
    return day
