"""Canonical JSON: the one spelling of everything hashed, logged or sent.

RFC 8785 under a narrow profile (specification, section 1): ASCII keys in order, no
floats, no null, integers below 2^53, no control characters, depth at most 16. The
reader refuses whatever is not byte for byte what the writer would have written, so
what was hashed is what is read.
"""

import re
from functools import cache
from typing import TypeAlias, TypeVar

import msgspec

from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import JSON_INTEGER_BOUND, MAX_JSON_DEPTH

JsonValue: TypeAlias = "str | int | bool | list[JsonValue] | dict[str, JsonValue]"
JsonObject: TypeAlias = dict[str, JsonValue]

_T = TypeVar("_T")

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()

# General category Cc is closed for ever: C0, DEL and C1 (Unicode stability policy).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINE_FEED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_OPENERS = frozenset(b"[{")
_CLOSERS = frozenset(b"]}")
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every object on the wire: no unknown fields, no changes.

    Subclasses repeat `frozen=True, kw_only=True`: the type checker reads them there.
    """


def encode(value: object) -> bytes:
    """Return the canonical bytes of `value`.

    Raises:
        MalformedError: A value lies outside the profile.
    """
    try:
        plain = msgspec.to_builtins(value)
        _check(plain, _CONTROL_BUT_LINE_FEED)
        return _encoder.encode(plain)
    except (TypeError, UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise MalformedError("canonical JSON: a value has no canonical form") from error


def decode(raw: bytes, *, max_bytes: int, line_feeds: bool = False) -> JsonValue:
    """Return the value whose canonical form is exactly `raw`.

    Args:
        raw: The bytes as received.
        max_bytes: Limit, checked before anything else.
        line_feeds: Whether strings may hold line feeds.

    Raises:
        TooLargeError: `raw` is longer than `max_bytes`.
        MalformedError: `raw` is not canonical JSON of the profile.
    """
    if len(raw) > max_bytes:
        raise TooLargeError(f"JSON: {len(raw)} bytes, at most {max_bytes}")
    _check_depth(raw)
    try:
        value = _decoder.decode(raw)
        _check(value, _CONTROL_BUT_LINE_FEED if line_feeds else _CONTROL)
        again = _encoder.encode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError) as error:
        raise MalformedError("JSON: cannot be read") from error
    if again != raw:
        raise MalformedError("JSON: not in canonical form")
    return value  # type: ignore[no-any-return]  # the walk has checked every value


def decode_as(
    raw: bytes,
    shape: type[_T],
    *,
    max_bytes: int,
    line_feeds: bool = False,
) -> _T:
    """Return `raw` as a value of `shape`, refusing unknown and missing fields.

    Raises:
        TooLargeError: `raw` is longer than `max_bytes`.
        MalformedError: Not canonical, or not of that shape.
    """
    return convert(decode(raw, max_bytes=max_bytes, line_feeds=line_feeds), shape)


def convert(value: object, shape: type[_T]) -> _T:
    """Return an already decoded value as one of `shape`.

    Raises:
        MalformedError: A field is unknown, missing or of another type.
    """
    try:
        return msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as error:
        raise MalformedError(f"JSON: {error}") from error


def parse_object(raw: bytes, *, max_bytes: int) -> JsonObject:
    """Return a JSON object written by a person: any spelling, same limits.

    Unlike `decode` this takes any layout and key order, for forms that come from
    people's files and systems. Repeated keys, floats, null and control characters
    are refused all the same.

    Raises:
        TooLargeError: `raw` is longer than `max_bytes`.
        MalformedError: Not one JSON object of the profile.
    """
    if len(raw) > max_bytes:
        raise TooLargeError(f"JSON: {len(raw)} bytes, at most {max_bytes}")
    _check_depth(raw)
    try:
        value = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedError(f"JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedError("JSON: expected an object")
    _check(value, _CONTROL_BUT_LINE_FEED)
    if _count_keys(value) != _count_key_tokens(raw):
        raise MalformedError("JSON: a key is repeated in an object")
    return value


@cache
def _key_pattern() -> re.Pattern[bytes]:
    return re.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?', re.DOTALL)


def _count_key_tokens(raw: bytes) -> int:
    return sum(1 for match in _key_pattern().finditer(raw) if match[1])


def _count_keys(value: object) -> int:
    if type(value) is dict:
        return len(value) + sum(map(_count_keys, value.values()))
    if type(value) is list:
        return sum(map(_count_keys, value))
    return 0


def _check_depth(raw: bytes) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(raw):
        first = raw[match.start()]
        if first in _OPENERS:
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise MalformedError(f"JSON: nested deeper than {MAX_JSON_DEPTH}")
        elif first in _CLOSERS:
            depth -= 1


def _check(value: object, forbidden: re.Pattern[str]) -> None:
    """Refuse what the profile leaves out."""
    match value:
        case str():
            _check_string(value, forbidden)
        case bool():
            pass
        case int():
            _check_integer(value)
        case dict():
            _check_object(value, forbidden)
        case list():
            for item in value:
                _check(item, forbidden)
        case _:
            raise MalformedError("JSON: null and fractions are not allowed")


def _check_string(value: str, forbidden: re.Pattern[str]) -> None:
    if forbidden.search(value):
        raise MalformedError("JSON: a string holds a control character")


def _check_integer(value: int) -> None:
    if not -JSON_INTEGER_BOUND < value < JSON_INTEGER_BOUND:
        raise MalformedError("JSON: an integer is 2^53 or beyond")


def _check_object(value: dict[object, object], forbidden: re.Pattern[str]) -> None:
    for key, item in value.items():
        if not isinstance(key, str) or not key.isascii() or forbidden.search(key):
            raise MalformedError("JSON: a key is not plain ASCII")
        _check(item, forbidden)
