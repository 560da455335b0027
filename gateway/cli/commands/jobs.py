"""`job`: long work that was asked for."""

import time
from typing import TYPE_CHECKING

import click

from gateway.cli.declare import command
from gateway.cli.exits import ExitCode
from gateway.cli.invocation import Invocation, pass_invocation
from gateway.cli.output import print_fields, print_json, print_table, say

if TYPE_CHECKING:
    from gateway.admin.job_shapes import Job

_PAGE = 500
_LOOK_EVERY_S = 0.5


@command("list", example="mla-gateway job list --open")
@click.option("--kind", default="", help="Only of this kind, such as bulk-retry.")
@click.option("--state", default="", help="Only in this state, such as running.")
@click.option("--open", "is_open", is_flag=True, help="Only what has not ended.")
@pass_invocation
def list_all(invocation: Invocation, kind: str, state: str, *, is_open: bool) -> None:
    """Long work that was asked for, newest first."""
    from gateway.admin.job_shapes import JobQuery
    from gateway.client.job_calls import list_jobs

    query = JobQuery(kind=kind, state=state, open=is_open, limit=_PAGE)
    page = invocation.send(list_jobs(query))
    if invocation.as_json:
        print_json(page)
        return
    print_table(
        ("JOB", "KIND", "STATE", "DONE", "FAILED", "OF", "WHO", "ASKED"),
        [
            (
                job.id,
                job.kind,
                job.state,
                job.done,
                job.failed,
                job.total or "",
                job.asked_by,
                job.asked_at,
            )
            for job in page.items
        ],
    )


@command("show", example="mla-gateway job show 17 --wait")
@click.argument("number", type=click.IntRange(min=1), metavar="JOB")
@click.option("--wait", is_flag=True, help="Answer once it has ended.")
@pass_invocation
def show(invocation: Invocation, number: int, *, wait: bool) -> None:
    """How far a job is, or what came of it."""
    from gateway.client.job_calls import show_job

    job = wait_for(invocation, number) if wait else invocation.send(show_job(number))
    print_job(invocation, job)


@command("cancel", example='mla-gateway job cancel 17 --reason "the wrong filter"')
@click.argument("number", type=click.IntRange(min=1), metavar="JOB")
@click.option("--reason", default="", help="Why; it is logged with your name.")
@pass_invocation
def cancel(invocation: Invocation, number: int, reason: str) -> None:
    """Stop a job; what it has done stays done."""
    from gateway.client.job_calls import cancel_job

    job = invocation.send(cancel_job(number, reason))
    if invocation.as_json:
        print_json(job)
    else:
        say(f"job {job.id} is {job.state}: {job.done} of {job.total} were done")


def wait_for(invocation: Invocation, number: int) -> "Job":
    """Return a job once it has ended; a person is told how far it is."""
    from gateway.client.job_calls import show_job

    last = ""
    while True:
        job = invocation.send(show_job(number))
        if job.state not in {"waiting", "running"}:
            return job
        told = f"job {number} is {job.state}: {job.done + job.failed} of {job.total}"
        if told != last and not invocation.as_json:
            say(told)
        last = told
        time.sleep(_LOOK_EVERY_S)


def print_job(invocation: Invocation, job: "Job") -> None:
    """Print a job; one that did not do everything ends with another exit code."""
    if invocation.as_json:
        print_json(job)
    else:
        print_fields(
            {
                "job": job.id,
                "kind": job.kind,
                "state": job.state,
                "total": job.total,
                "done": job.done,
                "failed": job.failed,
                "asked by": job.asked_by,
                "asked at": job.asked_at,
                "reason": job.reason,
                "reference": job.reference,
                "begun at": job.begun_at,
                "ended at": job.ended_at,
                "cancelled by": job.cancelled_by,
                **_flat(job.result),
            }
        )
        print_table(
            ("MESSAGE", "WHY NOT"), [(one.id, one.code) for one in job.failures]
        )
    if job.result.get("verified") is False:
        click.get_current_context().exit(ExitCode.NOT_VERIFIED)
    if job.state in {"failed", "interrupted"}:
        click.get_current_context().exit(ExitCode.FAILED)
    if job.failed or job.state == "cancelled":
        click.get_current_context().exit(ExitCode.IN_PART)


def _flat(result: dict[str, object]) -> dict[str, object]:
    """Return what came of a job, one line a figure."""
    found: dict[str, object] = {}
    for name, value in result.items():
        if isinstance(value, dict):
            found |= {f"{name} {inner}": amount for inner, amount in value.items()}
        elif isinstance(value, list):
            found[name] = len(value)
        else:
            found[name] = value
    return found
