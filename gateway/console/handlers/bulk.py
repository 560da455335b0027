"""One action on all messages of a filter: looked at first, then done as a job."""

from typing import Final

from gateway.admin.job_shapes import BulkPreview, Job
from gateway.console.fields import Fields, parse
from gateway.console.handlers.message_list import MESSAGES, wanted
from gateway.console.language import mark
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit

BULK: Final = f"{PREFIX}/bulk"

ACTIONS: Final = (
    ("retry", mark("Try again now")),
    ("cancel", mark("Withdraw")),
    ("other-channel", mark("Sent by another channel")),
)


async def preview(visit: Visit) -> Outcome:
    """Show what an action would do, and ask why it is to be done."""
    query = _without_action(visit.query)
    action = visit.query.text("action")
    found = None
    if action:
        found = await visit.ask(
            BulkPreview,
            "preview_bulk",
            body={"action": action, "filter": wanted(query)},
        )
    return View(
        template="messages/bulk.html",
        values={
            "actions": ACTIONS,
            "action": action,
            "filters": wanted(query),
            "query": query,
            "preview": found,
            "list_url": query.url_with(MESSAGES),
        },
    )


async def begin(visit: Visit) -> Outcome:
    """Do exactly what the preview showed."""
    form = visit.form
    order: dict[str, object] = {
        **form.given("action", "digest", "reference"),
        "reason": form.text("reason"),
        "filter": wanted(parse(form.text("query"), "query")),
    }
    job = await visit.ask(
        Job,
        "begin_bulk",
        body=order,
        # Pressed twice, it is the same order: the preview is used up by the first.
        key=f"page-{form.text('digest')[:40]}-{form.text('once')}",
    )
    return Redirect(to=f"{PREFIX}/jobs/{job.id}", notice=visit.say("It is being done."))


def _without_action(query: Fields) -> Fields:
    left = {name: query.values[name] for name in query if name != "action"}
    return Fields(left)
