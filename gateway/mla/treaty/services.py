"""The service profile of an authority, as this project understands it.

What a peer publishes is read leniently: an unknown code or an impossible day says
nothing. What the authority itself is about to publish is checked strictly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from gateway.core.identity import ProfileRecord
from gateway.mla.calendars import WorkingCalendar, is_zone
from gateway.mla.codelists import is_code

_HOURS = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d))-(?:([01]\d|2[0-3]):([0-5]\d))\Z")
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """What an authority says of its service.

    Attributes:
        record: As it stands in the card.
    """

    record: ProfileRecord = field(repr=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages it accepts, the preferred one first; empty for any."""
        return tuple(self.record.languages)

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels it takes things by, those that are known here."""
        return tuple(one for one in self.record.channels if is_code("CHANNEL", one))

    @property
    def max_evidence_bytes(self) -> int:
        """Bytes of evidence that it takes with one message; 0 for no limit."""
        return self.record.max_evidence_mib * _MIB

    def calendar(self) -> WorkingCalendar:
        """Return when it works; assumed to be UTC where its zone is not known here."""
        zone_is_known = is_zone(self.record.time_zone)
        return WorkingCalendar(
            zone=self.record.time_zone if zone_is_known else "UTC",
            weekend=frozenset(self.record.weekend),
            holidays=frozenset(_days(self.record.holidays)),
            is_assumed=not zone_is_known,
        )

    def is_competent(self, assist: str) -> bool:
        """Tell whether it may be competent for a kind of assistance, by its own word.

        An office that names no kinds is competent for all of them, and so is an
        authority that names no offices.
        """
        units = self.record.units
        return not units or any(not one.assist or assist in one.assist for one in units)


def profile_of(record: ProfileRecord | None) -> ServiceProfile | None:
    """Return a profile as it is understood; None if there is none."""
    return ServiceProfile(record) if record is not None else None


def profile_faults(record: ProfileRecord) -> Iterator[str]:
    """Yield what is wrong with a profile of our own: "place: found, expected"."""
    if not is_zone(record.time_zone):
        yield f"time_zone: {record.time_zone!r}, expected a name like Europe/Vilnius"
    if record.office_hours and not _are_hours(record.office_hours):
        yield "office_hours: expected like 09:00-17:00, the end after the beginning"
    days = [("updated", record.updated), *(("holidays", d) for d in record.holidays)]
    for place, day in days:
        if _day(day) is None:
            yield f"{place}: {day}, expected a day like 2026-12-25"
    if len(set(record.weekend)) != len(record.weekend):
        yield "weekend: a day stands there twice"
    yield from _unknown("channels", "CHANNEL", record.channels)
    yield from _faults_of_contacts(record)


def _faults_of_contacts(record: ProfileRecord) -> Iterator[str]:
    for number, unit in enumerate(record.units):
        yield from _unknown(f"unit[{number}].assist", "ASSIST", unit.assist)
        if unit.kind:
            yield from _unknown(f"unit[{number}].kind", "AUTHORITY_TYPE", [unit.kind])
    contact = record.emergency
    if contact is not None and not (contact.phone or contact.email):
        yield "emergency: expected a phone number or an e-mail address"


def _unknown(place: str, list_name: str, codes: list[str]) -> Iterator[str]:
    for code in codes:
        if not is_code(list_name, code):
            yield f"{place}: {code!r}, expected codes of list {list_name}"


def _are_hours(text: str) -> bool:
    start, _, end = text.partition("-")
    return bool(_HOURS.match(text)) and start < end


def _days(texts: list[str]) -> Iterator[date]:
    for text in texts:
        day = _day(text)
        if day is not None:
            yield day


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
