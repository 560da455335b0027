"""Values of settings as they may be shown: what looks like a secret is masked.

No setting is meant to hold a secret, but people put them into addresses and into
arguments of programs.
"""

import re
from typing import Final

from gateway.core.canonical import JsonValue

MASK: Final = "***"

_LOGIN = re.compile(r"(?<=://)[^/@\s]*(?=@)")
_TELLING = re.compile(r"pass|token|secret|credential|api[-_]?key|auth", re.IGNORECASE)
_ASSIGNED = re.compile(r"([^=]*)=(.*)\Z", re.DOTALL)


def masked(value: JsonValue) -> JsonValue:
    """Return a value with logins in addresses and telling arguments masked."""
    if isinstance(value, str):
        return _LOGIN.sub(MASK, value)
    if isinstance(value, list):
        return _arguments(value)
    if isinstance(value, dict):
        return {name: masked(item) for name, item in value.items()}
    return value


def _arguments(values: list[JsonValue]) -> list[JsonValue]:
    """Mask what follows an argument like --token, or stands in it after `=`."""
    shown: list[JsonValue] = []
    is_next_secret = False
    for value in values:
        if not isinstance(value, str):
            shown.append(masked(value))
            continue
        assigned = _ASSIGNED.match(value)
        if is_next_secret:
            shown.append(MASK)
        elif assigned and _TELLING.search(assigned[1]):
            shown.append(f"{assigned[1]}={MASK}")
        else:
            shown.append(masked(value))
        is_option = value.startswith("-") and assigned is None
        is_next_secret = is_option and _TELLING.search(value) is not None
    return shown
