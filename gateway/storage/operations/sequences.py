"""Running numbers: which of ours are under way, which of the peer's are missing.

Kept as ranges, so that a hundred thousand waiting messages are one row. Missing ones
say since when: what the peer names as under way is late, what it does not is a hole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.core.limits import MAX_PENDING_RANGES
from gateway.core.values import NEVER, AuthorityId, UnixMs
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


def observe(
    tx: Transaction, peer: AuthorityId, seqs: Iterable[int], now: UnixMs
) -> None:
    """Note running numbers of a peer that were received or closed.

    Those that are passed over are missing since `now`.
    """
    highest = tx.peer(peer).highest_seq
    for run in _runs(seqs):
        if run.first > highest + 1:
            missing = SeqRange(highest + 1, run.first - 1, now)
            _add(tx, peer, RangeKind.MISSING, missing)
        if run.first <= highest:
            _remove(tx, peer, RangeKind.MISSING, run)
        highest = max(highest, run.last)
    row = tx.peer(peer)
    if highest > row.highest_seq:
        tx.put_peer(replace(row, highest_seq=highest))


def announce(
    tx: Transaction,
    peer: AuthorityId,
    pending: Sequence[tuple[int, int]],
    now: UnixMs,
) -> None:
    """Note which numbers a peer says are under way: missing ones among them are late.

    Only the first ranges are looked at, as many as a peer may be told of.

    Args:
        tx: The transaction.
        peer: The sender.
        pending: Ranges as the peer gave them; in any order, and overlapping if it
            likes.
        now: Since when those it does not name are holes.
    """
    spans = tx.ranges(peer, RangeKind.MISSING, first=0, limit=MAX_PENDING_RANGES)
    announced = sorted(span for span in pending if span[0] <= span[1])
    pieces = _joined(piece for span in spans for piece in _split(span, announced, now))
    if pieces == spans:
        return
    for span in spans:
        tx.drop_range(peer, RangeKind.MISSING, span.first)
    for piece in pieces:
        tx.put_range(peer, RangeKind.MISSING, piece)


def _joined(spans: Iterable[SeqRange]) -> list[SeqRange]:
    """Return ranges with those joined that adjoin and are missing since the same."""
    joined: list[SeqRange] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and (last.last + 1, last.since) == (span.first, span.since):
            joined[-1] = replace(last, last=span.last)
        else:
            joined.append(span)
    return joined


def _split(
    span: SeqRange, announced: Sequence[tuple[int, int]], now: UnixMs
) -> Iterator[SeqRange]:
    """Cut a range where it begins or ceases to be announced."""
    hole_since = span.since or now
    at = span.first
    for first, last in announced:
        first, last = max(first, at), min(last, span.last)  # noqa: PLW2901 - cut to size
        if first > last:
            continue
        if at < first:
            yield SeqRange(at, first - 1, hole_since)
        yield SeqRange(first, last, NEVER)
        at = last + 1
    if at <= span.last:
        yield SeqRange(at, span.last, hole_since)


def holes(tx: Lookup, peer: AuthorityId) -> list[SeqRange]:
    """Return the missing ranges that the peer does not say are under way."""
    found = tx.ranges(peer, RangeKind.MISSING, first=0, limit=MAX_PENDING_RANGES)
    return [span for span in found if span.since != NEVER]


def listed(tx: Lookup, peer: AuthorityId, kind: RangeKind) -> list[tuple[int, int]]:
    """Return ranges of a kind, at most as many as a peer may be told."""
    found = tx.ranges(peer, kind, first=0, limit=MAX_PENDING_RANGES)
    plain = _joined(replace(span, since=NEVER) for span in found)
    return [(span.first, span.last) for span in plain]


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
    if before and (before.last, before.since) == (run.first - 1, run.since):
        run = replace(run, first=before.first)
    tx.put_range(peer, kind, run)


def _remove(tx: Transaction, peer: AuthorityId, kind: RangeKind, run: SeqRange) -> None:
    """Remove a run; what of it is not there is passed over."""
    end = run.last
    while end >= run.first:
        span = tx.range_before(peer, kind, end)
        if span is None or span.last < run.first:
            return
        if span.last > end:
            tx.put_range(peer, kind, replace(span, first=end + 1))
        if span.first < run.first:
            tx.put_range(peer, kind, replace(span, last=run.first - 1))
        else:
            tx.drop_range(peer, kind, span.first)
        end = span.first - 1
