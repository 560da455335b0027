"""The pages of alarms, alerts and diagnostics."""

from typing import Final

from gateway.console.handlers import watch
from gateway.console.language import mark
from gateway.console.page import Entry, Page

WATCH_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="alarms",
        path=watch.ALARMS,
        needs=("list_alarms",),
        answer=watch.alarms,
        menu=Entry(label=mark("Alarms"), group="work", place=50, key="r"),
    ),
    Page(
        name="alarm-claim",
        method="POST",
        path=f"{watch.ALARMS}/{{alarm}}/claim",
        needs=("claim_alarm",),
        answer=watch.claim_alarm,
    ),
    Page(
        name="alarm-resolve",
        method="POST",
        path=f"{watch.ALARMS}/{{alarm}}/resolve",
        needs=("resolve_alarm",),
        answer=watch.resolve_alarm,
    ),
    Page(
        name="alerts",
        path=watch.ALERTS,
        needs=("list_alerts",),
        answer=watch.alerts,
        menu=Entry(label=mark("Alerts"), group="network", place=60, key="e"),
    ),
    Page(
        name="alert-acknowledge",
        method="POST",
        path=f"{watch.ALERTS}/{{alert}}/acknowledge",
        needs=("acknowledge_alert",),
        answer=watch.acknowledge_alert,
    ),
    Page(
        name="alerts-test",
        method="POST",
        path=f"{watch.ALERTS}/test",
        needs=("test_alerts",),
        answer=watch.test_channels,
    ),
    Page(
        name="diagnostics",
        path=watch.DIAGNOSTICS,
        needs=("diagnostics", "list_peers"),
        answer=watch.diagnostics,
        menu=Entry(label=mark("Diagnostics"), group="network", place=70, key="d"),
    ),
)
