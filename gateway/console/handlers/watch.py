"""What wants somebody: alarms in cases, alerts about the node, and its checks."""

from typing import Final

from gateway.admin.alert_shapes import Alert, AlertPage, ChannelTests
from gateway.admin.desk_shapes import AlarmPage
from gateway.admin.node_shapes import Diagnostics, PeerList
from gateway.console.language import mark
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.ports.alarms import AlarmKind

ALARMS: Final = f"{PREFIX}/alarms"
ALERTS: Final = f"{PREFIX}/alerts"
DIAGNOSTICS: Final = f"{PREFIX}/diagnostics"

ALARM_LABELS: Final = {
    AlarmKind.DEADLINE_AHEAD: mark("a deadline of ours is near"),
    AlarmKind.DEADLINE_OVERDUE: mark("a deadline was missed"),
    AlarmKind.RECEIPT_OVERDUE: mark("a receipt is overdue"),
    AlarmKind.EMERGENCY: mark("an emergency message"),
    AlarmKind.EMERGENCY_UNDELIVERED: mark("an emergency message is not taken"),
    AlarmKind.EVIDENCE_FAULTY: mark("something speaks against a file"),
    AlarmKind.WEBHOOK_DISABLED: mark("a webhook gets nothing any more"),
    AlarmKind.REVIEW_OVERDUE: mark("a review is overdue"),
    AlarmKind.BREAK_GLASS_REVIEW: mark("an approver was passed over: review it"),
}
ALERT_LABELS: Final = {
    "message-near-expiry": mark("Messages will soon expire undelivered"),
    "peer-unreachable": mark("A peer does not take its messages"),
    "card-not-acknowledged": mark("A peer has not taken our newest card"),
    "certificate-ending": mark("A certificate of ours ends soon"),
    "key-ending": mark("Keys of ours end soon or have ended"),
    "keys-waiting": mark("New keys are ready, and not in force"),
    "peer-key-ending": mark("Keys of a peer end soon, and none follow"),
    "cosign-lag": mark("A witness does not cosign our log"),
    "quorum-missing": mark("Fewer witnesses than are demanded"),
    "log-conflict": mark("A log contradicts what was seen of it"),
    "log-recovery": mark("Our log is not whole, nothing is signed"),
    "log-damaged": mark("Something is wrong in our own store"),
    "log-unchecked": mark("Our store was not checked for a day"),
    "numbers-missing": mark("Messages with numbers between others are missing"),
    "storage-failing": mark("The database takes no writes"),
    "disk-low": mark("The disk is nearly full"),
    "clock-unsure": mark("The time is in doubt, nothing expires"),
    "stamp-late": mark("Our log gets no time stamps"),
    "token-ending": mark("The last token of an account ends soon"),
    "alerts-not-told": mark("What tells of alerts is not taken"),
}
_STATES: Final = (
    ("open", mark("open")),
    ("resolved", mark("resolved")),
    ("all", mark("all")),
)


async def alarms(visit: Visit) -> Outcome:
    """Show what somebody has to look at."""
    query = visit.query.given("state", "kind", "case", "peer", "before")
    page = await visit.ask(AlarmPage, "list_alarms", query=query)
    return View(
        template="watch/alarms.html",
        values={
            "alarms": page.items,
            "next_url": visit.query.url_with(ALARMS, before=page.next)
            if page.next
            else "",
            "filters": query,
            "kinds": ALARM_LABELS,
            "states": _STATES,
        },
    )


async def claim_alarm(visit: Visit) -> Outcome:
    """Let the reader look after an alarm."""
    await visit.do("claim_alarm")
    return Redirect(to=ALARMS, notice=visit.say("It is yours now."))


async def resolve_alarm(visit: Visit) -> Outcome:
    """Say that an alarm is dealt with."""
    await visit.do("resolve_alarm", body={"reason": visit.form.text("reason")})
    return Redirect(to=ALARMS, notice=visit.say("It is dealt with."))


async def alerts(visit: Visit) -> Outcome:
    """Show what is not well with the node."""
    query = visit.query.given("state", "before")
    page = await visit.ask(AlertPage, "list_alerts", query=query)
    return View(
        template="watch/alerts.html",
        values={
            "alerts": page.items,
            "next_url": visit.query.url_with(ALERTS, before=page.next)
            if page.next
            else "",
            "filters": query,
            "labels": ALERT_LABELS,
            "states": _STATES,
        },
    )


async def acknowledge_alert(visit: Visit) -> Outcome:
    """Say that the reader knows of an alert."""
    await visit.ask(Alert, "acknowledge_alert")
    return Redirect(to=ALERTS, notice=visit.say("Nobody is reminded of it any more."))


async def test_channels(visit: Visit) -> Outcome:
    """Tell everybody who is told of alerts that this is a test."""
    tests = await visit.ask(ChannelTests, "test_alerts")
    failed = [f"{one.channel}: {one.error}" for one in tests.channels if one.error]
    if failed:
        notice = visit.say("Not taken: %(failed)s", failed="; ".join(failed))
    elif tests.channels:
        notice = visit.say("The test was taken.")
    else:
        notice = visit.say("Nobody is told of alerts: see section [alerts].")
    return Redirect(to=ALERTS, notice=notice)


async def diagnostics(visit: Visit) -> Outcome:
    """Show every check of the node, or of the way to one peer."""
    peer = visit.query.text("peer")
    found = await visit.ask(
        Diagnostics, "diagnostics", query={"peer": peer} if peer else {}
    )
    peers = await visit.ask(PeerList, "list_peers")
    return View(
        template="watch/diagnostics.html",
        values={
            "found": found,
            "peer": peer,
            "peers": [one.id for one in peers.items],
            "counts": {
                level: sum(check.level == level for check in found.checks)
                for level in ("fail", "warn", "ok")
            },
        },
    )
