"""What the admin API needs of the node; built in assembly, and nowhere else."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Self

from gateway.admin.account_services import AccountServices
from gateway.admin.node_shapes import Check
from gateway.core.operators import Caller
from gateway.core.values import UnixMs
from gateway.flows.alerts import Alerts
from gateway.flows.approvals import Approvals
from gateway.flows.break_glass import BreakGlass
from gateway.flows.bulk import Bulk
from gateway.flows.deadline_book import DeadlineBook
from gateway.flows.erasure import Erasure
from gateway.flows.exchange import Exchange
from gateway.flows.guarded import Readers
from gateway.flows.incidents import Incidents
from gateway.flows.inspection import Inspection
from gateway.flows.jobs import Jobs
from gateway.flows.legal import LegalDesk
from gateway.flows.lifecycle import Lifecycle
from gateway.flows.log_jobs import LogJobs
from gateway.flows.log_monitor import LogMonitor
from gateway.flows.maintenance import Maintenance
from gateway.flows.open import Open
from gateway.flows.operators import Operators
from gateway.flows.originals import Originals
from gateway.flows.our_card import OurCard
from gateway.flows.owed import OwedReport
from gateway.flows.peers import PeerCare
from gateway.flows.printing import PrintMessage
from gateway.flows.pruning import PruneLog
from gateway.flows.queue import Queue
from gateway.flows.rates import Rates
from gateway.flows.recall import Recall
from gateway.flows.rounds import Rounds
from gateway.flows.stamping import Stamping
from gateway.flows.statistics import Statistics
from gateway.flows.submit import Submit
from gateway.flows.two_persons import TwoPersons
from gateway.flows.units import UnitDesk
from gateway.flows.uploads import Uploads
from gateway.flows.webhooks import Webhooks
from gateway.mla.deadlines import Terms
from gateway.mla.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminServices:
    """The flows behind the API, and what only assembly knows.

    Attributes:
        log_origin: Origin of our audit log.
        authenticate: Tells who holds a token; None if nobody does or it has expired.
        expose_metrics: Returns all figures in the Prometheus text format.
        further_checks: What diagnostics look at beyond what the flows show: disk,
            keys, certificates, clock.
        version: Of the software.
        unit_desk: Units, and what somebody who works on cases sees.
        roster: Returns who is on call.
        terms: By what days are counted now, for deadlines.
        proxy_of: Tells through which proxy a peer with such a policy is called.
        certificate_seen: Returns the SHA-256 of the certificate that peers see; empty
            if that is not known.
        subscribe: Takes what is called whenever outcomes of messages were stored.
    """

    exchange: Exchange
    submit: Submit
    open: Open
    originals: Originals
    printing: PrintMessage
    uploads: Uploads
    inspection: Inspection
    rates: Rates
    queue: Queue
    peers: PeerCare
    operators: Operators
    two_persons: TwoPersons
    unit_desk: UnitDesk
    roster: Callable[[], Awaitable[Roster]]
    people: AccountServices
    our_card: OurCard
    legal: LegalDesk
    rounds: Rounds
    stamping: Stamping
    statistics: Statistics
    monitor: LogMonitor
    owed: OwedReport
    deadlines: DeadlineBook
    alerts: Alerts
    terms: Callable[[], Terms]
    erasure: Erasure
    pruning: PruneLog
    lifecycle: Lifecycle
    approvals: Approvals
    break_glass: BreakGlass
    recall: Recall
    readers: Readers
    webhooks: Webhooks
    jobs: Jobs
    bulk: Bulk
    log_jobs: LogJobs
    maintenance: Maintenance
    incidents: Incidents
    log_origin: str
    authenticate: Callable[[str, UnixMs], Caller | None]
    expose_metrics: Callable[[], bytes]
    further_checks: Callable[[], Awaitable[Sequence[Check]]]
    version: str
    started_at: UnixMs
    proxy_of: Callable[[str], str] = lambda policy: policy
    certificate_seen: Callable[[], str] = lambda: ""
    subscribe: Callable[[Callable[[], None]], None] = lambda _listener: None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminLimits:
    """What one caller may cost; start values of the specification, section 9.

    Attributes:
        requests_per_s: Of one account, in the long run.
        burst: Of one account, at once.
        waits: Requests of one account that may wait for something at the same time.
        body_bytes: Of one request.
        body_timeout_s: For a whole body, however steadily it drips.
        stream_idle_s: Between two pieces of a file.
        header_timeout_s: From connection to the first whole request header.
        idle_timeout_s: Between two requests of a connection.
        connections: Open at once, of all callers together.
        half_open: Handshakes at once.
    """

    requests_per_s: float = 20.0
    burst: int = 40
    waits: int = 16
    body_bytes: int = 1024 * 1024
    body_timeout_s: float = 30.0
    stream_idle_s: float = 60.0
    header_timeout_s: float = 10.0
    idle_timeout_s: float = 60.0
    connections: int = 256
    half_open: int = 64

    @classmethod
    def of_rate(cls, requests_per_s: int) -> Self:
        """Return the limits of a node that lets accounts ask so often."""
        return cls(requests_per_s=float(requests_per_s), burst=2 * requests_per_s)
