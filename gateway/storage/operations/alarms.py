"""Alarms: raised once, claimed by one, resolved for good; each with its log entry."""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotAllowedError, NotFoundError
from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.alarms import REVIEW_KINDS, Alarm, NewAlarm, Outcome
from gateway.storage.operations.steps import optional, require
from gateway.storage.transaction import Lookup, Transaction

if TYPE_CHECKING:
    from gateway.core.canonical import JsonObject

_Disclosed: TypeAlias = tuple[Disclosure, ...]

_NODE = "node"


def raise_alarm(tx: Transaction, new: NewAlarm, act: Act, now: UnixMs) -> Alarm | None:
    """Raise an alarm; None if there was one of its kind and subject, ever.

    Raises:
        NotFoundError: It puts on record that something of a message is missing that
            there is not.
    """
    if tx.alarm_of(new.kind, new.subject) is not None:
        return None
    lack_index = _put_on_record(tx, new, now) if new.lacking else -1
    alarm = Alarm(
        number=0,
        new=new,
        raised_at=now,
        raised_by="" if act.actor == _NODE else act.actor,
        log_index=_log(tx, "raise", new, act, now),
        lack_index=lack_index,
        tell_at=now if new.tells else NEVER,
    )
    return tx.put_alarm(alarm)


def claim(tx: Transaction, number: int, act: Act, now: UnixMs) -> Alarm:
    """Let somebody look after an alarm; repeating is harmless.

    Raises:
        NotFoundError: No such alarm.
        ConflictError: It is resolved, or somebody else looks after it.
    """
    alarm = _open(tx, number)
    if alarm.claimed_by == act.actor:
        return alarm
    if alarm.claimed_by:
        raise ConflictError(f"alarm {number}: {alarm.claimed_by} looks after it")
    _log(tx, "claim", alarm.new, act, now)
    return tx.put_alarm(
        replace(alarm, claimed_by=act.actor, claimed_at=now, tell_at=NEVER, tries=0)
    )


def resolve(tx: Transaction, number: int, act: Act, now: UnixMs) -> Alarm:
    """Let a person resolve an alarm.

    Raises:
        NotFoundError: No such alarm.
        ConflictError: It is resolved.
        NotAllowedError: It needs another person than the one who caused it.
    """
    alarm = _open(tx, number)
    if alarm.new.kind in REVIEW_KINDS and alarm.raised_by == act.actor:
        raise NotAllowedError(
            f"alarm {number}: {act.actor} caused it, another person has to review it"
        )
    return _end(tx, alarm, Outcome.DONE, act, now)


def withdraw(tx: Transaction, number: int, act: Act, now: UnixMs) -> bool:
    """Resolve an alarm whose reason is gone; tell whether it was open."""
    alarm = tx.alarm(number)
    if alarm is None or not alarm.is_open:
        return False
    _end(tx, alarm, Outcome.GONE, act, now)
    return True


def ask_person(
    tx: Transaction, number: int, person: str, *, asked: int, act: Act, now: UnixMs
) -> bool:
    """Ask the next person on call to claim an alarm, if nothing has changed."""
    alarm = tx.alarm(number)
    if alarm is None or not alarm.is_open or alarm.claimed_by or alarm.asked != asked:
        return False
    _log(tx, "ask", alarm.new, act, now)
    tx.put_alarm(
        replace(
            alarm,
            person=person,
            asked=asked + 1,
            asked_at=now,
            tell_at=now,
            tries=0,
        )
    )
    return True


def told(tx: Transaction, number: int, *, tell_at: UnixMs, again_at: UnixMs) -> None:
    """Record that the notify program was run, unless there is something new to tell."""
    alarm = tx.alarm(number)
    if alarm is None or not alarm.is_open or alarm.tell_at != tell_at:
        return
    tries = alarm.tries + 1 if again_at != NEVER else 0
    tx.put_alarm(replace(alarm, tell_at=again_at, tries=tries))


def require_alarm(tx: Lookup, number: int) -> Alarm:
    """Return an alarm.

    Raises:
        NotFoundError: There is none.
    """
    alarm = tx.alarm(number)
    if alarm is None:
        raise NotFoundError(f"alarm {number}: not found")
    return alarm


def _open(tx: Transaction, number: int) -> Alarm:
    alarm = require_alarm(tx, number)
    if not alarm.is_open:
        raise ConflictError(f"alarm {number}: was resolved")
    return alarm


def _end(
    tx: Transaction, alarm: Alarm, outcome: Outcome, act: Act, now: UnixMs
) -> Alarm:
    _log(tx, "resolve", alarm.new, act, now)
    return tx.put_alarm(
        replace(
            alarm,
            resolved_by=act.actor,
            resolved_at=now,
            outcome=outcome,
            tell_at=NEVER,
        )
    )


def _log(tx: Transaction, step: str, new: NewAlarm, act: Act, now: UnixMs) -> int:
    """Log a step of an alarm; what it is about stands beside, never in the clear."""
    about: _Disclosed = (Disclosure("detail", f"{new.kind} {new.subject}"),)
    if new.case_id:
        about += (Disclosure("case", new.case_id),)
    draft = EntryDraft(
        f"admin.alarm-{step}",
        now,
        {"res": new.kind.value, **optional("peer", new.peer)},
        (*act.disclosures(), *about),
    )
    return tx.append_entry(draft, case_id=new.case_id)


def _put_on_record(tx: Transaction, new: NewAlarm, now: UnixMs) -> int:
    """Log that something of a message is missing, with the entry that it was sent by.

    Together with the proof of that entry it shows what was sent, when, how often it
    was tried, and that by now nothing has come.
    """
    view = require(tx, MessageId(new.message_id)).view
    fields: JsonObject = {
        "m": view.id,
        "peer": view.peer,
        "ref": view.log_index,
        "res": new.lacking,
        "count": view.attempts,
    }
    return tx.append_entry(EntryDraft("msg.unreceived", now, fields))
