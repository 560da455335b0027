"""The audit log: its entries, what they disclose, who vouches for it."""

from typing import Final

from gateway.admin.job_shapes import Job, JobPage
from gateway.admin.node_shapes import LogCheckpoint, LogEntries, LogEntry
from gateway.admin.watch_shapes import LogCheckState
from gateway.admin.witness_shapes import ConflictList, RoundList, Witnesses
from gateway.console.page import PREFIX, Outcome, Redirect, View
from gateway.console.visit import Visit
from gateway.core.errors import UsageError

LOG: Final = f"{PREFIX}/log"
WITNESSES: Final = f"{LOG}/witnesses"
VERIFICATIONS: Final = f"{LOG}/verifications"

# What one page looks through for a filter: as much as one call of the API gives.
_LOOKED_THROUGH: Final = 500
_SHOWN: Final = 50
_JOBS_SHOWN: Final = 5
_MAX_DIGITS: Final = 15


async def entries(visit: Visit) -> Outcome:
    """Show entries, the newest first, those of a kind or a message if asked for."""
    kind, message = visit.query.text("kind"), visit.query.text("message")
    limit = _LOOKED_THROUGH if kind or message else _SHOWN
    query = {"limit": str(limit)}
    before = _place(visit.query.text("before"))
    if before:
        start = max(before - limit, 0)
        query = {"start": str(start), "limit": str(before - start)}
    page = await visit.ask(LogEntries, "log_entries", query=query)
    first = page.items[0].index if page.items else 0
    found = [
        entry
        for entry in reversed(page.items)
        if entry.kind.startswith(kind) and (not message or entry.message == message)
    ]
    checks = None
    if visit.may("list_jobs"):
        wanted = {"kind": "log-verify", "limit": str(_JOBS_SHOWN)}
        checks = await visit.ask(JobPage, "list_jobs", query=wanted)
    state = None
    if visit.may("log_check"):
        state = await visit.ask(LogCheckState, "log_check")
    return View(
        template="log/entries.html",
        values={
            "entries": found,
            "looked_at": len(page.items),
            "is_filtered": bool(kind or message),
            "size": page.size,
            "filters": {
                "kind": kind,
                "message": message,
                "before": str(before or ""),
            },
            "older": visit.query.url_with(LOG, before=str(first)) if first else "",
            "newest": visit.query.url_with(LOG, before="") if before else "",
            "checks": checks,
            "state": state,
        },
    )


async def entry(visit: Visit) -> Outcome:
    """Show one entry with what it discloses."""
    found = await visit.ask(LogEntry, "log_entry")
    return View(template="log/entry.html", values={"entry": found})


async def verify(visit: Visit) -> Outcome:
    """Have every entry hashed again, as a job."""
    job = await visit.ask(
        Job, "begin_log_verification", key=f"page-{visit.form.text('once')[:40]}"
    )
    return Redirect(to=f"{VERIFICATIONS}/{job.id}")


async def verification(visit: Visit) -> Outcome:
    """Show how far a verification is, or what it has shown."""
    job = await visit.ask(Job, "show_job")
    return View(
        template="log/verification.html",
        values={"job": job, "is_running": job.state in {"waiting", "running"}},
    )


async def witnesses(visit: Visit) -> Outcome:
    """Show the newest checkpoint, who cosigns our log, and logs that contradict."""
    conflicts = None
    if visit.may("conflicts"):
        conflicts = await visit.ask(ConflictList, "conflicts")
    rounds = None
    if visit.may("rounds"):
        rounds = await visit.ask(RoundList, "rounds")
    return View(
        template="log/witnesses.html",
        values={
            "checkpoint": await visit.ask(LogCheckpoint, "log_checkpoint"),
            "standing": await visit.ask(Witnesses, "witnesses"),
            "rounds": rounds,
            "conflicts": conflicts,
        },
    )


async def begin_round(visit: Visit) -> Outcome:
    """Sign a checkpoint now, and have it cosigned."""
    await visit.do("begin_round")
    return Redirect(to=WITNESSES, notice=visit.say("The witnesses are being asked."))


def _place(text: str) -> int:
    """Return the number of an entry; 0 for none.

    Raises:
        UsageError: It is none.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise UsageError("before: expected the number of an entry")
    return int(text)
