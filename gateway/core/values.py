"""The small values everything else is made of: names, ids, moments.

Each is parsed once, strictly, at the door; nothing is trimmed or lower-cased
(specification, sections 1 and 2).
"""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, NewType

import msgspec

from gateway.core.errors import MalformedError
from gateway.core.limits import MAX_NAME_BYTES
from gateway.core.randomness import random_bytes

AuthorityId = NewType("AuthorityId", str)
"""DNS-style lower-case name of a central authority, 3 to 64 characters."""

MessageId = NewType("MessageId", str)
"""UUIDv7 text of a message; the same on both sides."""

UnixMs = NewType("UnixMs", int)
"""A moment: milliseconds since 1970-01-01 UTC."""

HexDigest = NewType("HexDigest", str)
"""A SHA-256 digest as 64 bare lower-case hex digits."""

Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")]
"""ISO 3166-1 alpha-2 code of an authority's state."""

Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")]
"""A language tag (RFC 5646) such as `et` or `sr-Latn`."""

DisplayName = Annotated[
    str,
    msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]{1,200}\Z"),
]
"""A name for people: no control characters, none that turn the text around."""

NEVER = UnixMs(0)
"""Stands for a moment that has not come: no message is from 1970."""


class Stage(StrEnum):
    """What a node is for; the two never exchange messages."""

    PRODUCTION = "production"
    TEST = "test"


class Priority(StrEnum):
    """How a carrier orders messages; the only word on urgency it can see."""

    ROUTINE = "routine"
    URGENT = "urgent"


_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_AUTHORITY_ID = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\Z")
_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z",
)
_UUID7 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z",
)
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_TIME_SAMPLE = "a time like 2026-11-21T23:05:09.123Z"
_TIMES_KEPT = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_MS = timedelta(milliseconds=1)

# Separators of paths and streams; control, line and direction characters. Listed and
# not taken from the Unicode tables, which change.
_UNSAFE_IN_NAME = re.compile(
    r"[/\\:\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]",
)
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])"
    r" *(?:\.|\Z)",
    re.IGNORECASE,
)
_AUTHORITY_ID_LENGTHS = range(3, 65)
_NODE_URL = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?\Z",
)
_SERVICE_URL = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?:/[!$&-;=?-Z_a-z~%]{0,1024})?\Z",
)
_MAX_PORT = 65_535


def parse_authority_id(text: str) -> AuthorityId:
    """Return `text` as an authority id.

    Raises:
        MalformedError: Not a lower-case DNS-style name of 3 to 64 characters.
    """
    if len(text) not in _AUTHORITY_ID_LENGTHS or not _AUTHORITY_ID.match(text):
        raise MalformedError(
            f"authority id: {text[:80]!r}, expected a name like 'moj.ee'",
        )
    return AuthorityId(text)


def parse_message_id(text: str) -> MessageId:
    """Return `text` as a message id.

    Raises:
        MalformedError: Not the lower-case text of a UUIDv7.
    """
    if not _UUID7.match(text):
        raise MalformedError(f"message id: {text[:80]!r}, expected a UUIDv7")
    return MessageId(text)


def is_uuid(text: str) -> bool:
    """Tell whether `text` is a lower-case UUID of any version."""
    return _UUID.match(text) is not None


def parse_digest(text: str) -> HexDigest:
    """Return `text` as a digest.

    Raises:
        MalformedError: Not 64 lower-case hex digits.
    """
    if not _HEX_DIGEST.match(text):
        raise MalformedError(f"digest: {text[:80]!r}, expected 64 hex digits")
    return HexDigest(text)


def parse_node_url(text: str) -> str:
    """Return the URL at which a node answers its peers.

    Raises:
        MalformedError: Not `https://host` or `https://host:port` and nothing else: a
            path, a user or a query would be a second way to name a node.
    """
    match = _NODE_URL.match(text)
    if match is None or int(match["port"] or 443) > _MAX_PORT:
        raise MalformedError(
            f"url: {text[:80]!r}, expected like https://gw.moj.ee:8443"
        )
    return text


def parse_service_url(text: str) -> str:
    """Return the URL of a service that is no peer.

    Raises:
        MalformedError: Not `http://` or `https://`, a host, and perhaps a port and a
            path: a user or a fragment has no meaning here.
    """
    match = _SERVICE_URL.match(text)
    if match is None or int(match["port"] or 443) > _MAX_PORT:
        raise MalformedError(
            f"url: {text[:80]!r}, expected like https://tsa.example.org/tsr"
        )
    return text


def new_uuid7(now: UnixMs) -> MessageId:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7) that sorts by `now`."""
    value = (now & (2**48 - 1)) << 80
    value |= int.from_bytes(random_bytes(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return MessageId(
        "-".join(
            (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]),
        ),
    )


# The entries of a transaction share their time.
@lru_cache(maxsize=_TIMES_KEPT)
def format_time(moment: UnixMs) -> str:
    """Return the 24-character UTC text of a moment.

    Raises:
        MalformedError: Before the year 1 or after 9999.
    """
    try:
        return _spell_time(_EPOCH + timedelta(milliseconds=moment))
    except OverflowError as error:
        raise MalformedError(f"time: {moment} ms, expected a year to 9999") from error


@lru_cache(maxsize=_TIMES_KEPT)
def parse_time(text: str) -> UnixMs:
    """Return the moment that `text` spells.

    Raises:
        MalformedError: Not exactly `YYYY-MM-DDThh:mm:ss.mmmZ`, or no such moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedError(f"time: {text[:40]!r}, expected {_TIME_SAMPLE}") from error
    # The library reads many more spellings, and zones; there is only one here.
    if _spell_time(moment) != text:
        raise MalformedError(f"time: {text[:40]!r}, expected {_TIME_SAMPLE}")
    return UnixMs((moment - _EPOCH) // _ONE_MS)


def _spell_time(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def check_attachment_name(name: str) -> None:
    """Refuse a file name that could be harmful where somebody saves the file.

    Raises:
        MalformedError: Empty or over 255 bytes, a path, hidden, a device of some
            system, or with characters that do not show as what they are.
    """
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise MalformedError("attachment name: not Unicode text") from error
    if not 1 <= size <= MAX_NAME_BYTES:
        raise MalformedError(
            f"attachment name: {size} bytes, expected 1 to {MAX_NAME_BYTES}",
        )
    if _UNSAFE_IN_NAME.search(name):
        raise MalformedError("attachment name: a separator or invisible character")
    # Some systems drop dots and spaces at the end, so two names would be one file.
    if name[0] in ". " or name[-1] in ". " or ".." in name:
        raise MalformedError("attachment name: a dot or space in a place of its own")
    if _DEVICE.match(name):
        raise MalformedError("attachment name: the name of a device")
