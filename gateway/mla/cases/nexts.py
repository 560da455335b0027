"""What a side may send next, and why not the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from gateway.mla.cases.case_state import case_state
from gateway.mla.cases.duties import ANSWERS, Question
from gateway.mla.cases.messages import Message, message_of
from gateway.mla.cases.model import Side, Transition
from gateway.mla.cases.procedures import LEADING
from gateway.mla.cases.readings import BY_DEMAND
from gateway.mla.cases.standing import Measure, Standing
from gateway.mla.cases.states import OVER, State
from gateway.mla.cases.tables import (
    JUDGED_BY,
    KNOWN_TYPES,
    OPENING_TYPES,
    PROCEDURE_ROWS,
    PROCEDURE_STARTS,
    ROWS_BY_TYPE,
    STARTS_BY_TYPE,
)
from gateway.mla.codelists import code_list

_WORDS: Final = {
    "DEC": frozenset(code_list("DECISION").rows),
    "CND_RSP": frozenset({"ACCEPT", "REJECT", "COUNTER"}),
    "RSP": frozenset({"result", "final result", "pending"}),
    "AST_RPT": frozenset({"not final", "final asset report"}),
    "WDR": frozenset({"ALL", "some"}),
}
"""What types of message may say that makes a difference to people."""

_DEMANDS: Final = {**BY_DEMAND, "AST_RPT": "asset"}
_NODES_OWN: Final = frozenset({"ERR"})
_SENDERS: Final = {
    "REQ": Side.REQUESTING,
    "INFO": Side.REQUESTING,
    "RQD": Side.REQUESTED,
}


@dataclass(frozen=True, slots=True)
class NextMessage:
    """A type of message that a side may, or may not, send now.

    Attributes:
        type: Code of list MSG_TYPE.
        measures: Measures for which it may; empty if it is not about measures.
        says: What it may say of them; empty for whatever.
        answers: Ids of open messages that it would answer.
        why_not: Why it may not; empty if it may.
    """

    type: str
    measures: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether it may."""
        return not self.why_not


def next_messages(
    standing: Standing, questions: Sequence[Question], side: Side
) -> Iterator[NextMessage]:
    """Yield every type that a side can send at all, in the order of list MSG_TYPE.

    Args:
        standing: The case.
        questions: What awaits an answer in it.
        side: REQUESTING or REQUESTED.
    """
    for name in _types_of(side):
        yield _next(standing, questions, side, name)


def allowed_now(
    standing: Standing, side: Side, measure: Measure | None = None
) -> tuple[str, ...]:
    """Return the types that a side may send now, of one measure if one is given."""
    found = []
    for name in _types_of(side):
        if measure is None:
            is_allowed = _next(standing, None, side, name).is_allowed
        else:
            rows = ROWS_BY_TYPE.get(name, ())
            is_allowed = any(_may(one, standing, measure, side, name) for one in rows)
        if is_allowed:
            found.append(name)
    return tuple(found)


@cache
def _types_of(side: Side) -> tuple[str, ...]:
    """Return the types of message that a side may ever send in a case that is known."""
    listed = code_list("MSG_TYPE").rows
    found = []
    for name, row in listed.items():
        sender = row["sender"]
        is_ours = sender == "ANY" or _SENDERS.get(sender) is side
        if is_ours and name in KNOWN_TYPES and name not in _NODES_OWN:
            found.append(name)
    return tuple(found)


def _next(
    standing: Standing, questions: Sequence[Question] | None, side: Side, name: str
) -> NextMessage:
    open_ = tuple(
        one.by for one in questions or () if name in one.answer and one.owner is side
    )
    if name in ANSWERS and questions is not None and not open_:
        asked = " or ".join(ANSWERS[name])
        return NextMessage(name, why_not=f"no {asked} awaits an answer")
    if name in OPENING_TYPES or name in JUDGED_BY:
        return _of_case(standing, side, name)
    if standing.measures:
        return _of_measures(standing, side, name, open_)
    return _of_tracks(standing, side, name, open_)


