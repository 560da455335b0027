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


def spelled(words: str, expression: str, max_chars: int, *, words_fr: str) -> Spelling:
    """Return text that an expression describes as a whole.

    Args:
        words: What is expected, in English.
        expression: Of the kind that Python and JSON Schema read alike.
        max_chars: Longest text accepted.
        words_fr: What is expected, in French.
    """
    pattern = _whole(expression)
    return Spelling(words, _pattern(expression), max_chars, pattern, words_fr=words_fr)


_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
_LINE = _whole(r"(?![\s\S]*\n)\S([\s\S]*\S)?")
_IDS = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25}"

TEXT = Spelling(
    "one line of text", _is_line, MAX_TEXT_CHARS, _LINE, words_fr="une ligne de texte"
)
LONG_TEXT = Spelling(
    "text",
    lambda text: bool(text) and not text.isspace(),
    MAX_LONG_TEXT_CHARS,
    r"\S",
    words_fr="un texte",
)
REFERENCE = Spelling(
    "a reference on one line",
    _is_line,
    MAX_REFERENCE_CHARS,
    _LINE,
    words_fr="une référence sur une ligne",
)
ID = Spelling(
    "a lower-case UUID or a ULID",
    is_id,
    36,
    _whole(_IDS),
    words_fr="un UUID en minuscules ou un ULID",
)
DATE = Spelling(
    "a date like 2026-11-21",
    _is_date,
    10,
    _whole(_DAY),
    "date",
    words_fr="une date comme 2026-11-21",
)
PARTIAL_DATE = Spelling(
    "a date, or its year or month",
    _is_partial_date,
    10,
    _whole(rf"\d{{4}}(-(0[1-9]|1[0-2]))?|{_DAY}"),
    words_fr="une date, ou seulement l'année ou le mois",
)
MOMENT = Spelling(
    "date and time in UTC like 2026-11-21T23:05:09Z",
    _is_moment,
    30,
    _whole(f"{_DAY}T{_TIME}Z"),
    "date-time",
    words_fr="date et heure UTC comme 2026-11-21T23:05:09Z",
)
LOCAL_MOMENT = Spelling(
    "date and time with time zone like 2026-11-21T23:05:09+02:00",
    _is_local_moment,
    35,
    _whole(f"{_DAY}T{_TIME}{_OFFSET}"),
    "date-time",
    words_fr="date et heure avec fuseau comme 2026-11-21T23:05:09+02:00",
)
DURATION = spelled(
    "a period like P1Y6M",
    r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?",
    20,
    words_fr="une durée comme P1Y6M",
)
DECIMAL = spelled(
    "a number like 1500.00, as text",
    r"-?\d+(\.\d+)?",
    30,
    words_fr="un nombre comme 1500.00, en texte",
)
COUNTRY = spelled(
    "a country code of two capitals",
    r"[A-Z]{2}",
    2,
    words_fr="un code de pays de deux majuscules",
)
LANGUAGE = spelled(
    "a language code like en",
    r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*",
    35,
    words_fr="un code de langue comme fr",
)
CURRENCY = spelled(
    "a currency code of three capitals",
    r"[A-Z]{3}",
    3,
    words_fr="un code de devise de trois majuscules",
)
HEX = spelled(
    "lower-case hex digits",
    r"([0-9a-f]{2})+",
    128,
    words_fr="des chiffres hexadécimaux en minuscules",
)
TIME_ZONE = spelled(
    "a time zone like Europe/Oslo",
    r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*",
    64,
    words_fr="un fuseau horaire comme Europe/Paris",
)
MEDIA_TYPE = spelled(
    "a media type like text/csv",
    r"[a-z]+/[A-Za-z0-9][A-Za-z0-9.+_-]*",
    127,
    words_fr="un type de média comme text/csv",
)
POINTER = Spelling(
    "a JSON pointer",
    lambda text: not text or text.startswith("/"),
    MAX_TEXT_CHARS,
    r"^(/|$(?!\n))",
    words_fr="un pointeur JSON",
)
FLAG = Flag()
