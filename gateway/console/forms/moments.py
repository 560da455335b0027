"""Moments as people enter them: a local time, and the time zone it is meant in."""

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from gateway.mla.fields import Spelling
from gateway.mla.spellings import LOCAL_MOMENT, MOMENT

MOMENTS: Final = (MOMENT, LOCAL_MOMENT)
"""The spellings that are entered in two fields."""

_LOCAL: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d{1,9})?\Z", re.ASCII
)
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?\Z", re.ASCII)
_WHOLE: Final = re.compile(r"(.+?)(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_PLAIN_WORDS: Final = frozenset({"", "Z", "UTC", "GMT"})


def moment_text(local: str, zone: str, kind: Spelling) -> str:
    """Return a moment as a document has it.

    Args:
        local: Like `2026-11-21T23:05`.
        zone: A name like `Europe/Oslo`, an offset like `+02:00`, or `UTC`.
        kind: MOMENT for one told in UTC; else the offset is kept.

    Returns:
        The moment. What can't be read as one is returned joined, as it was entered, so
        that the check of the form tells its author.
    """
    local, zone = local.strip(), zone.strip()
    if not local:
        return ""
    found = _LOCAL.match(local)
    offset = _offset_at(local, zone) if found else None
    if found is None or offset is None:
        return f"{local} {zone}".strip()
    fraction = found[3] or ""
    second = found[2] or ":00"
    if kind is not MOMENT:
        return f"{found[1]}{second}{fraction}{_spelt(offset, zone)}"
    try:
        utc = datetime.fromisoformat(found[1] + second) - offset
    except (ValueError, OverflowError):
        return f"{local} {zone}".strip()
    return f"{utc.isoformat()}{fraction}Z"


def moment_parts(text: str) -> tuple[str, str]:
    """Return local time and offset of a moment; the text alone if it is none."""
    found = _WHOLE.match(text)
    if not found or not _LOCAL.match(found[1]):
        return text, ""
    return found[1], "UTC" if found[2] == "Z" else found[2]


@cache
def zone_names() -> tuple[str, ...]:
    """Return names of time zones to pick from, and offsets are taken as well."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe")
    further = (*regions, "Indian", "Pacific")
    known = (one for one in available_timezones() if one.partition("/")[0] in further)
    return ("UTC", *sorted(known))


def _offset_at(local: str, zone: str) -> timedelta | None:
    """Return how far a zone is ahead of UTC at a local time; None if it is none."""
    if zone.upper() in _PLAIN_WORDS:
        return timedelta()
    found = _OFFSET.match(zone)
    if found:
        size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return size if found[1] == "+" else -size
    if zone not in zone_names():
        return None
    try:
        moment = datetime.fromisoformat(local[:16]).replace(tzinfo=ZoneInfo(zone))
        return moment.utcoffset()
    except (ValueError, OverflowError):
        return None


def _spelt(offset: timedelta, zone: str) -> str:
    if not offset and zone.upper() in _PLAIN_WORDS:
        return "Z"
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
