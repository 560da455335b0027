"""Routes of alerts: what is not well with the node, and who is told."""

from gateway.admin import alert_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_READERS = frozenset({Role.OPERATOR, Role.SECURITY, Role.AUDITOR, Role.OBSERVER})
_KEEPERS = frozenset({Role.OPERATOR, Role.SECURITY})

_ALERTS = f"{PREFIX}/alerts"

ALERT_ROUTES = (
    Route(
        name="list_alerts",
        method="GET",
        path=_ALERTS,
        roles=_READERS,
        summary="What is not well with the node, newest first",
        query=alert_shapes.AlertQuery,
        answer=alert_shapes.AlertPage,
    ),
    Route(
        name="acknowledge_alert",
        method="POST",
        path=f"{_ALERTS}/{{alert}}/acknowledge",
        roles=_KEEPERS,
        summary="Somebody knows of an alert; nobody is reminded any more",
        answer=alert_shapes.Alert,
        codes=("not-found", "conflict"),
    ),
    Route(
        name="test_alerts",
        method="POST",
        path=f"{_ALERTS}/test",
        roles=_KEEPERS,
        summary="Tell every channel of alerts that this is a test",
        answer=alert_shapes.ChannelTests,
    ),
)
