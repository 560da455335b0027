"""What a database must be able to do with alerts: verbs on rows."""

from typing import Protocol

from gateway.core.alerts import Severity
from gateway.core.values import UnixMs
from gateway.ports.alerts import Alert, AlertEvent, ChannelState, Expiring


class AlertLookup(Protocol):
    """What can be read of alerts in any transaction."""

    def alert(self, number: int) -> Alert | None:
        """Return an alert."""
        ...

    def open_alerts(self) -> list[Alert]:
        """Return all open alerts, oldest first."""
        ...


class AlertReader(AlertLookup, Protocol):
    """What is only read."""

    def alerts(
        self, *, is_open: bool | None, before: int | None, limit: int
    ) -> list[Alert]:
        """Return alerts with a number below `before`, newest first."""
        ...

    def open_alert_counts(self) -> dict[tuple[str, Severity], int]:
        """Return how many are open, by name and severity."""
        ...

    def expiring(self, before: UnixMs) -> list[Expiring]:
        """Return what expires before then and was not delivered, by peer."""
        ...

    def alert_events(self, after: int, limit: int) -> list[AlertEvent]:
        """Return events with a number above `after`, in order."""
        ...

    def alert_channel(self, name: str) -> ChannelState | None:
        """Return how far a channel has told."""
        ...


class AlertWrites(AlertLookup, Protocol):
    """What changes alerts."""

    def put_alert(self, alert: Alert) -> Alert:
        """Store an alert and return it; one of number 0 is new and gets a number."""
        ...

    def add_alert_event(self, event: AlertEvent) -> AlertEvent:
        """Store a new event and return it with its number."""
        ...

    def put_alert_channel(self, state: ChannelState) -> None:
        """Store how far a channel has told."""
        ...

    def drop_alerts(self, before: UnixMs) -> int:
        """Remove alerts resolved before then, with their events; return how many."""
        ...
