"""When the clock of a period stands: while something has to be made clear."""

from gateway.mla.deadlines.conversation import Conversation, Step
from gateway.mla.deadlines.events_of import following
from gateway.mla.deadlines.model import DeadlineRule, Pause, message, where

_ASKED = (
    message("CLR_REQ", when=(where("payload/clock_effect", "SUSPENDS"),)),
    message("CR_RAI"),
)
_ANSWERS = {"CLR_REQ": frozenset({"CLR_RSP"}), "CR_RAI": frozenset({"CR_RAR"})}
MOST_PAUSES = 100
"""Pauses of one period that are counted, the earliest: more are nobody's questions."""

_REPAIRS = frozenset({"AMD"})


def pauses_of(
    conversation: Conversation, rule: DeadlineRule, start: Step, owner: str
) -> list[Pause]:
    """Return when the clock stood, in the order in which it was stopped.

    It stands from a clarification request that says SUSPENDS, or a request for more
    information about a person, until the answer has arrived. A supplement that the
    other side sends of its own accord answers as well.
    """
    if not rule.is_suspended:
        return []
    found = [
        _pause(conversation, step)
        for event in _ASKED
        for step in following(conversation, event, start, owner)
    ]
    return sorted(found, key=lambda pause: pause.began_at)[:MOST_PAUSES]


def _pause(conversation: Conversation, asked: Step) -> Pause:
    root = conversation.root(asked)
    answers = [
        step
        for step in conversation.replies(asked)
        if step.msg_type in _ANSWERS[asked.msg_type]
    ]
    repairs = [
        step
        for step in conversation.of_types(_REPAIRS)
        if conversation.root(step) is root and conversation.is_after(step, asked)
    ]
    ends = [step for step in (*answers, *repairs) if step.sender == asked.recipient]
    if not ends:
        return Pause(asked.sent_at, None, asked.id)
    first = min(ends, key=conversation.place)
    ended_at = max(conversation.received_at(first), asked.sent_at)
    return Pause(asked.sent_at, ended_at, asked.id)
