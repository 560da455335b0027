"""The pages of long work, and of stopping exchange for a while."""

from typing import Final

from gateway.console.handlers import jobs, maintenance
from gateway.console.language import mark
from gateway.console.page import PREFIX, Entry, Page

_JOBS: Final = f"{PREFIX}/jobs"
_JOB: Final = f"{_JOBS}/{{job}}"
_MAINTENANCE: Final = f"{PREFIX}/maintenance"

WORK_PAGES: Final[tuple[Page, ...]] = (
    Page(
        name="jobs",
        path=_JOBS,
        needs=("list_jobs",),
        answer=jobs.jobs,
        menu=Entry(label=mark("Jobs"), group="work", place=70, key="j"),
    ),
    Page(name="job", path=_JOB, needs=("show_job",), answer=jobs.job),
    Page(
        name="job-cancel",
        method="POST",
        path=f"{_JOB}/cancel",
        needs=("cancel_job",),
        answer=jobs.cancel,
    ),
    Page(
        name="maintenance",
        path=_MAINTENANCE,
        needs=("show_maintenance",),
        answer=maintenance.maintenance,
        menu=Entry(label=mark("Maintenance"), group="network", place=40),
    ),
    Page(
        name="maintenance-begin",
        method="POST",
        path=f"{_MAINTENANCE}/begin",
        needs=("begin_maintenance",),
        answer=maintenance.begin,
    ),
    Page(
        name="maintenance-end",
        method="POST",
        path=f"{_MAINTENANCE}/end",
        needs=("end_maintenance",),
        answer=maintenance.end,
    ),
)
