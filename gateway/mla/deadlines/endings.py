"""What meets or ends a deadline: the act itself, or that nothing is owed any more."""

from gateway.core.values import UnixMs
from gateway.mla.deadlines.conversation import Conversation, Step
from gateway.mla.deadlines.events_of import first_following, following, side
from gateway.mla.deadlines.model import DeadlineRule, Side, message
from gateway.mla.problems import text_at, texts_at, values_at

_MEASURE_IDS = "payload/measures/*/measure_id"
_DEALT_WITH = ("payload/decisions", "payload/results")
_REFUSALS = frozenset({"REFUSE", "NOT_COMPETENT"})
_SOME = "SOME"

_REFUSED = message("DEC", by=Side.REQUESTED)
_WITHDRAWN = message("WDR", "CR_CAN", by=Side.REQUESTING)
_CLOSED = (
    message("CLS", by=Side.REQUESTING),
    message("CLS", by=Side.REQUESTED),
)


def met_by(
    conversation: Conversation, rule: DeadlineRule, start: Step, owner: str
) -> Step | None:
    """Return the message that meets a deadline; None while none does."""
    if rule.met_by_start:
        return start
    if not rule.covers_measures:
        return first_following(conversation, rule.met, start, owner)
    wanted = texts_at(conversation.root(start).entry, _MEASURE_IDS)
    # What was withdrawn needs no answer any more.
    done: set[str] = {
        measure
        for step in following(conversation, _WITHDRAWN, start, "")
        for measure in texts_at(step.entry, "payload/measure_ids/*")
    }
    for step in following(conversation, rule.met, start, owner):
        covered, is_whole = _covered(step)
        done |= covered
        if is_whole or (wanted and wanted <= done):
            return step
    return None


def met_at(
    conversation: Conversation, rule: DeadlineRule, start: Step, met: Step
) -> UnixMs:
    """Return when a message met a deadline: when it was sent, or had to arrive."""
    if rule.met_by_start and met is start and rule.is_backwards:
        return conversation.received_at(start)
    return met.sent_at


def ended_by(
    conversation: Conversation, rule: DeadlineRule, start: Step, owner: str
) -> Step | None:
    """Return the message after which nothing is owed any more; None if none says so."""
    ends = [first_following(conversation, rule.ended, start, owner)]
    if not rule.survives_closure:
        ends += [
            _error(conversation, start),
            _withdrawal(conversation, start),
            _refusal(conversation, start),
            *(first_following(conversation, one, start, owner) for one in _CLOSED),
        ]
    found = [step for step in ends if step is not None]
    return min(found, key=conversation.place, default=None)


def _covered(step: Step) -> tuple[set[str], bool]:
    """Return the measures that a message deals with, or that it does all."""
    if values_at(step.entry, "payload/final") == [True]:
        return set(), True
    ids: set[str] = set()
    named = False
    for path in _DEALT_WITH:
        for one in values_at(step.entry, f"{path}/*"):
            measure = text_at(one, "measure_id")
            if measure is not None:
                named = True
                if text_at(one, "result") != "PENDING":
                    ids.add(measure)
    return ids, not named


def _error(conversation: Conversation, start: Step) -> Step | None:
    """Return the answer that says that the request can't be processed."""
    for about in (start, conversation.root(start)):
        for step in conversation.replies(about):
            if step.msg_type == "ERR" and step.sender == about.recipient:
                return step
    return None


def _withdrawal(conversation: Conversation, start: Step) -> Step | None:
    """Return the message that withdraws the whole request."""
    wanted = texts_at(conversation.root(start).entry, _MEASURE_IDS)
    withdrawn: set[str] = set()
    for step in following(conversation, _WITHDRAWN, start, ""):
        if text_at(step.entry, "payload/scope") != _SOME:
            return step
        withdrawn |= texts_at(step.entry, "payload/measure_ids/*")
        if wanted and wanted <= withdrawn:
            return step
    return None


def _refusal(conversation: Conversation, start: Step) -> Step | None:
    """Return the decision after which every measure is refused."""
    requested = side(conversation, start, Side.REQUESTED)
    wanted = texts_at(conversation.root(start).entry, _MEASURE_IDS)
    refused: set[str] = set()
    for step in following(conversation, _REFUSED, start, requested):
        for one in values_at(step.entry, "payload/decisions/*"):
            measure = text_at(one, "measure_id")
            if measure is None:
                continue
            if text_at(one, "outcome") in _REFUSALS:
                refused.add(measure)
            else:
                refused.discard(measure)
        if wanted and wanted <= refused:
            return step
    return None
