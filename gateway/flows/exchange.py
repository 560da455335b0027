"""What every exchange with a peer goes through, in either direction.

Joined once in assembly, so that a flow's constructor names only what is its own.
"""

from dataclasses import dataclass, field

from gateway.core.values import AuthorityId
from gateway.flows.agreement import Agreement
from gateway.flows.checkpoints import Checkpoints
from gateway.flows.clock_hold import ClockHold
from gateway.flows.conflicts import LogConflicts
from gateway.flows.giving_way import GivingWay
from gateway.flows.halts import Halts
from gateway.flows.peer_logs import OurLogSeen, PeerLogs
from gateway.flows.recovery import Recovery
from gateway.ports.peers import PeerDirectory, PeerTransport
from gateway.ports.store import Store
from gateway.ports.world import Clock, Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The store, both logs' standing, and the way to the peers.

    Attributes:
        ourselves: Id of this authority.
        checkpoints: Signs our log.
        peer_logs: Links the peers' logs.
        our_log_seen: What the peers have linked of ours.
        agreement: Whether a peer's memory of our log agrees with it.
        conflicts: What is held against the peers' logs.
        recovery: Whether our log is whole, and may be signed.
        giving_way: Lets work on evidence wait for messages.
        clock_hold: Whether the time is in doubt.
        halts: What people have stopped.
    """

    ourselves: AuthorityId
    store: Store
    transport: PeerTransport
    directory: PeerDirectory
    checkpoints: Checkpoints
    peer_logs: PeerLogs
    our_log_seen: OurLogSeen
    agreement: Agreement
    recovery: Recovery
    clock: Clock
    metrics: Metrics
    conflicts: LogConflicts
    giving_way: GivingWay = field(default_factory=GivingWay)
    clock_hold: ClockHold = field(default_factory=ClockHold)
    halts: Halts = field(default_factory=Halts)
