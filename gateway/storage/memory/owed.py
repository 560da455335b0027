"""What is owed, in memory."""

from collections.abc import Iterable, Iterator

from gateway.core.delivery import InboundState
from gateway.core.values import Priority
from gateway.ports.messages import Box, MessageRow, ProofRole
from gateway.ports.owed import Owed, OwedQuestion
from gateway.storage.memory.tables import Tables
from gateway.storage.rows import StoredMessage

_NO_RECEIPT = (InboundState.PENDING, InboundState.EXPIRED)


class OwedReaderMemory:
    """Verbs of `gateway.storage.owed_verbs.OwedReader`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def owed_offers(
        self, asked: OwedQuestion, rank: int, after: int, limit: int
    ) -> list[Owed]:
        """Return offered messages of a rank (0 urgent, 1 routine), by number."""
        found = (
            Owed(one.number, one.view.id, one.view.updated_at, one.view.log_index)
            for one in self._due(asked)
            if one.is_offered and (one.view.priority is Priority.URGENT) == (rank == 0)
        )
        return _page(found, after, limit)

    def owed_witnesses(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages whose receipt lies beyond the covered size, by its leaf."""
        due = {one.view.id: one.view for one in self._due(asked)}
        found = (
            _owed(row.proof.index, due[row.message_id])
            for row in self._tables.proofs.values()
            if row.role is ProofRole.RECEIPT
            and row.origin == asked.peer_origin
            and row.proof.index >= asked.covered_size
            and row.message_id in due
        )
        return _page(found, after, limit)

    def owed_evidence(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages of the peer that wait for files, by number."""
        found = (
            _owed(one.number, one.view)
            for one in self._due(asked)
            if one.view.state is InboundState.PENDING
        )
        return _page(found, after, limit)

    def owed_receipts(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages whose receipt the peer has not seen, by log index."""
        found = (
            _owed(one.view.log_index, one.view)
            for one in self._due(asked)
            if one.view.box is Box.IN
            and one.view.state not in _NO_RECEIPT
            and one.view.log_index >= asked.seen_size
        )
        return _page(found, after, limit)

    def owed_events(self, asked: OwedQuestion, after: int, limit: int) -> list[Owed]:
        """Return messages with an event that the peer did not acknowledge, by entry."""
        due = {one.view.id: one.view for one in self._due(asked)}
        found = (
            Owed(index, item.message_id, due[item.message_id].updated_at, index)
            for (peer, index), item in self._tables.events.items()
            if peer == asked.peer and item.message_id in due
        )
        return _page(found, after, limit)

    def _due(self, asked: OwedQuestion) -> Iterator[StoredMessage]:
        for one in self._tables.messages.values():
            is_urgent = one.view.priority is Priority.URGENT
            before = asked.urgent_before if is_urgent else asked.routine_before
            if one.view.peer == asked.peer and one.view.updated_at <= before:
                yield one


def _owed(place: int, view: MessageRow) -> Owed:
    return Owed(place, view.id, view.updated_at, view.log_index)


def _page(found: Iterable[Owed], after: int, limit: int) -> list[Owed]:
    later = sorted(
        (one for one in found if one.place > after), key=lambda one: one.place
    )
    return later[:limit]
