"""Rows of alarms, in memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from gateway.core.delivery import OutboundState
from gateway.core.values import MessageId, UnixMs
from gateway.ports.alarms import Alarm, AlarmFilter, AlarmKind
from gateway.ports.messages import Box, MessageRow
from gateway.storage.memory.tables import ONLY, Journal, Tables

_RECEIPTS = frozenset({"ACK", "EVD_ACK", "ERR"})
_ON_THEIR_WAY = frozenset({OutboundState.HELD, OutboundState.QUEUED})


class AlarmLookupMemory:
    """Verbs of `gateway.storage.alarm_verbs.AlarmLookup`."""

    _tables: Tables

    def alarm(self, number: int) -> Alarm | None:
        """Return an alarm."""
        return self._tables.alarm.rows.get(number)

    def alarm_of(self, kind: AlarmKind, subject: str) -> Alarm | None:
        """Return the alarm of a kind about a subject."""
        for alarm in self._tables.alarm.rows.values():
            if (alarm.new.kind, alarm.new.subject) == (kind, subject):
                return alarm
        return None


class AlarmReaderMemory(AlarmLookupMemory):
    """Verbs of `gateway.storage.alarm_verbs.AlarmReader`."""

    def alarms(
        self, wanted: AlarmFilter, before: int | None, limit: int
    ) -> list[Alarm]:
        """Return alarms with a number below `before`, newest first."""
        found = [
            alarm
            for alarm in self._tables.alarm.rows.values()
            if (before is None or alarm.number < before) and _passes(alarm, wanted)
        ]
        return sorted(found, key=lambda alarm: -alarm.number)[:limit]

    def open_alarms(self, after: int, limit: int) -> list[Alarm]:
        """Return open alarms with a number above `after`, in order."""
        rows = sorted(self._tables.alarm.rows.items())
        return [one for number, one in rows if one.is_open and number > after][:limit]

    def open_alarm_counts(self) -> dict[tuple[str, bool], int]:
        """Return how many are open, by kind and whether they are claimed."""
        rows = self._tables.alarm.rows.values()
        return Counter(
            (alarm.new.kind.value, bool(alarm.claimed_by))
            for alarm in rows
            if alarm.is_open
        )

    def alarmless_emergencies(self, since: UnixMs, limit: int) -> list[MessageId]:
        """Return emergency messages stored since then without an alarm of that kind."""
        found = [
            view.id
            for view in self._emergencies(AlarmKind.EMERGENCY)
            if view.accepted_at >= since
            and view.index is not None
            and view.index.msg_type not in _RECEIPTS
        ]
        return found[:limit]

    def late_emergencies(self, before: UnixMs, limit: int) -> list[MessageId]:
        """Return held and queued emergency messages stored before, without an alarm."""
        found = [
            view.id
            for view in self._emergencies(AlarmKind.EMERGENCY_UNDELIVERED)
            if view.accepted_at <= before
            and view.box is Box.OUT
            and view.state in _ON_THEIR_WAY
        ]
        return found[:limit]

    def _emergencies(self, kind: AlarmKind) -> Iterator[MessageRow]:
        """Yield emergency messages without an alarm of a kind, oldest first."""
        known = {
            alarm.new.subject
            for alarm in self._tables.alarm.rows.values()
            if alarm.new.kind is kind
        }
        messages = self._tables.messages.values()
        for one in sorted(messages, key=lambda m: (m.view.accepted_at, m.number)):
            index = one.view.index
            if index and index.urgency == "EMERGENCY" and one.view.id not in known:
                yield one.view


class AlarmWritesMemory(AlarmLookupMemory):
    """Verbs of `gateway.storage.alarm_verbs.AlarmWrites`."""

    _journal: Journal

    def put_alarm(self, alarm: Alarm) -> Alarm:
        """Store an alarm and return it; one of number 0 is new and gets a number."""
        table = self._tables.alarm
        if alarm.number == 0:
            alarm = replace(alarm, number=table.last[ONLY] + 1)
            self._journal.put(table.last, ONLY, alarm.number)
        self._journal.put(table.rows, alarm.number, alarm)
        return alarm

    def forget_alarms_of(self, case_id: str, message_id: str = "") -> None:
        """Remove the case from alarms about it, or about one of its messages."""
        for alarm in list(self._tables.alarm.rows.values()):
            new = alarm.new
            is_of_it = message_id in {"", new.message_id}
            if new.case_id == case_id != "" and is_of_it:
                self.put_alarm(replace(alarm, new=replace(new, case_id="")))


def _passes(alarm: Alarm, wanted: AlarmFilter) -> bool:
    new = alarm.new
    return (
        wanted.is_open in {None, alarm.is_open}
        and wanted.kind in {"", new.kind}
        and wanted.case_id in {"", new.case_id}
        and wanted.peer in {"", new.peer}
    )
