"""The named queries of `gateway/storage/sql` and the numbered migrations."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"-- name: ([a-z_]+)\n(?:-- .+\n)+")
_MIGRATION = re.compile(r"([0-9]{4})_[a-z_]+\.sql\Z")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the layout, by number."""

    version: int
    script: str


def _load() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in files("gateway.storage").joinpath("sql").iterdir():
        parts = _NAME.split(file.read_text("utf-8"))
        for name, statement in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise AssertionError(f"internal: two queries are named {name}")
            found[name] = statement.strip()
    return found


QUERIES = _load()
"""Statements by name; one that is missing fails the first test that runs it."""


@cache
def migrations() -> tuple[Migration, ...]:
    """Return all migrations, oldest first."""
    found = []
    for file in files("gateway.storage").joinpath("migrations").iterdir():
        match = _MIGRATION.match(file.name)
        if match:
            found.append(Migration(int(match[1]), file.read_text("utf-8")))
    return tuple(sorted(found, key=lambda one: one.version))
