"""The roster file: who is on call, in the order in which they are asked.

[[person]]
name = "saar"                  # the account with which they claim alarms
contact = "+372 5555 0001"     # handed to the notify program
hours = "08:00-20:00"          # by the clock of their zone; left out: always
days = ["mon", "tue", "wed", "thu", "fri"]
zone = "Europe/Tallinn"
absent = ["2026-12-21/2026-12-31"]
substitute = "kask"            # who stands in then
"""

import re
import tomllib
from datetime import date
from pathlib import Path

import msgspec

from gateway.core.canonical import Wire, convert
from gateway.core.errors import ConfigError, MalformedError, UsageError
from gateway.core.limits import KIB
from gateway.mla.calendars import working_calendar
from gateway.mla.roster import DAY_NAMES, Hours, OnCall, Roster, day_numbers

MAX_ROSTER_BYTES = 64 * KIB

_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)\Z", re.ASCII)


class _Person(Wire, frozen=True, kw_only=True):
    name: str
    contact: str = ""
    hours: str = ""
    days: list[str] | msgspec.UnsetType = msgspec.UNSET
    zone: str = "UTC"
    absent: list[str] | msgspec.UnsetType = msgspec.UNSET
    substitute: str = ""


class _RosterFile(Wire, frozen=True, kw_only=True):
    person: list[_Person] | msgspec.UnsetType = msgspec.UNSET


def read_roster(file: Path) -> Roster:
    """Return the roster of a file; an empty one if there is no such file.

    Raises:
        ConfigError: It can't be read, or is no roster.
    """
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_ROSTER_BYTES + 1)
    except FileNotFoundError:
        return Roster()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    if len(raw) > MAX_ROSTER_BYTES:
        raise ConfigError(f"{file}: over {MAX_ROSTER_BYTES} bytes")
    try:
        found = convert(tomllib.loads(raw.decode()), _RosterFile)
        persons = [] if found.person is msgspec.UNSET else found.person
        return Roster(tuple(map(_person, persons)))
    except (ValueError, MalformedError, UsageError) as error:
        raise ConfigError(f"{file}: {error}") from error


def _person(told: _Person) -> OnCall:
    if not told.name:
        raise UsageError("person: without a name")
    return OnCall(
        name=told.name,
        contact=told.contact,
        hours=Hours.parse(told.hours) if told.hours else None,
        days=day_numbers(DAY_NAMES if told.days is msgspec.UNSET else told.days),
        calendar=working_calendar(told.zone),
        absences=() if told.absent is msgspec.UNSET else tuple(map(_span, told.absent)),
        substitute=told.substitute,
    )


def _span(text: str) -> tuple[date, date]:
    found = _SPAN.match(text)
    try:
        first, last = map(date.fromisoformat, found.groups() if found else ())
    except ValueError as error:
        raise UsageError(
            f"absent: {text[:40]!r}, expected like 2026-12-21/2026-12-31"
        ) from error
    if last < first:
        raise UsageError(f"absent: {text}, expected a first day before the last")
    return first, last
