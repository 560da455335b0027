"""Days as people write them, in the calendar of UTC."""

from datetime import UTC, date, datetime

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs


def parse_day(text: str, name: str) -> date:
    """Return a day written like 2026-11-28.

    Raises:
        UsageError: It is not one.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{name}: expected a day like 2026-11-28") from error
    if day.isoformat() != text:
        raise UsageError(f"{name}: expected a day like 2026-11-28")
    return day


def day_of(moment: UnixMs) -> date:
    """Return the day of a moment."""
    return datetime.fromtimestamp(moment / 1000, UTC).date()
