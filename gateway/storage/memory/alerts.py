"""Rows of alerts, in memory."""

from collections import Counter
from dataclasses import replace

from gateway.core.alerts import Severity
from gateway.core.delivery import OutboundState
from gateway.core.values import UnixMs
from gateway.ports.alerts import Alert, AlertEvent, ChannelState, Expiring
from gateway.storage.memory.tables import ONLY, Journal, Tables

_WAITING = frozenset({OutboundState.HELD, OutboundState.QUEUED})


class AlertLookupMemory:
    """Verbs of `gateway.storage.alert_verbs.AlertLookup`."""

    _tables: Tables

    def alert(self, number: int) -> Alert | None:
        """Return an alert."""
        return self._tables.alert.rows.get(number)

    def open_alerts(self) -> list[Alert]:
        """Return all open alerts, oldest first."""
        rows = sorted(self._tables.alert.rows.items())
        return [alert for _, alert in rows if alert.is_open]


class AlertReaderMemory(AlertLookupMemory):
    """Verbs of `gateway.storage.alert_verbs.AlertReader`."""

    def alerts(
        self, *, is_open: bool | None, before: int | None, limit: int
    ) -> list[Alert]:
        """Return alerts with a number below `before`, newest first."""
        rows = sorted(self._tables.alert.rows.items(), reverse=True)
        found = [
            alert
            for number, alert in rows
            if (before is None or number < before) and is_open in {None, alert.is_open}
        ]
        return found[:limit]

    def open_alert_counts(self) -> dict[tuple[str, Severity], int]:
        """Return how many are open, by name and severity."""
        return Counter(
            (alert.seen.name, alert.seen.severity) for alert in self.open_alerts()
        )

    def expiring(self, before: UnixMs) -> list[Expiring]:
        """Return what expires before then and was not delivered, by peer."""
        ends: dict[str, list[UnixMs]] = {}
        for message in self._tables.messages.values():
            view = message.view
            if view.state in _WAITING and 0 < view.expires_at < before:
                ends.setdefault(view.peer, []).append(view.expires_at)
        return [
            Expiring(peer, len(found), min(found))
            for peer, found in sorted(ends.items())
        ]

    def alert_events(self, after: int, limit: int) -> list[AlertEvent]:
        """Return events with a number above `after`, in order."""
        table = self._tables.alert
        found = [
            replace(event, alert=table.rows[event.alert.number])
            for number, event in sorted(table.events.items())
            if number > after
        ]
        return found[:limit]

    def alert_channel(self, name: str) -> ChannelState | None:
        """Return how far a channel has told."""
        return self._tables.alert.channels.get(name)


class AlertWritesMemory(AlertLookupMemory):
    """Verbs of `gateway.storage.alert_verbs.AlertWrites`."""

    _journal: Journal

    def put_alert(self, alert: Alert) -> Alert:
        """Store an alert and return it; one of number 0 is new and gets a number."""
        table = self._tables.alert
        if alert.number == 0:
            alert = replace(alert, number=table.last[ONLY] + 1)
            self._journal.put(table.last, ONLY, alert.number)
        self._journal.put(table.rows, alert.number, alert)
        return alert

    def add_alert_event(self, event: AlertEvent) -> AlertEvent:
        """Store a new event and return it with its number."""
        table = self._tables.alert
        event = replace(event, number=table.last_event[ONLY] + 1)
        self._journal.put(table.last_event, ONLY, event.number)
        self._journal.put(table.events, event.number, event)
        return event

    def put_alert_channel(self, state: ChannelState) -> None:
        """Store how far a channel has told."""
        self._journal.put(self._tables.alert.channels, state.name, state)

    def drop_alerts(self, before: UnixMs) -> int:
        """Remove alerts resolved before then, with their events; return how many."""
        table = self._tables.alert
        ended = {
            number
            for number, alert in table.rows.items()
            if not alert.is_open and alert.resolved_at < before
        }
        for place, event in list(table.events.items()):
            if event.alert.number in ended:
                self._journal.drop(table.events, place)
        for number in ended:
            self._journal.drop(table.rows, number)
        return len(ended)
