"""Whether a message fits the case as one side has seen it so far.

Each side judges by the messages it holds. Here stands what hangs on the type alone:
which types may open a case and which may answer which.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.canonical import JsonObject
from gateway.mla.problems import Problem, ProblemCode, text_at
from gateway.mla.types import message_type
from gateway.mla.types.model import MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSoFar:
    """What one side knows of a case before a message.

    Attributes:
        is_known: Whether it holds any message of the case exchanged with this peer.
        answered_type: Type of the message that `in_reply_to` names; None if it holds
            none of that id in the case.
    """

    is_known: bool
    answered_type: str | None = None


def misplaced(document: JsonObject, so_far: CaseSoFar) -> list[Problem]:
    """Return why a valid message does not belong at this point of its case.

    Args:
        document: A document that nothing in it refuses.
        so_far: What is known of its case.
    """
    return list(_misplaced(document, so_far))


def _misplaced(document: JsonObject, so_far: CaseSoFar) -> Iterator[Problem]:
    name = text_at(document, "/msg_type") or ""
    declared = message_type(name)
    if declared is None:
        return
    if declared.needs_case and not so_far.is_known and not declared.opens_case:
        sentence = f"case_id: unknown case, expected one that {name} can continue"
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