def _of_case(standing: Standing, side: Side, name: str) -> NextMessage:
    """Tell of a type that a request, or one procedure, speaks of."""
    if name in STARTS_BY_TYPE:
        message = _imagined(standing, side, name)
        state = case_state(standing) if standing.measures else State.DRAFT
        rows = STARTS_BY_TYPE[name]
        if any(_is_open(one, state, standing, None, message, side) for one in rows):
            return NextMessage(name)
        if case_state(standing) in OVER:
            why = "the case is closed; open a new one that names it in `related`"
        else:
            why = f"the case is {case_state(standing)}; a new request opens a new case"
        return NextMessage(name, why_not=why)
    return _of_procedure(standing, side, name)


def _of_procedure(standing: Standing, side: Side, name: str) -> NextMessage:
    message = _imagined(standing, side, name)
    procedure = JUDGED_BY[name]
    tracks = standing.tracks_of(procedure.name)
    state = tracks[-1].state if tracks else State.DRAFT
    starts = PROCEDURE_STARTS[procedure.name].get(name, ())
    rows = (*starts, *PROCEDURE_ROWS[procedure.name].get(name, ()))
    why = ""
    if not any(_is_open(one, state, standing, None, message, side) for one in rows):
        why = _wrong(procedure.name, [state], rows)
        if not tracks:
            why = f"no {procedure.name} in this case"
    return NextMessage(name, why_not=why)


def _of_tracks(
    standing: Standing, side: Side, name: str, answers: tuple[str, ...]
) -> NextMessage:
    """Tell of a type in a case in which no measure is asked for."""
    message = _imagined(standing, side, name)
    leading = [one for one in standing.tracks.values() if one.procedure in LEADING]
    for track in leading:
        rows = PROCEDURE_ROWS[track.procedure].get(name, ())
        if any(_is_open(r, track.state, standing, None, message, side) for r in rows):
            return NextMessage(name, answers=answers)
    if not any(name in PROCEDURE_ROWS[one.procedure] for one in leading):
        return NextMessage(name, why_not="no request for measures in this case")
    rows = tuple(
        row
        for track in leading
        for row in PROCEDURE_ROWS[track.procedure].get(name, ())
    )
    states = [one.state for one in leading]
    return NextMessage(name, why_not=_wrong("the case", states, rows))


def _of_measures(
    standing: Standing, side: Side, name: str, answers: tuple[str, ...]
) -> NextMessage:
    rows = ROWS_BY_TYPE.get(name, ())
    measures, says = [], []
    demand = _DEMANDS.get(name)
    meant = [one for one in standing.measures.values() if demand in {None, one.demand}]
    if not meant:
        return NextMessage(name, why_not=f"no {demand} was asked for")
    for measure in meant:
        fitting = [one for one in rows if _may(one, standing, measure, side, name)]
        if fitting:
            measures.append(measure.id)
            says += [word for one in fitting for word in one.says]
    needs_all = name == "CLS"
    if not measures or (needs_all and len(measures) < len(standing.measures)):
        states = [one.state for one in meant]
        return NextMessage(name, why_not=_wrong("the measure", states, rows))
    told = _WORDS.get(name, frozenset())
    words = tuple(dict.fromkeys(one for one in says if one in told))
    return NextMessage(name, tuple(measures), words, answers)


def _may(
    row: Transition, standing: Standing, measure: Measure, side: Side, name: str
) -> bool:
    message = _imagined(standing, side, name)
    states = {measure.state, *(one.state for one in measure.pauses)}
    return any(
        _is_open(row, state, standing, measure, message, side) for state in states
    )


def _is_open(
    row: Transition,
    state: State,
    standing: Standing,
    measure: Measure | None,
    message: Message,
    side: Side,
) -> bool:
    return (
        state in row.of
        and (row.side in {side, Side.ANY, Side.OTHER})
        and (row.given is None or row.given.holds(standing, measure, message))
    )


def _imagined(standing: Standing, side: Side, name: str) -> Message:
    """Return a message of which nothing is known but its type and side."""
    sender = standing.requester if side is Side.REQUESTING else ""
    return message_of({"msg_type": name, "from": {"authority_id": sender}})


def _wrong(what: str, states: Sequence[State], rows: Sequence[Transition]) -> str:
    found = ", ".join(dict.fromkeys(states))
    wanted = dict.fromkeys(state for row in rows for state in row.of)
    if len(wanted) > len(State) // 2:
        return f"{what} is {found}; its conditions are not met"
    return f"{what} is {found}; expected {' or '.join(wanted)}"
