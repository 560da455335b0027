"""What may stand in a log line: no secret, no content, no control character."""

import re
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType

from gateway.core.errors import GatewayError

MAX_VALUE_CHARS = 300
_MAX_ITEMS = 20
_MAX_FRAMES = 12
_MASK = "***"

# A field of such a name holds what must never be read in a log, whatever it holds.
_SECRET_NAME = re.compile(
    r"token|secret|passphrase|password|authorization|cookie|private|seed|unlock"
    r"|plaintext|manifest|draft|envelope\Z|payload|document|\bform\Z|body|\bkey\Z|_key\Z",
    re.IGNORECASE,
)
# Control characters, those that turn or split a line on a terminal, and halves of
# characters, which cannot be written at all.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]",
)


def redact(
    _logger: object,
    _method: str,
    event: MutableMapping[str, object],
) -> MutableMapping[str, object]:
    """Mask fields that are named like secrets and tame all the others.

    A processor of structlog.
    """
    return {
        name: _MASK if _SECRET_NAME.search(name) else tame(value)
        for name, value in event.items()
    }


def tame(value: object) -> object:
    """Return a value as it may stand in a log line: bounded and inert."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        # Bytes are envelopes, keys or plaintext; no log needs them.
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MAX_ITEMS]
        return {
            _inert(str(name)): _MASK if _SECRET_NAME.search(str(name)) else tame(item)
            for name, item in pairs
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [tame(item) for item in list(value)[:_MAX_ITEMS]]
    return _inert(str(value))


def _inert(text: str) -> str:
    if len(text) > MAX_VALUE_CHARS:
        text = f"{text[:MAX_VALUE_CHARS]}… ({len(text)} characters)"
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def describe_exception(
    _logger: object,
    _method: str,
    event: MutableMapping[str, object],
) -> MutableMapping[str, object]:
    """Put an exception into fields: its class and where, never what it quotes.

    The message of an exception that is not ours may hold any value of any variable,
    content included. A processor of structlog.
    """
    error = _exception(event.pop("exc_info", None))
    if error is None:
        return event
    event["error"] = type(error).__name__
    if isinstance(error, GatewayError):
        event["code"] = error.code
        event["reason"] = str(error)
    event["where"] = where(error.__traceback__)
    return event


def where(trace: TracebackType | None) -> list[str]:
    """Return the innermost frames of a traceback, as `file:line function`."""
    frames = traceback.extract_tb(trace)[-_MAX_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _exception(info: object) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple) and len(info) > 1:
        return _exception(info[1])
    return None
