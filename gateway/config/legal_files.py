"""What `treaties.toml` and `profile.toml` have in common: found, read, judged whole.

Both are written by people who know the law, with any editor. Like `gateway.toml` they
must not be writable by others; unlike the files of peers and operators they let nobody
in, so the log does not vouch for them.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from gateway.config.reading import Problem, read_tables
from gateway.core.errors import ConfigError

MAX_LEGAL_FILE_BYTES = 4 * 1024 * 1024

_PATTERN = re.compile(r" matching regex '.*'")

_T = TypeVar("_T")
_S = TypeVar("_S", bound=msgspec.Struct)


@dataclass(slots=True)
class Findings:
    """What was found wrong with one file so far."""

    file: Path
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: str, text: str) -> None:
        """Note a problem of a key, told by its dotted name, and go on.

        Args:
            path: The key; that of its table is looked for if it has no line.
            text: What was found and what was expected.
        """
        self.problems.append(Problem(self._place(path), f"{path}: {text}"))

    def taken(self, path: str, value: object, shape: type[_S]) -> _S | None:
        """Return a table as a shape, or None after noting what is wrong with it."""
        try:
            return msgspec.convert(_as_text(value), shape, strict=True)
        except msgspec.ValidationError as error:
            self.complain(path, _in_plain_words(str(error)))
            return None

    def _place(self, path: str) -> str:
        name = path.partition("[")[0]
        while name and name not in self.lines:
            name = name.rpartition(".")[0]
        return f"{self.file}:{self.lines[name]}" if name else str(self.file)


def read_whole(
    file: Path, judge: Callable[[Mapping[str, object], Findings], _T]
) -> tuple[_T | None, list[Problem]]:
    """Return what a file says, and everything that is wrong with it.

    Args:
        file: A TOML file.
        judge: Makes something of its tables, and notes what is wrong.
    """
    read = read_tables(file, max_bytes=MAX_LEGAL_FILE_BYTES)
    if isinstance(read, Problem):
        return None, [read]
    tables, lines = read
    findings = Findings(file, lines)
    judged = judge(tables, findings)
    return (None if findings.problems else judged), findings.problems


def whole_or_error(judged: _T | None, problems: list[Problem]) -> _T:
    """Return what a file says.

    Raises:
        ConfigError: Something is wrong with it; every problem, one a line.
    """
    if problems or judged is None:
        raise ConfigError("\n".join(map(str, problems)))
    return judged


def unknown_keys(table: Mapping[str, object], known: set[str]) -> Iterator[str]:
    """Yield the keys of a table that nothing obeys."""
    yield from sorted(table.keys() - known)


def _as_text(value: object) -> object:
    """Return a value whose TOML dates are texts, as the shapes expect them."""
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value


def _in_plain_words(message: str) -> str:
    """Return what the library found, as people who write such files say it."""
    for theirs, ours in _PLAIN_WORDS.items():
        message = message.replace(theirs, ours)
    message = _PATTERN.sub(" of the form that is explained in the sample", message)
    return message.replace(" - at `$.", " (at ").replace("`", "") + (
        ")" if " - at `$." in message else ""
    )


_PLAIN_WORDS = {
    "Expected": "expected",
    "`str`": "text in quotes, or a day",
    "`int`": "a whole number",
    "`bool`": "true or false",
    "`object`": "a table",
    "`array`": "a list",
    "Object contains unknown field": "no such key:",
    "Object missing required field": "missing key:",
}
