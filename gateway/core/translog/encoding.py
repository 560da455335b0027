"""Spellings that all log formats share: base64, decimals, names, lines.

Each value has one spelling; a second one for the same value is refused, so that what
was signed or hashed can't be written differently.
"""

import binascii
import re

from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.translog.merkle import HASH_BYTES

# Sizes and indices: what other programs keep in a signed 64-bit integer.
MAX_SIZE = 2**63 - 1

# Seconds: the last one of the year 9999, so that every accepted time has a date.
MAX_TIME_S = 253_402_300_799

MAX_ORIGIN_BYTES = 255

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_CONTROL_BUT_LINE_FEED = re.compile("[\x00-\x09\x0b-\x1f]")
_CONTROL = re.compile("[\x00-\x1f\ud800-\udfff]")  # and what UTF-8 can't spell

# First line of what an Ed25519 cosignature covers: a log of that name could have its
# checkpoints taken for cosignatures.
_RESERVED_ORIGIN = "cosignature/v1"


def encode_base64(raw: bytes) -> str:
    """Return `raw` in the standard base64 alphabet, padded."""
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def decode_base64(text: str, what: str) -> bytes:
    """Return the bytes that `text` spells.

    Raises:
        MalformedError: Not the padded standard base64 of any bytes; `what` says
            whose.
    """
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise MalformedError(f"{what}: {text[:80]!r}, expected base64") from error
    if encode_base64(raw) != text:
        raise MalformedError(f"{what}: {text[-80:]!r}, expected canonical base64")
    return raw


def decode_hash(text: str, what: str) -> bytes:
    """Return the 32-byte hash that `text` spells in base64.

    Raises:
        MalformedError: Not canonical base64, or not of 32 bytes.
    """
    raw = decode_base64(text, what)
    if len(raw) != HASH_BYTES:
        raise MalformedError(f"{what}: {len(raw)} bytes, expected {HASH_BYTES}")
    return raw


def parse_decimal(text: str, what: str) -> int:
    """Return the integer from 0 to 2^63 - 1 that `text` spells.

    Raises:
        MalformedError: A sign, a leading zero, another character, or too large.
    """
    if not _DECIMAL.match(text) or int(text) > MAX_SIZE:
        raise MalformedError(f"{what}: {text[:80]!r}, expected a decimal below 2^63")
    return int(text)


def decode_text(raw: bytes, what: str, *, max_bytes: int) -> str:
    """Return UTF-8 text that has no control character but line feeds.

    Raises:
        TooLargeError: Longer than `max_bytes`; checked first.
        MalformedError: Not UTF-8, or a control character.
    """
    if len(raw) > max_bytes:
        raise TooLargeError(f"{what}: {len(raw)} bytes, at most {max_bytes}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what}: not UTF-8") from error
    if _CONTROL_BUT_LINE_FEED.search(text):
        raise MalformedError(f"{what}: holds a control character")
    return text


def check_key_name(name: str) -> None:
    """Refuse what can't name a key in a signed note.

    Raises:
        MalformedError: Empty, or with white space, `+` or a control character.
    """
    # Splitting knows every white space of Unicode, the line separators too.
    if name.split() != [name] or "+" in name or _CONTROL.search(name):
        raise MalformedError(f"key name: {name[:80]!r}, expected no space and no '+'")


def check_origin(origin: str) -> None:
    """Refuse what can't name a log.

    Raises:
        MalformedError: Not a key name, over 255 bytes, or a reserved word.
    """
    check_key_name(origin)
    if len(origin.encode()) > MAX_ORIGIN_BYTES or origin == _RESERVED_ORIGIN:
        raise MalformedError(f"origin: {origin[:80]!r} can't name a log")
