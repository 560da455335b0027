"""Webhooks: systems that are told of changes, how calls of them went, their secrets."""

from gateway.admin.webhook_shapes import (
    IssuedWebhook,
    Webhook,
    WebhookCallPage,
    WebhookList,
    WebhookOutcome,
)
from gateway.console.language import mark
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.values import UnixMs, format_time
from gateway.core.webhooks import EVENTS

WEBHOOKS = f"{PREFIX}/webhooks"

_CALLS = 50
_HOUR_MS = 3_600_000
_SINCE_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720}
_SINCE = (
    ("", mark("where it stands")),
    ("hour", mark("the last hour")),
    ("day", mark("the last day")),
    ("week", mark("the last week")),
    ("month", mark("the last 30 days")),
)
WHY = {
    "failing": mark("It took nothing for days."),
    "gone": mark("It said that it is gone for good."),
    "forgotten": mark("It was away for longer than changes are kept."),
}


async def webhooks(visit: Visit) -> Outcome:
    """Show all endpoints."""
    found = await visit.ask(WebhookList, "list_webhooks")
    values = {"found": found, "events": EVENTS}
    return View(template="links/webhooks.html", values=values)


async def webhook(visit: Visit) -> Outcome:
    """Show one endpoint and how calls of it went."""
    shown = await visit.ask(Webhook, "show_webhook")
    calls = await visit.ask(
        WebhookCallPage, "webhook_calls", query={"limit": str(_CALLS)}
    )
    values = {
        "webhook": shown,
        "calls": calls.items,
        "why": WHY.get(shown.why, ""),
        "since": tuple((name, visit.say(label)) for name, label in _SINCE),
    }
    return View(template="links/webhook.html", values=values)


async def add(visit: Visit) -> Outcome:
    """Add an endpoint; the page is the only one that ever shows its secret."""
    body = {
        "name": visit.form.text("name"),
        "url": visit.form.text("url"),
        "events": visit.form.all("events"),
    }
    return _secret(await visit.ask(IssuedWebhook, "add_webhook", body=body))


async def rotate(visit: Visit) -> Outcome:
    """Give an endpoint a new secret, shown on this page only."""
    hours = visit.form.text("overlap_hours")
    body = {"overlap_hours": int(hours) if hours.isdecimal() else hours}
    return _secret(await visit.ask(IssuedWebhook, "rotate_webhook", body=body))


async def test(visit: Visit) -> Outcome:
    """Call an endpoint with a test, and tell how that went."""
    outcome = await visit.ask(WebhookOutcome, "test_webhook")
    if outcome.taken:
        notice = visit.say("It has taken the test.")
    else:
        notice = visit.say("It has not taken the test: %(why)s", why=outcome.detail)
    return _back(visit, notice)


async def replay(visit: Visit) -> Outcome:
    """Call an endpoint again."""
    hours = _SINCE_HOURS.get(visit.form.text("since"), 0)
    since = format_time(UnixMs(visit.now - hours * _HOUR_MS)) if hours else ""
    await visit.do("replay_webhook", body={"since": since})
    return _back(visit, visit.say("It is called again."))


async def remove(visit: Visit) -> Outcome:
    """Remove an endpoint."""
    await visit.do("remove_webhook")
    return Redirect(to=WEBHOOKS, notice=visit.say("The endpoint was removed."))


def _secret(issued: IssuedWebhook) -> View:
    return View(template="links/secret.html", values={"issued": issued})


def _back(visit: Visit, notice: str) -> Redirect:
    return Redirect(to=f"{WEBHOOKS}/{visit.segments['name']}", notice=notice)
