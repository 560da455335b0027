"""Whether a message is allowed as a case stands, and by which rows of the tables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.mla.cases.case_state import case_state
from gateway.mla.cases.messages import Message
from gateway.mla.cases.model import Side, Transition
from gateway.mla.cases.procedures import LEADING, PROCEDURES
from gateway.mla.cases.readings import Reading, read
from gateway.mla.cases.standing import Measure, Standing, Track
from gateway.mla.cases.states import State
from gateway.mla.cases.subjects import words_for
from gateway.mla.cases.tables import (
    JUDGED_BY,
    KNOWN_TYPES,
    PROCEDURE_ROWS,
    PROCEDURE_STARTS,
    ROWS_BY_TYPE,
    STARTS_BY_TYPE,
)
from gateway.mla.problems import ProblemCode

_NO_ROWS: tuple[Transition, ...] = ()
_OPENER_ROLES = frozenset({"REQ", "INFO"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message is not allowed.

    Attributes:
        code: E_STATE, E_ROLE or E_REF.
        pointer: Where in the message.
        found: What was found, for people.
        measure: Id of the measure it fails for; empty if for the case.
        state: Where that stands.
    """

    code: ProblemCode
    pointer: str
    found: str
    measure: str = ""
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a message in a case.

    Attributes:
        fault: Why it is not allowed; None if it is.
        start: The row by which it makes measures.
        rows: Rows it takes, by measure.
        words: What it says, by measure.
        tracks: Rows it takes, by procedure and subject; those that begin included.
    """

    fault: Fault | None = None
    start: Transition | None = None
    rows: Mapping[str, Transition] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    tracks: Mapping[tuple[str, str], Transition] = field(default_factory=dict)


def judge(standing: Standing, message: Message) -> Verdict:
    """Return whether a message is allowed as its case stands, and what it does.

    Args:
        standing: The case; its requester must be known.
        message: Any message.
    """
    tracks = dict(_track_rows(standing, message))
    if message.type not in KNOWN_TYPES:
        return Verdict(tracks=tracks)
    fault = _role_fault(standing, message)
    if fault is not None:
        return Verdict(fault)
    if message.type in STARTS_BY_TYPE:
        return _judge_start(standing, message, tracks)
    if standing.measures and message.type not in JUDGED_BY:
        return _judge_measures(standing, message, tracks)
    judge_of = JUDGED_BY.get(message.type)
    judges = LEADING if judge_of is None else {judge_of.name}
    is_taken = any(name in judges for name, _subject in tracks)
    return Verdict(None if is_taken else _state_fault(standing), tracks=tracks)


def _role_fault(standing: Standing, message: Message) -> Fault | None:
    """Return a fault if a side claims the role of the other."""
    if not message.role:
        return None
    is_opener = message.sender == standing.requester
    if is_opener is (message.role in _OPENER_ROLES):
        return None
    return Fault(
        ProblemCode.ROLE,
        "/from/role",
        "role: that of the other side, expected the one this side has in the case",
    )


def _state_fault(standing: Standing) -> Fault:
    return Fault(ProblemCode.STATE, "/msg_type", "", state=case_state(standing))


# --- requests ---


def _judge_start(
    standing: Standing,
    message: Message,
    tracks: Mapping[tuple[str, str], Transition],
) -> Verdict:
    state = case_state(standing) if standing.measures else State.DRAFT
    for row in STARTS_BY_TYPE[message.type]:
        if _fits(row, state, standing, None, message, ""):
            return Verdict(start=row, tracks=tracks)
    return Verdict(_state_fault(standing))


# --- measures ---


def _judge_measures(
    standing: Standing,
    message: Message,
    tracks: Mapping[tuple[str, str], Transition],
) -> Verdict:
    reading = read(message, standing)
    if reading.unknown:
        return Verdict(_unknown(reading.unknown[0]))
    rows: dict[str, Transition] = {}
    unfit = []
    for name, word in reading.words.items():
        row = row_for(standing, standing.measures[name], message, word)
        if row is None:
            unfit.append(standing.measures[name])
        else:
            rows[name] = row
    if not rows or (unfit and reading.needs_all):
        return Verdict(_measure_fault(standing, message, unfit, reading))
    return Verdict(rows=rows, words=reading.words, tracks=tracks)


def row_for(
    standing: Standing, measure: Measure, message: Message, word: str
) -> Transition | None:
    """Return the row that a message takes for a measure; None if there is none."""
    rows = ROWS_BY_TYPE.get(message.type, _NO_ROWS)
    states = list(dict.fromkeys(_states_met(measure, message)))
    for state in states:
        for row in rows:
            if _fits(row, state, standing, measure, message, word):
                return row
    return None


def _states_met(measure: Measure, message: Message) -> Iterator[State]:
    """Yield the states in which a message finds a measure.

    An answer finds the question that it answers, whatever was asked since.
    """
    for pause in measure.pauses:
        if message.answers == pause.by:
            yield pause.state
    yield measure.state_for(message)


def _unknown(pointer: str) -> Fault:
    name = pointer.rpartition("/")[2]
    return Fault(
        ProblemCode.REF,
        pointer,
        f"{name}: not in this case, expected one that was named before",
    )


def _measure_fault(
    standing: Standing, message: Message, unfit: list[Measure], reading: Reading
) -> Fault:
    if not unfit:
        return Fault(
            ProblemCode.STATE,
            "/in_reply_to" if message.answers else "/msg_type",
            "nothing that it could answer is open",
            state=case_state(standing),
        )
    first = unfit[0]
    return Fault(
        ProblemCode.STATE,
        "/msg_type",
        "a measure has no result yet" if reading.words[first.id] == "no result" else "",
        measure=first.id,
        state=first.state_for(message),
    )


# --- procedures ---


def _track_rows(
    standing: Standing, message: Message
) -> Iterator[tuple[tuple[str, str], Transition]]:
    """Yield the rows that a message takes in each procedure."""
    for procedure in PROCEDURES:
        starts = PROCEDURE_STARTS[procedure.name].get(message.type, _NO_ROWS)
        rows = PROCEDURE_ROWS[procedure.name].get(message.type, _NO_ROWS)
        if not starts and not rows:
            continue
        words = words_for(procedure, message, standing)
        for subject, word in words.items():
            key = procedure.name, subject
            track = standing.tracks.get(key)
            row = _track_row(standing, message, track, (starts, rows), word)
            if row is not None:
                yield key, row


def _track_row(
    standing: Standing,
    message: Message,
    track: Track | None,
    starts_and_rows: tuple[Iterable[Transition], Iterable[Transition]],
    word: str,
) -> Transition | None:
    starts, rows = starts_and_rows
    state = track.state if track is not None else State.DRAFT
    for row in (*starts, *rows):
        if _fits(row, state, standing, None, message, word):
            return row
    return None


# --- one row ---


def _fits(
    row: Transition,
    state: State,
    standing: Standing,
    measure: Measure | None,
    message: Message,
    word: str,
) -> bool:
    return (
        state in row.of
        and (not row.says or word in row.says)
        and _is_by(row.side, standing, message)
        and _answers(row, standing, message)
        and (row.given is None or row.given.holds(standing, measure, message))
    )


def _is_by(side: Side, standing: Standing, message: Message) -> bool:
    if side is Side.ANY:
        return True
    if side is Side.OTHER:
        answered = standing.messages.get(message.answers)
        return answered is None or answered.sender != message.sender
    is_requester = message.sender == standing.requester
    return is_requester is (side is Side.REQUESTING)


def _answers(row: Transition, standing: Standing, message: Message) -> bool:
    if not row.answering:
        return True
    answered = standing.messages.get(message.answers)
    return answered is not None and answered.type in row.answering
