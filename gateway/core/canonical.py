"""Canonical JSON: the one spelling of everything hashed, logged or sent.

RFC 8785 under a narrow profile (specification, section 1): ASCII keys in order, no
floats, no null, integers below 2^53, no control characters, depth at most 16. The
reader refuses whatever is not byte for byte what the writer would have written, so
what was hashed is what is read.
"""

import base64
import binascii
import datetime as dt
import decimal
import json
import re
import uuid
from collections.abc import Iterable
from itertools import chain
from typing import TypeAlias, TypeVar

import msgspec

from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.limits import JSON_INTEGER_BOUND, MAX_JSON_DEPTH

JsonValue: TypeAlias = "str | int | bool | list[JsonValue] | dict[str, JsonValue]"
JsonObject: TypeAlias = dict[str, JsonValue]

_T = TypeVar("_T")

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()

# The encoder would write these as text of its own choosing: one more spelling.
_NOT_JSON = (
    bytes,
    bytearray,
    memoryview,
    dt.datetime,
    dt.date,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    uuid.UUID,
)

# Tuples are arrays that a declared object holds; a decoder never gives one.
_ARRAYS = frozenset({list, tuple})
_CONTAINERS = _ARRAYS | {dict}
_KINDS = _CONTAINERS | {str, int, bool}

# General category Cc is closed for ever (Unicode stability policy): C0, which canonical
# JSON escapes, DEL, and C1, which is this in UTF-8.
_C1 = re.compile(b"\xc2[\x80-\x9f]")

# Every shorter number is below 2^53.
_LONG_NUMBER = len(str(JSON_INTEGER_BOUND))
_SPACED = bytes.maketrans(b"[]{}:,", b"      ")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND_OF_BRACKETS = bytes.maketrans(b"{}", b"[]")


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
        if isinstance(value, Wire):  # of declared types, all the way down
            return encode_typed(value)
        plain = msgspec.to_builtins(value, builtin_types=_NOT_JSON)
        _check_values(plain)
        raw = _encoder.encode(plain)
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        raise MalformedError("canonical JSON: a value has no canonical form") from error
    _check_characters(raw, line_feeds=True)
    return raw


def encode_typed(value: object) -> bytes:
    """Return the canonical bytes of a value that holds nothing but JSON's own types.

    Quicker than `encode`, which looks at every type: bytes and times in it would be
    spelled in ways of the encoder's own.

    Raises:
        MalformedError: A value lies outside the profile.
    """
    try:
        raw = _encoder.encode(value)
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        raise MalformedError("canonical JSON: a value has no canonical form") from error
    _check_spelling(raw, line_feeds=True)
    return raw


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
    _check_size(raw, max_bytes)
    try:
        value: JsonValue = _decoder.decode(raw)
        again = _encoder.encode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedError("JSON: cannot be read") from error
    if again != raw:
        raise MalformedError("JSON: not in canonical form")
    _check_spelling(raw, line_feeds=line_feeds)
    return value


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
    _check_size(raw, max_bytes)
    try:
        value = _decoder_of(shape).decode(raw)
        again = _encoder.encode(value)
    except msgspec.ValidationError as error:
        raise MalformedError(f"JSON: {error}") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedError("JSON: cannot be read") from error
    if again != raw:
        raise MalformedError("JSON: not in canonical form")
    _check_spelling(raw, line_feeds=line_feeds)
    return value


# By shape: they are declared in the code, so there is a fixed number of them.
_decoders: dict[object, object] = {}


def _decoder_of(shape: type[_T]) -> "msgspec.json.Decoder[_T]":
    decoder = _decoders.get(shape)
    if not isinstance(decoder, msgspec.json.Decoder):
        decoder = _decoders[shape] = msgspec.json.Decoder(shape)
    return decoder


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
    _check_size(raw, max_bytes)
    value = _parsed_quickly(raw) or _parsed_slowly(raw)
    if not isinstance(value, dict):
        raise MalformedError("JSON: expected an object")
    return value


def _parsed_quickly(raw: bytes) -> object:
    """Return the value of `raw`, or None where anything about it is in doubt.

    The reader keeps the last of repeated keys. So there are fewer colons between the
    strings of what it read than between those of what was there.
    """
    try:
        value: object = _decoder.decode(raw)
        again = _encoder.encode(value)
        if _between_strings(raw).count(b":") != _between_strings(again).count(b":"):
            return None
        _check_spelling(again, line_feeds=True)
    except (MalformedError, ValueError, RecursionError, OverflowError):
        return None
    return value


def _between_strings(raw: bytes) -> bytes:
    """Return what stands between the strings of well-formed JSON, in any spelling."""
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in raw else raw
    return b"".join(unescaped.split(b'"')[::2])


def _parsed_slowly(raw: bytes) -> object:
    """Return the value of `raw`, or say what is wrong with it.

    Raises:
        MalformedError: Not JSON of the profile.
    """
    try:
        # The standard library's reader, because it alone shows repeated keys.
        value: object = json.loads(
            raw.decode(),
            object_pairs_hook=_distinct,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
        _check_values(value)
        _check_characters(_encoder.encode(value), line_feeds=True)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"JSON: {error}") from error
    return value


def parse_base64(text: str) -> bytes:
    """Return the bytes that `text` spells: standard alphabet, padded, one spelling.

    Raises:
        MalformedError: Anything but what an encoder would have written.
    """
    try:
        raw = base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("base64: cannot be read") from error
    # The decoder skips foreign characters and ignores the unused last bits.
    if base64.b64encode(raw).decode() != text:
        raise MalformedError("base64: not in its one spelling")
    return raw


