"""How things are with a peer, for those who look."""

from dataclasses import dataclass

from gateway.flows.conflicts import LogStanding
from gateway.flows.numbers import Ranges
from gateway.ports.log import PeerLogState
from gateway.ports.traffic import PeerTraffic
from gateway.ports.trust import EnrolledPeer


@dataclass(frozen=True, slots=True)
class PeerStanding:
    """All there is to show of a peer.

    Attributes:
        log: What we have linked of its log; None before the first contact.
        problem: Why its memory of our log can't be right, or empty.
        epoch_problem: What it denies of a log it had before, or empty.
        evidence_bytes: Of its evidence that lies here unopened.
        log_standing: What its log is worth to us.
        missing_there: Our running numbers that it says it misses.
    """

    enrolled: EnrolledPeer
    traffic: PeerTraffic
    log: PeerLogState | None
    problem: str
    epoch_problem: str
    evidence_bytes: int
    log_standing: LogStanding
    missing_there: Ranges
