"""How exchange with each peer goes; survives restarts."""

from dataclasses import dataclass
from typing import Protocol

from gateway.core.values import AuthorityId, UnixMs


@dataclass(frozen=True, slots=True)
class Hole:
    """Running numbers that are missing, and whose sender does not say they come.

    Attributes:
        since: When they were first missed.
    """

    first: int
    last: int
    since: UnixMs


@dataclass(frozen=True, slots=True)
class PeerTraffic:
    """Delivery state of a peer; survives restarts.

    Attributes:
        failures: Failed attempts in a row.
        retry_at: Nothing is tried before this moment.
        next_due_at: When the earliest queued message may be tried, or None.
        unopened: Messages of the peer that nobody here has opened; those that were
            set aside are among them.
        pending: Those of them whose evidence is still coming.
        last_contact_at: Last success in either direction, or 0.
        known_seen_size: Size of our log the peer is known to have linked.
        card_number_acknowledged: Number of our card that the peer has taken.
        missing_seqs: Holes in the peer's running numbers, as ranges (at most 64).
        holes: Those of them that the peer does not say are under way.
        highest_seq: Highest running number of the peer that was received or closed.
    """

    authority: AuthorityId
    failures: int
    retry_at: UnixMs
    last_error: str
    next_due_at: UnixMs | None
    queued: int
    held: int
    oldest_queued_at: UnixMs | None
    unopened: int
    pending: int
    last_contact_at: UnixMs
    known_seen_size: int
    card_number_acknowledged: int
    missing_seqs: tuple[tuple[int, int], ...]
    holes: tuple[Hole, ...]
    highest_seq: int


class TrafficStore(Protocol):
    """Delivery state of peers. Each method is one transaction."""

    async def traffic(self, peer: AuthorityId, now: UnixMs) -> PeerTraffic:
        """Return the delivery state of a peer."""
        ...

    async def record_failure(
        self,
        peer: AuthorityId,
        *,
        error: str,
        retry_at: UnixMs,
    ) -> None:
        """Count a failed attempt and leave the peer alone until `retry_at`."""
        ...

    async def record_contact(self, peer: AuthorityId, now: UnixMs) -> None:
        """Clear the back-off after a success in either direction."""
        ...

    async def record_seen(self, peer: AuthorityId, size: int) -> None:
        """Remember up to which size a peer has linked our log."""
        ...

    async def record_card_acknowledged(self, peer: AuthorityId, number: int) -> None:
        """Remember which of our cards a peer has taken."""
        ...
