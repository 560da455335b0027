"""The kinds of text that forms are made of: references, dates, moments, names."""

import re
from collections.abc import Callable
from datetime import date, datetime

from gateway.core.limits import (
    MAX_LONG_TEXT_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_TEXT_CHARS,
)
from gateway.core.values import is_uuid
from gateway.mla.fields import Flag, Spelling

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")
_PARTIAL_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?\Z", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII
)


def _pattern(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _is_line(text: str) -> bool:
    return bool(text) and "\n" not in text and text == text.strip()


def is_id(text: str) -> bool:
    """Tell whether `text` is the id of a message, case or item: a UUID or a ULID."""
    return is_uuid(text) or _ULID.match(text) is not None


def _is_partial_date(text: str) -> bool:
    if not _PARTIAL_DATE.match(text):
        return False
    # The missing month and day exist in every year, so the first of them stands in.
    return _exists(text + "-01-01"[len(text) - 4 :])


def _is_date(text: str) -> bool:
    return len(text) == len("YYYY-MM-DD") and _is_partial_date(text)


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _is_local_moment(text: str) -> bool:
    found = _MOMENT.match(text)
    if not found:
        return False
    try:
        datetime.fromisoformat(text[:19] + found[1])
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    return text.endswith("Z") and _is_local_moment(text)


def _whole(expression: str) -> str:
    """Return an expression that only a whole text matches, for JSON Schema.

    There, and in Python, "$" may stand before a last line feed or not, and digits be
    those of every script or not; written like this, both read it alike.
    """
    return f"^(?:{expression.replace(chr(92) + 'd', '[0-9]')})$(?!\\n)"


def _spelled(words: str, expression: str, max_chars: int) -> Spelling:
    return Spelling(words, _pattern(expression), max_chars, _whole(expression))


_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
_LINE = _whole(r"(?![\s\S]*\n)\S([\s\S]*\S)?")
_IDS = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}"

TEXT = Spelling("one line of text", _is_line, MAX_TEXT_CHARS, _LINE)
LONG_TEXT = Spelling(
    "text", lambda text: bool(text) and not text.isspace(), MAX_LONG_TEXT_CHARS, r"\S"
)
REFERENCE = Spelling("a reference on one line", _is_line, MAX_REFERENCE_CHARS, _LINE)
ID = Spelling("a lower-case UUID or a ULID", is_id, 36, _whole(_IDS))
DATE = Spelling("a date like 2026-11-21", _is_date, 10, _whole(_DAY), "date")
PARTIAL_DATE = Spelling(
    "a date, or its year or month",
    _is_partial_date,
    10,
    _whole(rf"\d{{4}}(-(0[1-9]|1[0-2]))?|{_DAY}"),
)
MOMENT = Spelling(
    "date and time in UTC like 2026-11-21T23:05:09Z",
    _is_moment,
    30,
    _whole(f"{_DAY}T{_TIME}Z"),
    "date-time",
)
LOCAL_MOMENT = Spelling(
    "date and time with time zone like 2026-11-21T23:05:09+02:00",
    _is_local_moment,
    35,
    _whole(f"{_DAY}T{_TIME}{_OFFSET}"),
    "date-time",
)
DURATION = _spelled("a period like P1Y6M", r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?", 20)
DECIMAL = _spelled("a number like 1500.00, as text", r"-?\d+(\.\d+)?", 30)
COUNTRY = _spelled("a country code of two capitals", r"[A-Z]{2}", 2)
LANGUAGE = _spelled("a language code like en", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", 35)
CURRENCY = _spelled("a currency code of three capitals", r"[A-Z]{3}", 3)
HEX = _spelled("lower-case hex digits", r"([0-9a-f]{2})+", 128)
TIME_ZONE = _spelled(
    "a time zone like Europe/Oslo", r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*", 64
)
MEDIA_TYPE = _spelled(
    "a media type like text/csv", r"[a-z]+/[A-Za-z0-9][A-Za-z0-9.+_-]*", 127
)
POINTER = Spelling(
    "a JSON pointer",
    lambda text: not text or text.startswith("/"),
    MAX_TEXT_CHARS,
    r"^(/|$(?!\n))",
)
FLAG = Flag()
