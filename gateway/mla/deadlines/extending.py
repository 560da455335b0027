"""How a deadline is moved: told with reasons, agreed, or asked for (preservation)."""

from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar
from gateway.mla.deadlines.conversation import Conversation, Step, moment_of
from gateway.mla.deadlines.counting import days_later
from gateway.mla.deadlines.events_of import following
from gateway.mla.deadlines.model import (
    DeadlineRule,
    Extended,
    ExtensionKind,
    Side,
    message,
)
from gateway.mla.problems import text_at, values_at

_ASKED = message("DLX_REQ")
_LONGER = message("PRS_EXT", by=Side.REQUESTING)
_DAYS = ("payload/days", "payload/extension_days", "payload/period_days")
_GRANTED = "GRANTED"
_MOST_DAYS = 3_660
_DATE_CHARS = len("2026-11-21")


def extended(
    conversation: Conversation,
    rule: DeadlineRule,
    start: Step,
    owner: str,
    due: UnixMs | None,
    calendar: WorkingCalendar,
) -> Extended | None:
    """Return the last message that moved a deadline, and its new end.

    No rule is shortened, and none is moved further than it allows.
    """
    kind = rule.extension.kind
    if due is None or kind is ExtensionKind.NONE:
        return None
    if kind is ExtensionKind.PRESERVATION:
        wanted = _preserved_longer(conversation, start, owner, due, calendar)
    else:
        wanted = _agreed(conversation, rule, start, owner, due, calendar)
    if wanted is None or wanted[0] <= due:
        return None
    until, by = wanted
    if rule.extension.most_days is None:
        return Extended(until, by, is_cut=False)
    most = days_later(due, rule.extension.most_days, calendar)
    return Extended(UnixMs(min(until, most)), by, is_cut=until > most)


def _preserved_longer(
    conversation: Conversation,
    start: Step,
    owner: str,
    due: UnixMs,
    calendar: WorkingCalendar,
) -> tuple[UnixMs, str] | None:
    until, by = due, ""
    for step in following(conversation, _LONGER, start, owner):
        days = [
            value
            for path in _DAYS
            for value in values_at(step.entry, path)
            if isinstance(value, int) and not isinstance(value, bool)
        ]
        if days and 0 < days[0] <= _MOST_DAYS:
            until, by = days_later(until, days[0], calendar), step.id
    return (until, by) if by else None


def _agreed(
    conversation: Conversation,
    rule: DeadlineRule,
    start: Step,
    owner: str,
    due: UnixMs,
    calendar: WorkingCalendar,
) -> tuple[UnixMs, str] | None:
    root = conversation.root(start)
    found = None
    for step in conversation.of_types(_ASKED.types):
        if conversation.root(step) is not root:
            continue
        if not _is_about(step, rule, due, calendar):
            continue
        until = moment_of(text_at(step.entry, "payload/new"), calendar)
        if until is None:
            continue
        if rule.extension.kind is ExtensionKind.TOLD and step.sender == owner:
            found = (until, step.id)
        for reply in conversation.replies(step):
            says = text_at(reply.entry, "payload/answer")
            if reply.msg_type == "DLX_RSP" and says == _GRANTED:
                # Another end may be granted than was asked for.
                granted = moment_of(text_at(reply.entry, "payload/new"), calendar)
                found = (until if granted is None else granted, reply.id)
    return found


def _is_about(
    step: Step, rule: DeadlineRule, due: UnixMs, calendar: WorkingCalendar
) -> bool:
    """Tell whether a request for another date is about this deadline.

    It names a rule of law. For a date that a message gave there is no such code, so
    that the old date tells which is meant.
    """
    if text_at(step.entry, "payload/rule") in {rule.id, rule.name}:
        return True
    old = text_at(step.entry, "payload/old")
    if rule.id[0] != "G" or old is None:
        return False
    at = moment_of(old[:_DATE_CHARS], calendar)
    return at is not None and calendar.day_of(at) == calendar.day_of(due)
