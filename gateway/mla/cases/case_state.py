"""The state of a case: the first of these that its measures or procedures fit."""

from collections.abc import Callable, Collection
from typing import Final

from gateway.mla.cases.procedures import LEADING
from gateway.mla.cases.standing import Standing
from gateway.mla.cases.states import CLOSABLE, OVER, State

_LEFT_OUT: Final = frozenset({State.WITHDRAWN})
_SETTLED: Final = frozenset({*CLOSABLE, *OVER, State.ANSWERED})
_WITH_RESULTS: Final = frozenset(
    {State.PARTLY_ANSWERED, State.ANSWERED, State.CONFIRMED}
)

_Fits = Callable[[Collection[State]], bool]


def _all(*states: State) -> _Fits:
    return lambda found: all(one in states for one in found)


def _any(*states: State) -> _Fits:
    return lambda found: any(one in states for one in found)


PRIORITY: Final[tuple[tuple[str, _Fits, State], ...]] = (
    ("all its measures are disposed of", _all(State.DISPOSED), State.DISPOSED),
    ("all are closed", _all(State.CLOSED, State.DISPOSED), State.CLOSED),
    ("all are drafts", _all(State.DRAFT), State.DRAFT),
    ("all are sent", _all(State.SENT), State.SENT),
    ("any is being clarified", _any(State.CLARIFYING), State.CLARIFYING),
    ("any is consulted about", _any(State.CONSULTING), State.CONSULTING),
    ("any waits for conditions", _any(State.CONDITIONS_OPEN), State.CONDITIONS_OPEN),
    ("all are refused", _all(State.REFUSED), State.REFUSED),
    (
        "all are confirmed or refused",
        _all(State.CONFIRMED, State.REFUSED),
        State.CONFIRMED,
    ),
    (
        "all are answered, confirmed or refused",
        _all(State.ANSWERED, State.CONFIRMED, State.REFUSED),
        State.ANSWERED,
    ),
    ("any has a result", _any(*_WITH_RESULTS), State.PARTLY_ANSWERED),
    ("any is being executed", _any(State.EXECUTING), State.EXECUTING),
    ("any is accepted", _any(State.DECIDED_ACCEPTED), State.DECIDED_ACCEPTED),
    ("any is postponed", _any(State.POSTPONED), State.POSTPONED),
    ("none of these", _all(*State), State.RECEIVED),
)
"""In this order; measures that were withdrawn are left out, unless all were."""


def case_state(standing: Standing) -> State:
    """Return the state of a case."""
    states = _states_that_count(standing)
    if states:
        left = [one for one in states if one not in _LEFT_OUT]
        if not left:
            return State.WITHDRAWN
        return next(state for _, fits, state in PRIORITY if fits(left))
    return _of_procedures(standing)


def assistance_state(standing: Standing) -> State | None:
    """Return the state of what was requested, apart from procedures beside it."""
    return case_state(standing) if standing.measures else None


def _states_that_count(standing: Standing) -> list[State]:
    """Return the states of the measures; settled ones of earlier requests are over."""
    measures = list(standing.measures.values())
    if not measures:
        return []
    newest = measures[-1].request
    return [
        one.state
        for one in measures
        if one.request == newest or one.state not in _SETTLED
    ]


def _of_procedures(standing: Standing) -> State:
    """Return where the procedures stand of a case in which nothing else is asked."""
    leading = [one for one in standing.tracks.values() if one.procedure in LEADING]
    if not leading:
        return State.UNKNOWN
    going_on = [one for one in leading if one.state not in {*OVER, State.ENDED}]
    return (going_on or leading)[-1].state
