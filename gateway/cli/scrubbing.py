"""Taking out of texts what nobody but this authority is to read.

Names of its people, mail addresses, ids of messages and cases, and whatever looks like
a key or a token. What is left are words of ours, names of peers, numbers and moments.
"""

import re
from collections.abc import Iterable, Mapping

from gateway.core.canonical import JsonValue

_RULES = (
    (
        re.compile(r"-----BEGIN [^-]*-----.*?-----END [^-]*-----", re.DOTALL),
        "<key>",
    ),
    (re.compile(r"\b(?:whsec|mlagw)_[A-Za-z0-9+/=_-]{8,}"), "<token>"),
    (
        re.compile(
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            re.IGNORECASE,
        ),
        "<id>",
    ),
    (
        re.compile(
            r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
        ),
        "<mail>",
    ),
    (re.compile(r"[A-Za-z0-9+/]{20,}={1,2}"), "<long>"),
    (re.compile(r"[A-Za-z0-9_-]{32,}"), "<long>"),
)
_LEAST_NAME = 2


class Scrubber:
    """Scrubs texts.

    Args:
        people: Names of accounts and persons; each becomes `person-N` wherever it
            stands as a word.
    """

    def __init__(self, people: Iterable[str] = ()) -> None:
        names = sorted({name for name in people if len(name) >= _LEAST_NAME})
        self._numbers: Mapping[str, str] = {
            name.lower(): f"person-{number}" for number, name in enumerate(names, 1)
        }
        # The longest first, so that no name is left over from a longer one.
        spelled = "|".join(
            re.escape(name) for name in sorted(names, key=len, reverse=True)
        )
        self._people = (
            re.compile(rf"(?<![\w])(?:{spelled})(?![\w])", re.IGNORECASE)
            if spelled
            else None
        )

    def text(self, text: str) -> str:
        """Return a text without them."""
        if self._people is not None:
            text = self._people.sub(lambda found: self._numbers[found[0].lower()], text)
        for pattern, stand_in in _RULES:
            text = pattern.sub(stand_in, text)
        return text

    def value(self, value: JsonValue) -> JsonValue:
        """Return a value of JSON whose texts and names are without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(item) for name, item in value.items()}
        return value
