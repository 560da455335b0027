"""Rows of alarms."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.values import MessageId, UnixMs
from gateway.ports.alarms import Alarm, AlarmFilter, AlarmKind, NewAlarm, Outcome
from gateway.storage.sqlite.mapping import Params, SqlValue
from gateway.storage.sqlite.running import Running

# Beyond every number of an alarm.
_NEWEST = 2**62
_ANY = -1


class AlarmLookupSql(Running):
    """Verbs of `gateway.storage.alarm_verbs.AlarmLookup`."""

    def alarm(self, number: int) -> Alarm | None:
        """Return an alarm."""
        return self._one_alarm("alarm", (number,))

    def alarm_of(self, kind: AlarmKind, subject: str) -> Alarm | None:
        """Return the alarm of a kind about a subject."""
        return self._one_alarm("alarm_of", (kind.value, subject))

    def _one_alarm(self, name: str, params: Params) -> Alarm | None:
        for row in self._rows(name, params):
            return _alarm(row)
        return None


class AlarmReaderSql(AlarmLookupSql):
    """Verbs of `gateway.storage.alarm_verbs.AlarmReader`."""

    def alarms(
        self, wanted: AlarmFilter, before: int | None, limit: int
    ) -> list[Alarm]:
        """Return alarms with a number below `before`, newest first."""
        rows = self._rows(
            "alarms",
            {
                "before": _NEWEST if before is None else before,
                "open": _ANY if wanted.is_open is None else int(wanted.is_open),
                "kind": wanted.kind,
                "case_id": wanted.case_id,
                "peer": wanted.peer,
                "limit": limit,
            },
        )
        return [_alarm(row) for row in rows]

    def open_alarms(self, after: int, limit: int) -> list[Alarm]:
        """Return open alarms with a number above `after`, in order."""
        return [_alarm(row) for row in self._rows("open_alarms", (after, limit))]

    def open_alarm_counts(self) -> dict[tuple[str, bool], int]:
        """Return how many are open, by kind and whether they are claimed."""
        return {
            (kind, bool(is_claimed)): count
            for kind, is_claimed, count in self._rows("open_alarm_counts")
        }

    def alarmless_emergencies(self, since: UnixMs, limit: int) -> list[MessageId]:
        """Return emergency messages stored since then without an alarm of that kind."""
        rows = self._rows("alarmless_emergencies", (since, limit))
        return [MessageId(message_id) for (message_id,) in rows]

    def late_emergencies(self, before: UnixMs, limit: int) -> list[MessageId]:
        """Return held and queued emergency messages stored before, without an alarm."""
        rows = self._rows("late_emergencies", (before, limit))
        return [MessageId(message_id) for (message_id,) in rows]


class AlarmWritesSql(AlarmLookupSql):
    """Verbs of `gateway.storage.alarm_verbs.AlarmWrites`."""

    def forget_alarms_of(self, case_id: str, message_id: str = "") -> None:
        """Remove the case from alarms about it, or about one of its messages."""
        self._write("forget_alarms_of", (case_id, message_id, message_id))

    def put_alarm(self, alarm: Alarm) -> Alarm:
        """Store an alarm and return it; one of number 0 is new and gets a number."""
        outcome = "" if alarm.outcome is None else alarm.outcome.value
        later: Params = (
            alarm.person,
            alarm.asked,
            alarm.asked_at,
            alarm.tell_at,
            alarm.tries,
            alarm.claimed_by,
            alarm.claimed_at,
            alarm.resolved_by,
            alarm.resolved_at,
            outcome,
        )
        if alarm.number:
            self._write("update_alarm", (*later, alarm.number))
            return alarm
        new = alarm.new
        cursor = self._write(
            "add_alarm",
            (
                new.kind.value,
                new.subject,
                new.case_id,
                new.message_id,
                new.peer,
                new.owner,
                new.rule,
                new.due,
                new.lacking,
                int(new.tells),
                alarm.raised_at,
                alarm.raised_by,
                alarm.log_index,
                alarm.lack_index,
                *later,
            ),
        )
        return replace(alarm, number=cursor.lastrowid or 0)


def _alarm(row: Sequence[SqlValue]) -> Alarm:
    fields = dict(zip(_COLUMNS, row, strict=True))
    return Alarm(
        number=_int(fields["number"]),
        new=NewAlarm(
            kind=AlarmKind(str(fields["kind"])),
            subject=str(fields["subject"]),
            case_id=str(fields["case_id"]),
            message_id=str(fields["message_id"]),
            peer=str(fields["peer"]),
            owner=str(fields["owner"]),
            rule=str(fields["rule"]),
            due=UnixMs(_int(fields["due"])),
            lacking=str(fields["lacking"]),
            tells=bool(fields["tells"]),
        ),
        raised_at=UnixMs(_int(fields["raised_at"])),
        raised_by=str(fields["raised_by"]),
        log_index=_int(fields["log_index"]),
        lack_index=_int(fields["lack_index"]),
        person=str(fields["person"]),
        asked=_int(fields["asked"]),
        asked_at=UnixMs(_int(fields["asked_at"])),
        tell_at=UnixMs(_int(fields["tell_at"])),
        tries=_int(fields["tries"]),
        claimed_by=str(fields["claimed_by"]),
        claimed_at=UnixMs(_int(fields["claimed_at"])),
        resolved_by=str(fields["resolved_by"]),
        resolved_at=UnixMs(_int(fields["resolved_at"])),
        outcome=Outcome(str(fields["outcome"])) if fields["outcome"] else None,
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0


_COLUMNS = (
    "number",
    "kind",
    "subject",
    "case_id",
    "message_id",
    "peer",
    "owner",
    "rule",
    "due",
    "lacking",
    "tells",
    "raised_at",
    "raised_by",
    "log_index",
    "lack_index",
    "person",
    "asked",
    "asked_at",
    "tell_at",
    "tries",
    "claimed_by",
    "claimed_at",
    "resolved_by",
    "resolved_at",
    "outcome",
)
"""Columns of the table, as every query that reads it lists them."""
