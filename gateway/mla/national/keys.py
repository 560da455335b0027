"""Taking the keys of a declaration file one by one, with every mistake named."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Reading:
    """What was found wrong so far: the key, and a sentence."""

    problems: list[tuple[str, str]] = field(default_factory=list)

    def complain(self, key: str, text: str) -> None:
        """Note that something is wrong at a key."""
        self.problems.append((key, text))


class Keys:
    """One table of the file. What is not taken from it in the end is unknown."""

    def __init__(
        self, reading: Reading, path: str, table: Mapping[str, object]
    ) -> None:
        self._reading = reading
        self._path = path
        self._table = table
        self._taken: set[str] = set()

    def complain(self, name: str, text: str) -> None:
        """Note that something is wrong with one of the keys."""
        self._reading.complain(self._at(name), text)

    def __contains__(self, name: object) -> bool:
        """Tell whether a key is there."""
        return name in self._table

    def text(
        self, name: str, pattern: str = r".*", *, default: str | None = None
    ) -> str:
        """Return a line of text; empty, with a complaint, if it is not as expected."""
        value = self._take(name, str, "text in quotes", default)
        if not isinstance(value, str) or value == default:
            return value if isinstance(value, str) else ""
        if not value or value != value.strip() or not re.fullmatch(pattern, value):
            expected = "text" if pattern == r".*" else f"text like {pattern}"
            self.complain(name, f"expected {expected} on one line")
            return ""
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        return self._take(name, bool, "true or false", default) is True

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty if there is none."""
        value = self._take(name, list, "a list of texts", [])
        items = value if isinstance(value, list) else []
        if not all(isinstance(item, str) for item in items):
            self.complain(name, "expected a list of texts")
            return ()
        return tuple(map(str, items))

    def table(self, name: str) -> "Keys | None":
        """Return a table in this one; None if it is not there."""
        value = self._take(name, dict, "a table", {})
        if name not in self._table or not isinstance(value, dict):
            return None
        return Keys(self._reading, self._at(name), value)

    def tables(self, name: str) -> list["Keys"]:
        """Return a list of tables; empty if there is none."""
        value = self._take(name, list, "a list of tables", [])
        items: Sequence[object] = value if isinstance(value, list) else []
        found = []
        for number, item in enumerate(items):
            place = f"{self._at(name)}[{number}]"
            if isinstance(item, dict):
                found.append(Keys(self._reading, place, item))
            else:
                self._reading.complain(place, "expected a table")
        return found

    def named_tables(self) -> list[tuple[str, "Keys"]]:
        """Return every table in this one with its name."""
        pairs = [(name, self.table(name)) for name in self._table]
        return [(name, keys) for name, keys in pairs if keys is not None]

    def further_texts(self) -> tuple[tuple[str, str], ...]:
        """Return the texts under names that are languages and were not taken."""
        names = [
            name
            for name in self._table
            if name not in self._taken and re.fullmatch(r"[a-z]{2,3}", name)
        ]
        return tuple((name, self.text(name)) for name in names)

    def finish(self) -> None:
        """Complain of whatever was not taken."""
        for name in self._table.keys() - self._taken:
            self.complain(name, "no such key")

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _take(self, name: str, kind: type, expected: str, default: object) -> object:
        self._taken.add(name)
        if name not in self._table:
            if default is None:
                self.complain(name, "must be given")
            return default
        value = self._table[name]
        # True and False are numbers to Python, not to a reader of the file.
        if not isinstance(value, kind):
            self.complain(name, f"expected {expected}")
            return default
        return value
