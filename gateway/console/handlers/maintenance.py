"""Maintenance windows."""

from datetime import UTC, datetime, timedelta

from gateway.admin.halt_shapes import Maintenance
from gateway.console.handlers.peers import moment_of
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit

_HOUR = timedelta(hours=1)


async def maintenance(visit: Visit) -> Outcome:
    """Show whether this node is being maintained."""
    shown = await visit.ask(Maintenance, "show_maintenance")
    proposed = datetime.fromtimestamp(visit.now / 1_000, UTC) + _HOUR
    values = {"window": shown, "proposed": f"{proposed:%Y-%m-%dT%H:%M}"}
    return View(template="work/maintenance.html", values=values)


async def begin(visit: Visit) -> Outcome:
    """Begin a window, or give it another end."""
    body = {
        "until": moment_of(visit, visit.form.text("until")),
        "reason": visit.form.text("reason"),
    }
    await visit.do("begin_maintenance", body=body)
    return _back(visit.say("Peers are told to come later."))


async def end(visit: Visit) -> Outcome:
    """End the window before its time."""
    await visit.do("end_maintenance")
    return _back(visit.say("Exchange goes on with all peers."))


def _back(notice: str) -> Redirect:
    return Redirect(to=f"{PREFIX}/maintenance", notice=notice)
