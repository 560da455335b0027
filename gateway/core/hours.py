"""Hours of the day in which something is done, in UTC."""

import re

from gateway.core.errors import UsageError
from gateway.core.values import UnixMs

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
HOURS_PATTERN = rf"^(?:{_TIME}-{_TIME})?\Z"
"""`20:00-06:00`, or nothing for always."""

_HOURS = re.compile(rf"({_TIME})-({_TIME})\Z")
_DAY_MS = 86_400_000
_MINUTE_MS = 60_000


def wait_for_hours_ms(hours: str, now: UnixMs) -> int:
    """Return how long it is until the hours begin; 0 within them.

    Args:
        hours: As `HOURS_PATTERN`; an end before the start lies on the next day.
        now: The time.

    Raises:
        UsageError: Hours of another form.
    """
    if not hours:
        return 0
    match = _HOURS.match(hours)
    if match is None:
        raise UsageError("hours: expected like 20:00-06:00, in UTC")
    start, end = (_of_day_ms(text) for text in match.groups())
    of_day = now % _DAY_MS
    since_start = (of_day - start) % _DAY_MS
    length = (end - start) % _DAY_MS or _DAY_MS
    return 0 if since_start < length else _DAY_MS - since_start


def _of_day_ms(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return (60 * int(hours) + int(minutes)) * _MINUTE_MS
