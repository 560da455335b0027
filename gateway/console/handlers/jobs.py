"""Long work: what was asked for, how far it is, and stopping it."""

from gateway.admin.job_shapes import Job, JobPage
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit

_FILTERS = ("kind", "state", "cursor")
_OPEN = frozenset({"waiting", "running"})


async def jobs(visit: Visit) -> Outcome:
    """Show jobs, newest first."""
    page = await visit.ask(JobPage, "list_jobs", query=visit.query.given(*_FILTERS))
    next_url = visit.query.url_with(visit.path, cursor=page.next) if page.next else ""
    values = {"jobs": page.items, "next_url": next_url, "open": _OPEN}
    return View(template="work/jobs.html", values=values)


async def job(visit: Visit) -> Outcome:
    """Show how far a job is, or what came of it."""
    shown = await visit.ask(Job, "show_job")
    taken = shown.done + shown.failed
    values = {"job": shown, "taken": taken, "is_open": shown.state in _OPEN}
    return View(template="work/job.html", values=values)


async def cancel(visit: Visit) -> Outcome:
    """Stop a job."""
    await visit.do("cancel_job", body=visit.form.given("reason"))
    to = f"{PREFIX}/jobs/{visit.segments['job']}"
    return Redirect(to=to, notice=visit.say("It was stopped; what it has done stays."))
