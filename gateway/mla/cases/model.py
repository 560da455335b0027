"""What a transition is: the language in which the tables are written.

A table is data. One row says: if a measure (or a procedure) stands here, and this side
sends this message, and it says this, then it stands there. Conditions have words and a
function; they look at what is known of the case and raise nothing.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from gateway.mla.cases.states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.mla.cases.messages import Message
    from gateway.mla.cases.standing import Measure, Standing


class Side(StrEnum):
    """Who sends a message, in its case."""

    REQUESTING = "REQ"
    REQUESTED = "RQD"
    ANY = "ANY"
    OTHER = "OTHER"  # who did not write the message that is answered


class Stay(Enum):
    """Where a transition leads, if to no state of its own."""

    SAME = auto()  # nothing changes
    PREVIOUS = auto()  # what the question or consultation interrupted


@dataclass(frozen=True, slots=True)
class Given:
    """A condition of a row.

    Attributes:
        words: The condition, after "if".
        holds: Tells whether it does; the measure is None where none is meant.
    """

    words: str
    holds: "Callable[[Standing, Measure | None, Message], bool]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of a table.

    Attributes:
        number: Its number in the documents; a letter marks a row of this project's own.
        of: The states it starts from.
        messages: Types of message, any of them.
        side: Who sends it.
        to: The state it leads to.
        says: What the message says of the measure, any of these; empty for whatever.
        answering: Types of the message it answers, any of these; empty for whatever.
        given: A further condition.
        guard: What the sender has to see to, in words; advice where `advises` fails.
        basis: Where the rule comes from.
    """

    number: str
    of: tuple[State, ...]
    messages: tuple[str, ...]
    side: Side
    to: State | Stay
    says: tuple[str, ...] = ()
    answering: tuple[str, ...] = ()
    given: Given | None = None
    guard: str = ""
    basis: str = ""


def row(  # noqa: PLR0913 - the columns of the table
    number: str,
    of: tuple[State, ...],
    messages: tuple[str, ...],
    side: Side,
    to: State | Stay,
    *,
    says: tuple[str, ...] = (),
    answering: tuple[str, ...] = (),
    given: Given | None = None,
    guard: str = "",
    basis: str = "",
) -> Transition:
    """Return one row; what leads where stands first, the rest is told by name."""
    return Transition(
        number=number,
        of=of,
        messages=messages,
        side=side,
        to=to,
        says=says,
        answering=answering,
        given=given,
        guard=guard,
        basis=basis,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A state machine that runs beside the measures.

    Attributes:
        name: Its name, for people and machines.
        words: What it follows.
        starts: Rows by which it begins.
        rows: Rows by which it goes on.
        per: Where a message names the subjects of which each has its own state, as
            (list of blocks, name of the id); None if it has one state for the case.
        judges: Types of message that are allowed only where a row of it allows them;
            of any other type it only takes notice.
    """

    name: str
    words: str
    starts: tuple[Transition, ...]
    rows: tuple[Transition, ...]
    per: tuple[str, str] | None = None
    judges: frozenset[str] = frozenset()
