"""Alerts, as calls; the companion of `calls`."""

from gateway.admin import alert_shapes
from gateway.client.call import Call, call_of


def list_alerts(query: alert_shapes.AlertQuery) -> Call[alert_shapes.AlertPage]:
    """Return a page of alerts."""
    return call_of("list_alerts", alert_shapes.AlertPage, query=query)


def acknowledge_alert(alert: int) -> Call[alert_shapes.Alert]:
    """Say that somebody knows of an alert."""
    return call_of("acknowledge_alert", alert_shapes.Alert, alert=str(alert))


def try_alerts() -> Call[alert_shapes.ChannelTests]:
    """Tell every channel that this is a test."""
    return call_of("test_alerts", alert_shapes.ChannelTests)
