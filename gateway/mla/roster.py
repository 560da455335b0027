"""Who is on call: persons in the order in which they are asked, their hours, absences.

A person who is away is stood in for by the substitute named for them, if there is one.
If nobody is on duty by the hours, everybody is asked: an emergency at night is better
taken by somebody who sleeps than by nobody.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar

MAX_PERSONS = 100

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)\Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day; an end at or before the start lies on the next day."""

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Return the hours that a text like `08:00-20:00` tells.

        Raises:
            UsageError: Another form.
        """
        found = _HOURS.match(text)
        if found is None:
            raise UsageError(f"hours: {text[:20]!r}, expected like 08:00-20:00")
        numbers = [int(part) for part in found.groups()]
        return cls(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))

    def holds(self, at: time) -> bool:
        """Tell whether a time of the day lies within."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """A person on the roster.

    Attributes:
        name: Of the account with which they claim alarms.
        contact: Handed to the notify program: a number, an address.
        hours: When they are asked; None for always.
        days: Days of the week on which they are, Monday being 0; the day on which the
            hours begin counts.
        calendar: Whose clock that is.
        absences: First and last days on which they are away.
        substitute: Name of the person on the roster who then stands in.
    """

    name: str
    contact: str = ""
    hours: Hours | None = None
    days: frozenset[int] = frozenset(range(7))
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    absences: Sequence[tuple[date, date]] = ()
    substitute: str = ""

    def is_away(self, now: UnixMs) -> bool:
        """Tell whether they are away on that day."""
        today = self.calendar.day_of(now)
        return any(first <= today <= last for first, last in self.absences)

    def is_on_duty(self, now: UnixMs) -> bool:
        """Tell whether they are asked at that time, if they are not away."""
        today = self.calendar.day_of(now)
        since_ms = now - self.calendar.start_of(today)
        at = (_EPOCH + timedelta(milliseconds=since_ms)).time()
        if self.hours is None:
            return today.weekday() in self.days
        if not self.hours.holds(at):
            return False
        # After midnight of hours that began on the evening before.
        began = today - timedelta(days=self.hours.start > at)
        return began.weekday() in self.days


@dataclass(frozen=True, slots=True)
class Roster:
    """All persons on call, in the order in which they are asked.

    Raises:
        UsageError: Too many, a name twice, or a substitute who is not on the roster.
    """

    persons: tuple[OnCall, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nobody could be asked by."""
        names = [person.name for person in self.persons]
        if len(names) > MAX_PERSONS:
            raise UsageError(f"roster: {len(names)} persons, expected {MAX_PERSONS}")
        if len(names) != len(set(names)):
            raise UsageError("roster: a name stands there twice")
        for person in self.persons:
            if person.substitute and person.substitute not in names:
                raise UsageError(
                    f"roster: {person.substitute} stands in for {person.name} and is "
                    "not on the roster"
                )

    def person(self, name: str) -> OnCall | None:
        """Return the person of a name."""
        return next((one for one in self.persons if one.name == name), None)

    def ladder(self, now: UnixMs) -> list[OnCall]:
        """Return whom to ask now, one after another; everybody if nobody is on duty."""
        found: list[OnCall] = []
        for person in self.persons:
            if person.is_on_duty(now):
                asked = self._present(person, now)
                if asked is not None and asked not in found:
                    found.append(asked)
        return found or list(self.persons)

    def next_to_ask(self, asked: int, now: UnixMs) -> OnCall | None:
        """Return whom to ask after so many were asked; None of an empty roster.

        After the last it begins with the first again.
        """
        ladder = self.ladder(now)
        return ladder[asked % len(ladder)] if ladder else None

    def _present(self, person: OnCall, now: UnixMs) -> OnCall | None:
        """Return the person, or who stands in, or for them; None if all are away."""
        seen: set[str] = set()
        one: OnCall | None = person
        while one is not None and one.is_away(now):
            if one.name in seen:
                return None
            seen.add(one.name)
            one = self.person(one.substitute) if one.substitute else None
        return one


def day_numbers(names: Sequence[str]) -> frozenset[int]:
    """Return the numbers of days called `mon` to `sun`.

    Raises:
        UsageError: Another name, or none at all.
    """
    unknown = [name for name in names if name not in DAY_NAMES]
    if unknown or not names:
        raise UsageError(f"days: expected some of {', '.join(DAY_NAMES)}")
    return frozenset(DAY_NAMES.index(name) for name in names)
