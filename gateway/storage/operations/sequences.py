"""Running numbers: which of ours are under way, which of the peer's are missing.

Kept as ranges, so that a hundred thousand waiting messages are one row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.core.limits import MAX_PENDING_RANGES
from gateway.core.values import AuthorityId
from gateway.storage.rows import RangeKind, SeqRange
from gateway.storage.transaction import Lookup, Transaction


def next_seq(tx: Transaction, peer: AuthorityId, *, accepted: int) -> int:
    """Give the next running number to a message for a peer; it is pending now.

    Args:
        tx: The transaction.
        peer: The addressee.
        accepted: 1 if the message counts as accepted now, 0 if it did before.
    """
    row = tx.peer(peer)
    seq = row.last_seq + 1
    tx.put_peer(replace(row, last_seq=seq, accepted=row.accepted + accepted))
    _add(tx, peer, RangeKind.PENDING, SeqRange(seq, seq))
    return seq


def give_again(tx: Transaction, peer: AuthorityId, seq: int) -> None:
    """Let a running number beyond all others be under way, as after a recovery."""
    _add(tx, peer, RangeKind.PENDING, SeqRange(seq, seq))


def settle(tx: Transaction, peer: AuthorityId, seqs: Iterable[int]) -> None:
    """Take running numbers of ours off those that are under way."""
    for run in _runs(seqs):
        _remove(tx, peer, RangeKind.PENDING, run)


def observe(tx: Transaction, peer: AuthorityId, seqs: Iterable[int]) -> None:
    """Note running numbers of a peer that were received or closed."""
    highest = tx.peer(peer).highest_seq
    for run in _runs(seqs):
        if run.first > highest + 1:
            missing = SeqRange(highest + 1, run.first - 1)
            _add(tx, peer, RangeKind.MISSING, missing)
        if run.first <= highest:
            _remove(tx, peer, RangeKind.MISSING, run)
        highest = max(highest, run.last)
    row = tx.peer(peer)
    if highest > row.highest_seq:
        tx.put_peer(replace(row, highest_seq=highest))


def listed(tx: Lookup, peer: AuthorityId, kind: RangeKind) -> list[tuple[int, int]]:
    """Return ranges of a kind, at most as many as a peer may be told."""
    found = tx.ranges(peer, kind, first=0, limit=MAX_PENDING_RANGES)
    return [(span.first, span.last) for span in found]


def _runs(seqs: Iterable[int]) -> Iterator[SeqRange]:
    """Yield the runs of adjoining numbers; 0 stands for none and is left out."""
    first = last = 0
    for seq in sorted({seq for seq in seqs if seq}):
        if first and seq == last + 1:
            last = seq
            continue
        if first:
            yield SeqRange(first, last)
        first = last = seq
    if first:
        yield SeqRange(first, last)


def _add(tx: Transaction, peer: AuthorityId, kind: RangeKind, run: SeqRange) -> None:
    """Add a run that lies beyond all others of its kind."""
    before = tx.range_before(peer, kind, run.first)
    if before is not None and before.last == run.first - 1:
        run = SeqRange(before.first, run.last)
    tx.put_range(peer, kind, run)


def _remove(tx: Transaction, peer: AuthorityId, kind: RangeKind, run: SeqRange) -> None:
    """Remove a run; what of it is not there is passed over."""
    end = run.last
    while end >= run.first:
        span = tx.range_before(peer, kind, end)
        if span is None or span.last < run.first:
            return
        if span.last > end:
            tx.put_range(peer, kind, SeqRange(end + 1, span.last))
        if span.first < run.first:
            tx.put_range(peer, kind, SeqRange(span.first, run.first - 1))
        else:
            tx.drop_range(peer, kind, span.first)
        end = span.first - 1
