"""Deadlines and alarms as the shapes of the API."""

from gateway.admin import desk_shapes
from gateway.admin.rendering import when
from gateway.flows.deadline_book import Found
from gateway.mla.deadlines import DeadlineRule, rule_called
from gateway.ports.alarms import Alarm


def deadline_of(
    found: Found, ourselves: str, language: str = "en"
) -> desk_shapes.Deadline:
    """Return a deadline with its case, its title in a language."""
    one = found.deadline
    rule, moved = one.rule, one.extension
    return desk_shapes.Deadline(
        case=found.case_id,
        peer=found.peer,
        rule=rule.name,
        title=_title(rule, language),
        kind=rule.nature.value,
        source=rule.source,
        mark=rule.mark.value,
        owner=one.owner,
        ours=one.owner == ourselves,
        state=one.state.value,
        starts_at=when(one.starts_at),
        started_by=one.started_by,
        due=when(one.due),
        first_due=when(one.first_due),
        restarted_by=one.restarted_by,
        pauses=tuple(
            desk_shapes.DeadlinePause(
                began_at=when(pause.began_at),
                by=pause.by,
                ended_at=when(pause.ended_at),
            )
            for pause in one.pauses
        ),
        extended_until=when(moved.until if moved else None),
        extended_by=moved.by if moved else "",
        extension_cut=moved.is_cut if moved else False,
        met_at=when(one.met_at),
        met_by=one.met_by,
        late=one.is_late,
        calendar_assumed=one.is_calendar_assumed,
    )


def alarm_of(alarm: Alarm, ourselves: str, language: str = "en") -> desk_shapes.Alarm:
    """Return an alarm, its title in a language."""
    new = alarm.new
    rule = rule_called(new.rule)
    return desk_shapes.Alarm(
        alarm=alarm.number,
        kind=new.kind.value,
        raised_at=when(alarm.raised_at),
        index=alarm.log_index,
        case=new.case_id,
        message=new.message_id,
        peer=new.peer,
        rule=new.rule,
        title=_title(rule, language) if rule else "",
        owner=new.owner,
        ours=bool(new.owner) and new.owner == ourselves,
        due=when(new.due),
        raised_by=alarm.raised_by,
        record=None if alarm.lack_index < 0 else alarm.lack_index,
        person=alarm.person,
        asked=alarm.asked,
        asked_at=when(alarm.asked_at),
        claimed_by=alarm.claimed_by,
        claimed_at=when(alarm.claimed_at),
        resolved_by=alarm.resolved_by,
        resolved_at=when(alarm.resolved_at),
        outcome=alarm.outcome.value if alarm.outcome else "",
    )


def _title(rule: DeadlineRule, language: str) -> str:
    return rule.title_fr if language == "fr" else rule.title_en
