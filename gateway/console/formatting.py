"""Moments, sizes, numbers and spans of time, as a reader's language writes them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from gateway.console.language import Speech
from gateway.core.errors import MalformedError
from gateway.core.values import UnixMs, parse_time

_KILO = 1_000
_SECOND_MS = 1_000
_SHORT_HASH = 12
_UNITS = ("B", "kB", "MB", "GB", "TB")
_UNITS_FR = ("o", "ko", "Mo", "Go", "To")
# The largest unit that there are at least two of, but weeks and months never.
_SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_SPANS_FR = {"d": "j", "h": "h", "min": "min", "s": "s"}


@dataclass(frozen=True, slots=True)
class Formatting:
    """Writes values in one language."""

    speech: Speech

    def moment(self, text: str) -> str:
        """Return a moment of the API, in UTC; a text that is none as it is."""
        when = _utc(text)
        if when is None:
            return text
        written = format_datetime(when, "d MMM y HH:mm:ss", locale=self.speech.locale)
        return f"{written} UTC"

    def day(self, text: str) -> str:
        """Return the day of a moment or a date of the API."""
        when = _utc(text)
        if when is None:
            return text
        return format_date(when, "d MMM y", locale=self.speech.locale)

    def number(self, value: float) -> str:
        """Return a number with its thousands apart."""
        return format_decimal(value, locale=self.speech.locale)

    def size(self, count: int) -> str:
        """Return a number of bytes in the unit that suits it."""
        amount, unit = float(count), 0
        while amount >= _KILO and unit < len(_UNITS) - 1:
            amount, unit = amount / _KILO, unit + 1
        names = _UNITS_FR if self.speech.language.value == "fr" else _UNITS
        shape = "#,##0" if unit == 0 else "#,##0.0"
        return f"{format_decimal(amount, shape, self.speech.locale)} {names[unit]}"

    def span(self, seconds: float) -> str:
        """Return how long something lasts, in one unit."""
        whole = round(seconds)
        length, unit = next(
            span for span in _SPANS if whole >= 2 * span[0] or span[0] == 1
        )
        name = _SPANS_FR[unit] if self.speech.language.value == "fr" else unit
        return f"{self.number(whole // length)} {name}"

    def since(self, text: str, now: UnixMs) -> str:
        """Return how long ago a moment was; empty if there is none."""
        when = _utc(text)
        if when is None:
            return ""
        return self.span(max(0.0, now / _SECOND_MS - when.timestamp()))


def short(text: str, length: int = _SHORT_HASH) -> str:
    """Return the beginning of an id or digest; the whole stands beside it."""
    return text if len(text) <= length + 2 else f"{text[:length]}…"


def _utc(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(parse_time(text) / _SECOND_MS, UTC)
    except MalformedError:
        pass
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