def encode_base64_list(items: Iterable[bytes]) -> bytes:
    """Return the canonical array of base64 strings."""
    texts = b'","'.join(map(base64.b64encode, items))
    return b'["' + texts + b'"]' if texts else b"[]"


def decode_base64_list(raw: bytes) -> list[bytes]:
    """Return the items of a canonical array of non-empty base64 strings.

    Quicker than the general reader, and as strict: what it would write is compared.

    Raises:
        MalformedError: Anything else.
    """
    texts = raw[2:-2].split(b'","') if len(raw) > len("[]") else []
    try:
        items = list(map(base64.b64decode, texts))
    except binascii.Error as error:
        raise MalformedError("JSON: not base64 in an array") from error
    if encode_base64_list(items) != raw:
        raise MalformedError("JSON: not an array of base64 in canonical form")
    return items


def _check_size(raw: bytes, max_bytes: int) -> None:
    if len(raw) > max_bytes:
        raise TooLargeError(f"JSON: {len(raw)} bytes, at most {max_bytes}")


def _distinct(members: list[tuple[str, object]]) -> dict[str, object]:
    """Return the members of an object, none of which may be repeated."""
    distinct = dict(members)
    if len(distinct) != len(members):
        raise MalformedError("JSON: a key is repeated in an object")
    return distinct


def _refuse_number(_text: str) -> None:
    raise MalformedError("JSON: fractions and exponents are not allowed")


def _check_spelling(raw: bytes, *, line_feeds: bool) -> None:
    """Refuse what the profile leaves out, by the bytes of canonical JSON alone.

    What stands between the strings shows every number, every null and the nesting.
    Searching bytes is far cheaper than looking at value after value.
    """
    unescaped = _check_characters(raw, line_feeds=line_feeds)
    pieces = unescaped.split(b'"')
    between = b"".join(pieces[::2])
    if _is_suspect(between):
        _check_values(_decoder.decode(raw))
        return
    _check_depth(between.translate(_ONE_KIND_OF_BRACKETS, _NOT_BRACKETS))
    if not unescaped.isascii() or b"\\" in unescaped:
        followed = zip(pieces[1::2], pieces[2::2], strict=True)
        keys = b"".join(text for text, then in followed if then[:1] == b":")
        if b"\\" in keys:  # of a line feed; nothing else is left of escapes
            raise MalformedError("JSON: a key is not plain ASCII")
        _check_keys(keys)


def _is_suspect(between: bytes) -> bool:
    """Tell whether there may be a null, a fraction, an exponent or a huge integer.

    The capital is that of a number that is none: not all readers refuse it.
    """
    exponents = between.count(b"e") - between.count(b"true") - between.count(b"false")
    return (
        b"n" in between
        or b"N" in between
        or b"." in between
        or exponents > 0
        or max(map(len, between.translate(_SPACED).split()), default=0) >= _LONG_NUMBER
    )


def _check_depth(brackets: bytes) -> None:
    """Refuse what is nested too deep, taking the innermost pairs off level by level."""
    for _ in range(MAX_JSON_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise MalformedError(f"JSON: nested deeper than {MAX_JSON_DEPTH}")


def _check_values(plain: object) -> None:
    """Refuse what the profile leaves out, level by level, without recursion."""
    level: list[object] = [plain]
    for _ in range(MAX_JSON_DEPTH):
        level = _children(level)
        if not level:
            return
    if any(type(item) in _CONTAINERS for item in level):
        raise MalformedError(f"JSON: nested deeper than {MAX_JSON_DEPTH}")
    _children(level)


def _children(level: list[object]) -> list[object]:
    """Check the values of one level of nesting and return those one level below."""
    kinds = set(map(type, level))
    if not kinds <= _KINDS:
        raise MalformedError("JSON: null, fractions and the like are not allowed")
    if int in kinds:
        _check_integers(item for item in level if type(item) is int)
    children: list[object] = []
    if dict in kinds:
        objects = [item for item in level if type(item) is dict]
        _check_keys("".join(chain.from_iterable(objects)).encode())
        children.extend(chain.from_iterable(map(dict.values, objects)))
    if not _ARRAYS.isdisjoint(kinds):
        children.extend(
            chain.from_iterable(i for i in level if isinstance(i, list | tuple))
        )
    return children


def _check_integers(values: Iterable[int]) -> None:
    if not all(-JSON_INTEGER_BOUND < value < JSON_INTEGER_BOUND for value in values):
        raise MalformedError("JSON: an integer is 2^53 or beyond")


def _check_keys(keys: bytes) -> None:
    if not (keys.isascii() and keys.decode().isprintable()):
        raise MalformedError("JSON: a key is not plain ASCII")


def _check_characters(raw: bytes, *, line_feeds: bool) -> bytes:
    """Refuse control characters in the strings of canonical JSON.

    Returns `raw` without escaped backslashes and quotation marks: of escapes, only
    those of line feeds are left.
    """
    unescaped = raw
    if b"\\" in raw:
        # Canonical JSON escapes the backslash, the quotation mark and C0 only. A run of
        # backslashes starts with an escape, so taking pairs from the left is exact.
        unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
        escapes = unescaped.count(b"\\")
        if escapes and not (line_feeds and unescaped.count(b"\\n") == escapes):
            raise MalformedError("JSON: a string holds a control character")
    if b"\x7f" in raw or (b"\xc2" in raw and _C1.search(raw)):
        raise MalformedError("JSON: a string holds a control character")
    return unescaped
