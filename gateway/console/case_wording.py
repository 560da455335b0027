"""What states, flags and duties of cases are called on pages."""

from collections.abc import Mapping
from typing import Final

from gateway.admin.desk_shapes import Deadline
from gateway.console.language import mark
from gateway.mla.cases.states import State
from gateway.mla.deadlines.rules import rule_called
from gateway.mla.wording import Language

STATES: Final[Mapping[State, tuple[str, str]]] = {
    State.DRAFT: (mark("not sent"), "idle"),
    State.SENT: (mark("sent"), "wait"),
    State.RECEIVED: (mark("acknowledged"), "new"),
    State.CLARIFYING: (mark("a question is open"), "wait"),
    State.CONSULTING: (mark("a consultation is open"), "wait"),
    State.CONDITIONS_OPEN: (mark("conditions to accept"), "wait"),
    State.DECIDED_ACCEPTED: (mark("accepted"), "good"),
    State.POSTPONED: (mark("postponed"), "wait"),
    State.REFUSED: (mark("refused"), "bad"),
    State.EXECUTING: (mark("being executed"), "new"),
    State.PARTLY_ANSWERED: (mark("partly answered"), "new"),
    State.ANSWERED: (mark("answered"), "good"),
    State.CONFIRMED: (mark("answer confirmed"), "good"),
    State.WITHDRAWN: (mark("withdrawn"), "idle"),
    State.CLOSED: (mark("closed"), "idle"),
    State.DISPOSED: (mark("closed, data disposed of"), "idle"),
    State.UNKNOWN: (mark("not known: its beginning is not here"), "bad"),
    State.PRESERVED: (mark("preserved"), "good"),
    State.EXTENDED: (mark("extended"), "good"),
    State.LINKED: (mark("asked for by a request"), "good"),
    State.ENDED: (mark("ended"), "idle"),
    State.MORE_DATA_ASKED: (mark("more data asked for"), "wait"),
    State.DECIDED: (mark("decided"), "good"),
    State.ARRANGING: (mark("being arranged"), "wait"),
    State.FIXED: (mark("day fixed"), "good"),
    State.RECORDED: (mark("recorded"), "good"),
    State.ASKED: (mark("asked"), "wait"),
    State.FROZEN: (mark("frozen"), "good"),
    State.NOT_FOUND: (mark("not found"), "bad"),
    State.RELEASED: (mark("released"), "idle"),
    State.CONFISCATED: (mark("confiscated"), "good"),
    State.REALISED: (mark("sold"), "good"),
    State.SHARED: (mark("shared"), "good"),
    State.RETURNED: (mark("returned"), "good"),
    State.ARRESTED: (mark("arrested"), "good"),
    State.HANDED_OVER: (mark("handed over"), "good"),
    State.OBJECTED: (mark("objected to"), "bad"),
    State.SUPPLEMENTED: (mark("supplemented"), "good"),
}

FLAGS: Final[Mapping[str, str]] = {
    "after-gap": mark("a message before it is missing"),
    "waiting": mark("waits for one before it"),
    "crossing": mark("crossed with another"),
    "ignored": mark("has no effect here"),
    "superseded": mark("superseded"),
}

DEADLINE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "open": (mark("running"), "new"),
    "suspended": (mark("suspended"), "idle"),
    "overdue": (mark("overdue"), "bad"),
    "met": (mark("met"), "good"),
    "ended": (mark("ended"), "idle"),
}

SIDES: Final[Mapping[str, str]] = {
    "us": mark("us"),
    "them": mark("them"),
    "either": mark("either side"),
}

PROCEDURES: Final[Mapping[str, str]] = {
    "preservation": mark("Preservation"),
    "criminal record": mark("Criminal record"),
    "conviction notice": mark("Conviction notice"),
    "spontaneous information": mark("Spontaneous information"),
    "interception notice": mark("Interception notice"),
    "hearing": mark("Hearing"),
    "assets": mark("Assets"),
    "provisional arrest": mark("Provisional arrest"),
    "transfer": mark("Transfer of a person"),
    "emergency": mark("Emergency"),
}

SOURCES: Final[Mapping[str, str]] = {
    "service target": mark("service target"),
    "the message itself": mark("the message itself"),
}

ANSWERS: Final[Mapping[str, tuple[str, str]]] = {
    "ACCEPT": (mark("accepted"), "good"),
    "REJECT": (mark("rejected"), "bad"),
    "COUNTER": (mark("another proposed"), "wait"),
}

DUTIES: Final[Mapping[str, str]] = {
    "return originals": mark("return originals"),
    "return an original": mark("return an original"),
    "return or destroy": mark("return or destroy"),
    "return": mark("return"),
    "destroy": mark("destroy"),
    "delete": mark("delete"),
    "report on use": mark("report on use"),
    "correct, restrict or erase": mark("correct, restrict or erase"),
    "erase what was not asked for": mark("erase what was not asked for"),
    "named in the closure": mark("what the closure names"),
}


def deadline_title(deadline: Deadline, language: Language) -> str:
    """Return what a deadline asks to be done."""
    rule = rule_called(deadline.rule)
    if rule is None or language is not Language.FRENCH:
        return deadline.title
    return rule.title_fr


def case_state_label(state: str) -> str:
    """Return what a state of a case or a measure is called; marked, not translated."""
    return STATES[State(state)][0] if state in State.__members__ else state


def case_state_tone(state: str) -> str:
    """Return the tone a state is shown in."""
    return STATES[State(state)][1] if state in State.__members__ else "idle"


def side(role: str, ours: str) -> str:
    """Return whose turn a role is: ours, theirs, or anybody's.

    Args:
        role: REQ, RQD or ANY.
        ours: Our own role in the case.
    """
    if role not in {"REQ", "RQD"}:
        return SIDES["either"]
    return SIDES["us" if role == ours else "them"]
