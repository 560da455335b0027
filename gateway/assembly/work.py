"""Joining what operators do: jobs, maintenance windows, incidents of peers."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.values import AuthorityId
from gateway.flows.approvals import Approvals
from gateway.flows.bulk import Bulk
from gateway.flows.exchange import Exchange
from gateway.flows.incidents import Incidents
from gateway.flows.jobs import Jobs
from gateway.flows.log_jobs import LogJobs
from gateway.flows.log_monitor import LogMonitor
from gateway.flows.maintenance import Maintenance
from gateway.flows.peers import PeerCare


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkSide:
    """Jobs and what asks for them, and what people stop."""

    jobs: Jobs
    bulk: Bulk
    log_jobs: LogJobs
    maintenance: Maintenance
    incidents: Incidents


def join_work(
    exchange: Exchange,
    monitor: LogMonitor,
    *,
    peers: PeerCare,
    approvals: Approvals,
    wake: Callable[[AuthorityId], None],
) -> WorkSide:
    """Return jobs with everything that runs as one, and what stops exchange."""
    jobs = Jobs(exchange)
    return WorkSide(
        jobs=jobs,
        bulk=Bulk(exchange, jobs, wake=wake),
        log_jobs=LogJobs(exchange, jobs, monitor),
        maintenance=Maintenance(exchange, wake=wake),
        incidents=Incidents(exchange, peers, approvals),
    )
