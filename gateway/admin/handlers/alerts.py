"""Alerts, for those who keep the node."""

from gateway.admin import alert_shapes
from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.core.alerts import ALERTS
from gateway.ports.alerts import Alert


class AlertHandlers:
    """Answers from the alerts of the node."""

    def __init__(self, services: AdminServices) -> None:
        self._alerts = services.alerts

    async def list(self, asked: Asked) -> alert_shapes.AlertPage:
        """Return a page of alerts."""
        query = asked.filters(alert_shapes.AlertQuery)
        found = await self._alerts.page(
            is_open=None if query.state == "all" else query.state == "open",
            before=query.before or None,
            limit=query.limit,
        )
        is_full = len(found) == query.limit
        return alert_shapes.AlertPage(
            items=tuple(map(alert_of, found)),
            next=str(found[-1].number) if is_full else "",
        )

    async def acknowledge(self, asked: Asked) -> alert_shapes.Alert:
        """Note that the caller knows of an alert."""
        number = asked.number("alert")
        return alert_of(await self._alerts.acknowledge(number, asked.caller.name))

    async def test(self, asked: Asked) -> alert_shapes.ChannelTests:
        """Tell every channel that this is a test."""
        del asked
        return alert_shapes.ChannelTests(
            channels=tuple(
                alert_shapes.ChannelTest(channel=one.name, error=one.error)
                for one in await self._alerts.test()
            )
        )


def alert_of(alert: Alert) -> alert_shapes.Alert:
    """Return an alert as the API shows it."""
    seen = alert.seen
    return alert_shapes.Alert(
        alert=alert.number,
        name=seen.name,
        title=ALERTS[seen.name].title,
        subject=seen.subject,
        severity=seen.severity.value,
        text=seen.text,
        remedy=seen.remedy,
        raised_at=when(alert.raised_at),
        seen_at=when(alert.seen_at),
        resolved_at=when(alert.resolved_at),
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=when(alert.acknowledged_at),
        repeats=alert.repeats,
    )
