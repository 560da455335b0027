"""Rows of alerts."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.alerts import AlertStep, Condition, Severity
from gateway.core.values import UnixMs
from gateway.ports.alerts import Alert, AlertEvent, ChannelState, Expiring
from gateway.storage.sqlite.mapping import SqlValue
from gateway.storage.sqlite.running import Running

# Beyond every number of an alert.
_NEWEST = 2**62
_ANY = -1


class AlertLookupSql(Running):
    """Verbs of `gateway.storage.alert_verbs.AlertLookup`."""

    def alert(self, number: int) -> Alert | None:
        """Return an alert."""
        for row in self._rows("alert", (number,)):
            return _alert(row)
        return None

    def open_alerts(self) -> list[Alert]:
        """Return all open alerts, oldest first."""
        return [_alert(row) for row in self._rows("open_alerts")]


class AlertReaderSql(AlertLookupSql):
    """Verbs of `gateway.storage.alert_verbs.AlertReader`."""

    def alerts(
        self, *, is_open: bool | None, before: int | None, limit: int
    ) -> list[Alert]:
        """Return alerts with a number below `before`, newest first."""
        rows = self._rows(
            "alerts",
            {
                "before": _NEWEST if before is None else before,
                "open": _ANY if is_open is None else int(is_open),
                "limit": limit,
            },
        )
        return [_alert(row) for row in rows]

    def open_alert_counts(self) -> dict[tuple[str, Severity], int]:
        """Return how many are open, by name and severity."""
        return {
            (name, Severity(severity)): count
            for name, severity, count in self._rows("open_alert_counts")
        }

    def expiring(self, before: UnixMs) -> list[Expiring]:
        """Return what expires before then and was not delivered, by peer."""
        return [
            Expiring(peer, count, UnixMs(first_at))
            for peer, count, first_at in self._rows("expiring", (before,))
        ]

    def alert_events(self, after: int, limit: int) -> list[AlertEvent]:
        """Return events with a number above `after`, in order."""
        return [
            AlertEvent(
                number=number,
                step=AlertStep(step),
                at=UnixMs(at),
                severity=Severity(severity),
                alert=_alert(row),
            )
            for number, step, at, severity, *row in self._rows(
                "alert_events", (after, limit)
            )
        ]

    def alert_channel(self, name: str) -> ChannelState | None:
        """Return how far a channel has told."""
        for name_, cursor, failures, next_at, error in self._rows(
            "alert_channel", (name,)
        ):
            return ChannelState(
                name=name_,
                cursor=cursor,
                failures=failures,
                next_at=UnixMs(next_at),
                error=error,
            )
        return None


class AlertWritesSql(AlertLookupSql):
    """Verbs of `gateway.storage.alert_verbs.AlertWrites`."""

    def put_alert(self, alert: Alert) -> Alert:
        """Store an alert and return it; one of number 0 is new and gets a number."""
        seen = alert.seen
        told = (seen.severity.value, seen.text, seen.remedy)
        later = (
            alert.seen_at,
            alert.resolved_at,
            alert.acknowledged_by,
            alert.acknowledged_at,
            alert.repeats,
            alert.repeat_at,
        )
        if alert.number:
            self._write("update_alert", (*told, *later, alert.number))
            return alert
        cursor = self._write(
            "add_alert", (seen.name, seen.subject, *told, alert.raised_at, *later)
        )
        return replace(alert, number=cursor.lastrowid or 0)

    def add_alert_event(self, event: AlertEvent) -> AlertEvent:
        """Store a new event and return it with its number."""
        cursor = self._write(
            "add_alert_event",
            (event.alert.number, event.step.value, event.at, event.severity.value),
        )
        return replace(event, number=cursor.lastrowid or 0)

    def put_alert_channel(self, state: ChannelState) -> None:
        """Store how far a channel has told."""
        self._write(
            "put_alert_channel",
            (state.name, state.cursor, state.failures, state.next_at, state.error),
        )

    def drop_alerts(self, before: UnixMs) -> int:
        """Remove alerts resolved before then, with their events; return how many."""
        self._write("drop_alert_events", (before,))
        return self._write("drop_alerts", (before,)).rowcount


def _alert(row: Sequence[SqlValue]) -> Alert:
    number, name, subject, severity, text, remedy, *later = row
    raised_at, seen_at, resolved_at, who, acknowledged_at, repeats, repeat_at = later
    return Alert(
        number=_int(number),
        seen=Condition(
            name=str(name),
            subject=str(subject),
            severity=Severity(str(severity)),
            text=str(text),
            remedy=str(remedy),
        ),
        raised_at=UnixMs(_int(raised_at)),
        seen_at=UnixMs(_int(seen_at)),
        resolved_at=UnixMs(_int(resolved_at)),
        acknowledged_by=str(who),
        acknowledged_at=UnixMs(_int(acknowledged_at)),
        repeats=_int(repeats),
        repeat_at=UnixMs(_int(repeat_at)),
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0
