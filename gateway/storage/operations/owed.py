"""What is owed between us and a peer."""

from gateway.ports.owed import Owed, OwedKind, OwedQuestion
from gateway.storage.transaction import Reader

# Urgent offers come first; both ranks are one list with one kind of place.
_RANK_BIT = 53
_ROUTINE_START = 1 << _RANK_BIT


def owed(tx: Reader, asked: OwedQuestion, *, after: int, limit: int) -> list[Owed]:
    """Return what is owed of a kind, after a place, in order."""
    match asked.kind:
        case OwedKind.RECEIPT:
            return _offers(tx, asked, after=after, limit=limit)
        case OwedKind.WITNESS:
            return tx.owed_witnesses(asked, after, limit)
        case OwedKind.EVIDENCE:
            return tx.owed_evidence(asked, after, limit)
        case OwedKind.OUR_RECEIPT:
            return tx.owed_receipts(asked, after, limit)
        case OwedKind.OUR_EVENT:
            return tx.owed_events(asked, after, limit)


def _offers(tx: Reader, asked: OwedQuestion, *, after: int, limit: int) -> list[Owed]:
    found: list[Owed] = []
    for rank in (0, 1):
        start = rank << _RANK_BIT
        if after >= start + _ROUTINE_START:
            continue
        rows = tx.owed_offers(asked, rank, max(after - start, 0), limit - len(found))
        found += [
            Owed(start + one.place, one.message_id, one.since, one.log_index)
            for one in rows
        ]
    return found
