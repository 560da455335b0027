"""What a database must be able to do with alarms: verbs on rows."""

from typing import Protocol

from gateway.core.values import MessageId, UnixMs
from gateway.ports.alarms import Alarm, AlarmFilter, AlarmKind


class AlarmLookup(Protocol):
    """What can be read of alarms in any transaction."""

    def alarm(self, number: int) -> Alarm | None:
        """Return an alarm."""
        ...

    def alarm_of(self, kind: AlarmKind, subject: str) -> Alarm | None:
        """Return the alarm of a kind about a subject."""
        ...


class AlarmReader(AlarmLookup, Protocol):
    """What is only read."""

    def alarms(
        self, wanted: AlarmFilter, before: int | None, limit: int
    ) -> list[Alarm]:
        """Return alarms with a number below `before`, newest first."""
        ...

    def open_alarms(self, after: int, limit: int) -> list[Alarm]:
        """Return open alarms with a number above `after`, in order."""
        ...

    def open_alarm_counts(self) -> dict[tuple[str, bool], int]:
        """Return how many are open, by kind and whether they are claimed."""
        ...

    def alarmless_emergencies(self, since: UnixMs, limit: int) -> list[MessageId]:
        """Return emergency messages stored since then without an alarm of that kind."""
        ...

    def late_emergencies(self, before: UnixMs, limit: int) -> list[MessageId]:
        """Return held and queued emergency messages stored before, without an alarm."""
        ...


class AlarmWrites(AlarmLookup, Protocol):
    """What changes alarms."""

    def put_alarm(self, alarm: Alarm) -> Alarm:
        """Store an alarm and return it; one of number 0 is new and gets a number."""
        ...

    def forget_alarms_of(self, case_id: str, message_id: str = "") -> None:
        """Remove the case from alarms about it, or about one of its messages."""
        ...
