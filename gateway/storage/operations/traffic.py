"""How exchange with each peer goes."""

from dataclasses import replace

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.values import NEVER, AuthorityId, UnixMs
from gateway.ports.messages import Box
from gateway.ports.outbox import Conservation
from gateway.ports.traffic import Hole, PeerTraffic
from gateway.storage.operations import sequences
from gateway.storage.rows import RangeKind
from gateway.storage.transaction import Reader, Transaction

# What was set aside stays until it is erased: it counts for its sender too.
_UNOPENED = (
    InboundState.PENDING,
    InboundState.RECEIVED,
    InboundState.QUARANTINED,
)


def traffic(tx: Reader, peer: AuthorityId, now: UnixMs) -> PeerTraffic:
    """Return the delivery state of a peer; what may go at once is due `now`."""
    row = tx.peer(peer)
    counts = {(one.box, one.state): one.count for one in tx.state_counts(peer)}
    return PeerTraffic(
        authority=peer,
        failures=row.failures,
        retry_at=row.retry_at,
        last_error=row.last_error,
        next_due_at=now if (due := tx.next_due_at(peer)) == NEVER else due,
        queued=counts.get((Box.OUT, OutboundState.QUEUED), 0),
        held=counts.get((Box.OUT, OutboundState.HELD), 0),
        oldest_queued_at=tx.oldest_queued_at(peer),
        unopened=sum(counts.get((Box.IN, state), 0) for state in _UNOPENED),
        pending=counts.get((Box.IN, InboundState.PENDING), 0),
        last_contact_at=row.last_contact_at,
        known_seen_size=row.known_seen_size,
        card_number_acknowledged=row.card_number_acknowledged,
        missing_seqs=tuple(sequences.listed(tx, peer, RangeKind.MISSING)),
        holes=tuple(
            Hole(one.first, one.last, one.since) for one in sequences.holes(tx, peer)
        ),
        highest_seq=row.highest_seq,
    )


def conservation(tx: Reader, peer: AuthorityId | None) -> Conservation:
    """Return the counts of invariant I3, read at one instant."""
    totals: dict[str, int] = {}
    for one in tx.state_counts(peer):
        if one.box is Box.OUT:
            totals[one.state] = totals.get(one.state, 0) + one.count
    by_state = tuple((state.value, totals.get(state, 0)) for state in OutboundState)
    return Conservation(tx.accepted_count(peer), by_state)


def record_failure(
    tx: Transaction,
    peer: AuthorityId,
    *,
    error: str,
    retry_at: UnixMs,
) -> None:
    """Count a failed attempt and leave the peer alone until `retry_at`."""
    row = tx.peer(peer)
    tx.put_peer(
        replace(row, failures=row.failures + 1, last_error=error, retry_at=retry_at),
    )


def record_contact(tx: Transaction, peer: AuthorityId, now: UnixMs) -> None:
    """Clear the back-off after a success in either direction."""
    row = tx.peer(peer)
    tx.put_peer(
        replace(row, failures=0, retry_at=NEVER, last_error="", last_contact_at=now),
    )


def record_seen(tx: Transaction, peer: AuthorityId, size: int) -> None:
    """Remember up to which size a peer has linked our log."""
    tx.put_peer(replace(tx.peer(peer), known_seen_size=size))


def record_card_acknowledged(tx: Transaction, peer: AuthorityId, number: int) -> None:
    """Remember which of our cards a peer has taken."""
    tx.put_peer(replace(tx.peer(peer), card_number_acknowledged=number))
