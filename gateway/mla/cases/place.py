"""Whether a message belongs where it stands: by its type, and by the state of its case.

The same is asked at submit, of what we know, and after receipt, of what its sender
knew. Of a message that follows a gap, or of a case whose beginning is not here, not
enough is known to turn it away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.core.canonical import JsonObject
from gateway.mla.cases.advice import advice_on
from gateway.mla.cases.fold import Flag, Folded, Placed, fold
from gateway.mla.cases.judging import Fault
from gateway.mla.cases.messages import CaseMessage, message_of
from gateway.mla.cases.model import Side
from gateway.mla.cases.nexts import allowed_now
from gateway.mla.cases.view import messages_of
from gateway.mla.problems import Problem, ProblemCode, select, text_at
from gateway.mla.types import message_type
from gateway.mla.types.model import MessageType

_MOST_JUDGED: Final = 500
"""Messages of a case beyond which its state is not a reason to turn any away."""

_MEASURES_AT: Final = (
    "/payload/decisions/*/measure_id",
    "/payload/results/*/measure_id",
    "/payload/measures/*/measure_id",
    "/payload/measures/*",
    "/payload/items/*/measure_id",
    "/payload/outcomes/*/measure_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSoFar:
    """What one side knows of a case before a message.

    Attributes:
        is_known: Whether it holds any message of the case exchanged with this peer.
        answered_type: Type of the message that `in_reply_to` names; None if it holds
            none of that id in the case.
        messages: What its docket keeps of the case with this peer, in any order.
        is_ours: Whether the message is one that this side is about to send.
    """

    is_known: bool
    answered_type: str | None = None
    messages: Sequence[CaseMessage] = field(default=(), repr=False)
    is_ours: bool = False


def misplaced(document: JsonObject, so_far: CaseSoFar) -> list[Problem]:
    """Return why a valid message does not belong at this point of its case.

    Args:
        document: A document without blocking problems.
        so_far: What is known of its case.
    """
    declared = message_type(text_at(document, "/msg_type") or "")
    if declared is None:
        return []
    of_type = list(_out_of_place(document, declared, so_far))
    if not _needs_fold(document, so_far):
        return of_type
    folded = _folded(document, so_far)
    placed = next(
        one for one in folded.placed if one.message.id == text_at(document, "msg_id")
    )
    if Flag.AFTER_GAP in placed.flags and not so_far.is_ours:
        # What it continues or answers may be what is missing.
        of_type = [one for one in of_type if one.code is not ProblemCode.REF]
    advice = list(advice_on(placed.message, folded))
    return [*of_type, *_of_state(document, placed, folded, so_far), *advice]


def _needs_fold(document: JsonObject, so_far: CaseSoFar) -> bool:
    if len(so_far.messages) > _MOST_JUDGED or not text_at(document, "msg_id"):
        return False
    if so_far.messages:
        return True
    # Of a message that opens a case, or of a case with no docket, there is no state;
    # but one that is not its sender's first shows that something is missing.
    return not so_far.is_ours and document.get("seq") not in {None, 1}


def _folded(document: JsonObject, so_far: CaseSoFar) -> Folded:
    return fold([*messages_of(so_far.messages), message_of(document)])


# --- by type ---


def _out_of_place(
    document: JsonObject, declared: MessageType, so_far: CaseSoFar
) -> Iterator[Problem]:
    if declared.needs_case and not so_far.is_known and not declared.opens_case:
        sentence = f"case_id: unknown case, expected one that {declared.name} continues"
        yield Problem("/case_id", ProblemCode.REF, sentence)
    if text_at(document, "/in_reply_to") is not None:
        yield from _wrong_answer(declared, so_far.answered_type)


def _wrong_answer(declared: MessageType, answered: str | None) -> Iterator[Problem]:
    pointer = "/in_reply_to"
    if answered is None:
        if declared.needs_case:
            sentence = "in_reply_to: unknown message, expected one of this case"
            yield Problem(pointer, ProblemCode.REF, sentence)
    elif answered in declared.never_answers:
        sentence = f"in_reply_to: a {answered}, which {declared.name} never answers"
        yield Problem(pointer, ProblemCode.STATE, sentence)
    elif declared.answers and answered not in declared.answers:
        expected = " or ".join(sorted(declared.answers))
        sentence = f"in_reply_to: a {answered}, expected {expected}"
        yield Problem(pointer, ProblemCode.STATE, sentence)


# --- by state ---


def _of_state(
    document: JsonObject, placed: Placed, folded: Folded, so_far: CaseSoFar
) -> Iterator[Problem]:
    """Yield what the state of the case says against a message."""
    fault = placed.fault
    if fault is None and Flag.CROSSING in placed.flags and so_far.is_ours:
        # What has crossed it is here already.
        fault = Fault(ProblemCode.STATE, "/msg_type", placed.note, state=placed.state)
    if fault is None:
        return
    is_waiting = Flag.WAITING in placed.flags
    if is_waiting and not so_far.is_ours:
        return
    yield _problem(document, placed, folded, fault, blocking=not is_waiting)


def state_problem(
    document: JsonObject, placed: Placed, folded: Folded
) -> Problem | None:
    """Return what is wrong with a message at its place; None if nothing is.

    Args:
        document: The message, or what a docket keeps of it.
        placed: It, in its case.
        folded: Its case.
    """
    if placed.fault is None:
        return None
    return _problem(document, placed, folded, placed.fault, blocking=True)


def _problem(
    document: JsonObject,
    placed: Placed,
    folded: Folded,
    fault: Fault,
    *,
    blocking: bool,
) -> Problem:
    return Problem(
        _pointer(document, fault),
        fault.code,
        _sentence(fault, placed, folded),
        blocking=blocking,
    )


def _sentence(fault: Fault, placed: Placed, folded: Folded) -> str:
    """Return what is wrong, the state it met, and what may be sent instead."""
    if fault.code is not ProblemCode.STATE:
        return fault.found
    standing, message = folded.standing, placed.message
    is_requester = message.sender == standing.requester
    side = Side.REQUESTING if is_requester else Side.REQUESTED
    measure = standing.measures.get(fault.measure) if fault.measure else None
    allowed = ", ".join(allowed_now(standing, side, measure)) or "none"
    what = "the measure" if measure is not None else "the case"
    why = f" ({fault.found})" if fault.found else ""
    return (
        f"msg_type: {message.type} while {what} is {fault.state}{why}, "
        f"expected one of {allowed}"
    )


def _pointer(document: JsonObject, fault: Fault) -> str:
    """Return where a message names the measure at fault, if it does."""
    if fault.measure:
        for path in _MEASURES_AT:
            for found in select(document, path):
                if found.value == fault.measure:
                    return found.pointer
    return fault.pointer
