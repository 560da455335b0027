"""Joining what runs as jobs."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.values import AuthorityId
from gateway.flows.bulk import Bulk
from gateway.flows.exchange import Exchange
from gateway.flows.jobs import Jobs
from gateway.flows.log_jobs import LogJobs
from gateway.flows.log_monitor import LogMonitor


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSide:
    """Jobs, and what asks for them."""

    jobs: Jobs
    bulk: Bulk
    log_jobs: LogJobs


def join_work(
    exchange: Exchange,
    monitor: LogMonitor,
    *,
    wake: Callable[[AuthorityId], None],
) -> WorkSide:
    """Return jobs with everything that runs as one."""
    jobs = Jobs(exchange)
    return WorkSide(
        jobs=jobs,
        bulk=Bulk(exchange, jobs, wake=wake),
        log_jobs=LogJobs(exchange, jobs, monitor),
    )
