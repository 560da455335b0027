"""The tables by type of message, as they are looked up."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.mla.cases.answering import ROWS
from gateway.mla.cases.assistance import STARTS
from gateway.mla.cases.model import Transition
from gateway.mla.cases.procedures import PROCEDURES

RowsByType = Mapping[str, tuple[Transition, ...]]


def _by_type(rows: Iterable[Transition]) -> RowsByType:
    found: dict[str, list[Transition]] = {}
    for row in rows:
        for message in row.messages:
            found.setdefault(message, []).append(row)
    return {name: tuple(listed) for name, listed in found.items()}


STARTS_BY_TYPE: Final = _by_type(STARTS)
ROWS_BY_TYPE: Final = _by_type(ROWS)
PROCEDURE_STARTS: Final[Mapping[str, RowsByType]] = {
    one.name: _by_type(one.starts) for one in PROCEDURES
}
PROCEDURE_ROWS: Final[Mapping[str, RowsByType]] = {
    one.name: _by_type(one.rows) for one in PROCEDURES
}
JUDGED_BY: Final = {name: one for one in PROCEDURES for name in one.judges}
"""The procedure that says where a type of message is allowed."""

OPENING_TYPES: Final = frozenset(STARTS_BY_TYPE) | {
    name
    for one in PROCEDURES
    if one.judges
    for row in one.starts
    for name in row.messages
}
"""Types of message by which a case, or a part of it, begins."""

KNOWN_TYPES: Final = (
    frozenset(ROWS_BY_TYPE) | frozenset(STARTS_BY_TYPE) | frozenset(JUDGED_BY)
)
"""Types of message that some table speaks of; others are allowed anywhere."""
