"""Rows of what is owed."""

from gateway.core.values import MessageId, UnixMs
from gateway.ports.owed import Owed, OwedQuestion
from gateway.storage.sqlite.running import Running

_URGENT_RANK = 0


class OwedReaderSql(Running):
    """Verbs of `gateway.storage.owed_verbs.OwedReader`."""

    def owed_offers(
        self, asked: OwedQuestion, rank: int, after: int, limit: int
    ) -> list[Owed]:
        """Return offered messages of a rank (0 urgent, 1 routine), by number."""
        before = asked.urgent_before if rank == _URGENT_RANK else asked.routine_before
        rows = self._rows("owed_offers", (asked.peer, rank, after, before, limit))
        return [_owed(*row) for row in rows]

    def owed_witnesses(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages whose receipt lies beyond the covered size, by its leaf."""
        return self._owed("owed_witnesses", asked, after, limit)

    def owed_evidence(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages of the peer that wait for files, by number."""
        return self._owed("owed_evidence", asked, after, limit)

    def owed_receipts(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages whose receipt the peer has not seen, by log index."""
        return self._owed("owed_receipts", asked, after, limit)

    def owed_events(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages with an event that the peer did not acknowledge, by entry."""
        return self._owed("owed_events", asked, after, limit)

    def _owed(
        self, name: str, asked: OwedQuestion, after: int, limit: int
    ) -> list[Owed]:
        rows = self._rows(
            name,
            {
                "peer": asked.peer,
                "urgent": asked.urgent_before,
                "routine": asked.routine_before,
                "origin": asked.peer_origin,
                "covered": asked.covered_size,
                "seen": asked.seen_size,
                "after": after,
                "limit": limit,
            },
        )
        return [_owed(*row) for row in rows]


def _owed(place: int, message_id: str, since: int, log_index: int) -> Owed:
    return Owed(place, MessageId(message_id), UnixMs(since), log_index)
