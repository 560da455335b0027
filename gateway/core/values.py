"""The small values everything else is made of: names, ids, moments.

Each is parsed once, strictly, at the door; nothing is trimmed or lower-cased
(specification, sections 1 and 2).
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

import nacl.utils

from gateway.core.errors import MalformedError

AuthorityId = NewType("AuthorityId", str)
"""DNS-style lower-case name of a central authority, 3 to 64 characters."""

MessageId = NewType("MessageId", str)
"""UUIDv7 text of a message; the same on both sides."""

UnixMs = NewType("UnixMs", int)
"""A moment: milliseconds since 1970-01-01 UTC."""

HexDigest = NewType("HexDigest", str)
"""A SHA-256 digest as 64 bare lower-case hex digits."""

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
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.ASCII)
_AUTHORITY_ID_LENGTHS = range(3, 65)


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


def new_uuid7(now: UnixMs) -> MessageId:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7) that sorts by `now`."""
    value = (now & (2**48 - 1)) << 80
    value |= int.from_bytes(nacl.utils.random(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return MessageId(
        "-".join(
            (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]),
        ),
    )


def format_time(moment: UnixMs) -> str:
    """Return the 24-character UTC text of a moment."""
    seconds, millis = divmod(moment, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{millis:03d}Z"


def parse_time(text: str) -> UnixMs:
    """Return the moment that `text` spells.

    Raises:
        MalformedError: Not exactly `YYYY-MM-DDThh:mm:ss.mmmZ`, or no such moment.
    """
    if not _TIME.match(text):
        raise MalformedError(
            f"time: {text[:40]!r}, expected like 2026-11-21T23:05:09.123Z",
        )
    try:
        whole = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError(f"time: {text!r} does not exist") from error
    return UnixMs(round(whole.timestamp()) * 1000 + int(text[20:23]))
