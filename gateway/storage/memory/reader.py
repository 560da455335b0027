"""One instant of a store in memory, for reading."""

from collections import Counter
from collections.abc import Collection, Mapping

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.routing import HoldReason
from gateway.core.translog.tiles import Place
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.log import StoredEntry
from gateway.ports.messages import (
    Box,
    Cause,
    Change,
    MessageFilter,
    MessageRow,
    StoredProof,
)
from gateway.ports.outbox import OutboundEventItem
from gateway.storage.memory.alarms import AlarmReaderMemory
from gateway.storage.memory.alerts import AlertReaderMemory
from gateway.storage.memory.approvals import ApprovalReaderMemory
from gateway.storage.memory.cases import CaseReaderMemory
from gateway.storage.memory.checking import CheckReaderMemory
from gateway.storage.memory.erasure import ErasureReaderMemory
from gateway.storage.memory.evidence import EvidenceReaderMemory
from gateway.storage.memory.jobs import JobReaderMemory
from gateway.storage.memory.lifecycle import LifecycleReaderMemory
from gateway.storage.memory.lookup import MemoryLookup
from gateway.storage.memory.owed import OwedReaderMemory
from gateway.storage.memory.statistics import StatisticsReaderMemory
from gateway.storage.memory.tables import ONLY
from gateway.storage.memory.webhooks import WebhookReaderMemory
from gateway.storage.memory.witness import WitnessReaderMemory
from gateway.storage.rows import (
    DisclosureRow,
    Head,
    ListPosition,
    StateCount,
    StoredMessage,
)

_STUCK: Mapping[Box, Collection[str]] = {
    Box.OUT: (
        OutboundState.HELD,
        OutboundState.QUEUED,
        OutboundState.REFUSED,
        OutboundState.EXPIRED,
    ),
    Box.IN: (InboundState.QUARANTINED, InboundState.EXPIRED),
}


class MemoryReader(
    MemoryLookup,
    EvidenceReaderMemory,
    WitnessReaderMemory,
    CheckReaderMemory,
    OwedReaderMemory,
    ErasureReaderMemory,
    CaseReaderMemory,
    StatisticsReaderMemory,
    AlarmReaderMemory,
    AlertReaderMemory,
    LifecycleReaderMemory,
    ApprovalReaderMemory,
    WebhookReaderMemory,
    JobReaderMemory,
):
    """Verbs of `gateway.storage.transaction.Reader`."""

    def head(self) -> Head:
        """Return the end of the log."""
        return self._tables.head[ONLY]

    def entries(self, start: int, limit: int) -> list[StoredEntry]:
        """Return entries from `start` on."""
        rows = self._tables.entries
        return [rows[at] for at in range(start, min(start + limit, len(rows)))]

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Return the entries there are at these indices."""
        rows = self._tables.entries
        return {index: rows[index] for index in indices if index in rows}

    def newest_entry(self, kind: str) -> StoredEntry | None:
        """Return the last entry of a kind that names no message."""
        for entry in reversed(self._tables.entries.values()):
            if entry.kind == kind and not entry.message_id:
                return entry
        return None

    def entry_indices(self, message_id: MessageId) -> list[int]:
        """Return the indices of all entries about a message, in order."""
        rows = self._tables.entries.values()
        return [one.index for one in rows if one.message_id == message_id]

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of the entries [start, stop)."""
        return [self._tables.entries[at].leaf_hash for at in range(start, stop)]

    def full_tiles(self, places: Collection[Place]) -> dict[Place, bytes]:
        """Return the hashes of the full tiles there are at these places."""
        rows = self._tables.tiles
        return {place: rows[place].hashes for place in places if place in rows}

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return the roots of the full tiles [start, stop) of a level."""
        return [self._tables.tiles[level, at].root for at in range(start, stop)]

    def disclosures(self, index: int) -> list[DisclosureRow]:
        """Return the disclosures of an entry whose keys are not destroyed."""
        keys = {key.key_id: key.ring for key in self._tables.ring_keys.values()}
        return [
            DisclosureRow(one.digest, one.ring, keys[one.key_id], one.sealed)
            for (at, _), one in sorted(self._tables.disclosures.items())
            if at == index and one.key_id in keys
        ]

    def select(
        self,
        wanted: MessageFilter,
        before: ListPosition | None,
        limit: int,
    ) -> list[StoredMessage]:
        """Return messages, newest first."""
        found = [
            one
            for one in self._tables.messages.values()
            if _matches(one.view, wanted)
            and (before is None or _place(one) < (before.accepted_at, before.number))
        ]
        return sorted(found, key=_place, reverse=True)[:limit]

    def end_of_look(
        self,
        wanted: MessageFilter,
        before: ListPosition | None,
    ) -> ListPosition | None:
        """Return nothing: all messages are looked at."""
        del wanted, before
        return None

    def causes(self, since: UnixMs, limit: int) -> list[Cause]:
        """Return why messages do not move or have failed, the most frequent first."""
        found: dict[tuple[str, str, str], list[MessageRow]] = {}
        for one in self._tables.messages.values():
            view = one.view
            code = view.last_code or view.hold_reason
            is_moving = view.state is OutboundState.QUEUED and not code
            is_stuck = view.state in _STUCK[view.box] and not is_moving
            if is_stuck and view.accepted_at >= since:
                cause = (view.peer, view.state, code)
                found.setdefault(cause, []).append(view)
        causes = [
            Cause(
                peer=AuthorityId(peer),
                state=state,
                code=code,
                count=len(views),
                oldest_at=min(one.accepted_at for one in views),
                newest_at=max(one.updated_at for one in views),
            )
            for (peer, state, code), views in found.items()
        ]
        order = sorted(causes, key=lambda c: (-c.count, c.peer, c.state, c.code))
        return order[:limit]

    def held(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return messages for a peer held for no person, oldest first."""
        found = [
            one.view.id
            for one in self._of_state(peer, OutboundState.HELD)
            if one.view.hold_reason != HoldReason.APPROVAL.value
        ]
        return found[:limit]

    def _of_state(
        self,
        peer: AuthorityId,
        state: OutboundState,
    ) -> list[StoredMessage]:
        rows = self._tables.messages.values()
        found = [
            one for one in rows if one.view.peer == peer and one.view.state is state
        ]
        return sorted(found, key=_place)

    def proofs(self, message_id: MessageId) -> list[StoredProof]:
        """Return the stored proofs about a message."""
        notes = self._tables.peer_notes
        return [
            StoredProof(row.role, row.origin, row.proof, notes[row.origin, row.size])
            for row in self._tables.proofs.values()
            if row.message_id == message_id
        ]

    def changes(self, after: int, limit: int) -> list[Change]:
        """Return the change feed after a cursor."""
        rows = sorted(self._tables.changes.items())
        return [one for cursor, one in rows if cursor > after][:limit]

    def events(self, peer: AuthorityId, limit: int) -> list[OutboundEventItem]:
        """Return events a peer has still to be told of, oldest first."""
        rows = sorted(self._tables.events.items())
        return [row for (one, _), row in rows if one == peer][:limit]

    def state_counts(self, peer: AuthorityId | None) -> list[StateCount]:
        """Return how many messages are in which state, of a peer or of all."""
        counts = Counter(
            (one.view.peer, one.view.box, one.view.state.value)
            for one in self._tables.messages.values()
        )
        return [
            StateCount(*place, count)
            for place, count in counts.items()
            if peer in {None, place[0]}
        ]

    def accepted_count(self, peer: AuthorityId | None) -> int:
        """Return how many messages were ever accepted, for a peer or for all."""
        rows = self._tables.peers.values()
        return sum(row.accepted for row in rows if peer in {None, row.peer})

    def next_due_at(self, peer: AuthorityId) -> UnixMs | None:
        """Return when the first offered message of a peer may be tried."""
        rows = self._tables.messages.values()
        offered = [one for one in rows if one.view.peer == peer and one.is_offered]
        return min((one.view.next_attempt_at for one in offered), default=None)

    def oldest_queued_at(self, peer: AuthorityId) -> UnixMs | None:
        """Return when the oldest queued message of a peer was accepted."""
        queued = self._of_state(peer, OutboundState.QUEUED)
        return queued[0].view.accepted_at if queued else None


def _place(message: StoredMessage) -> tuple[int, int]:
    return message.view.accepted_at, message.number


def _matches(view: MessageRow, wanted: MessageFilter) -> bool:
    index = view.index
    pairs = (
        (wanted.box, view.box),
        (wanted.peer, view.peer),
        (wanted.case_id, index.case_id if index else ""),
        (wanted.msg_type, index.msg_type if index else ""),
        (wanted.urgency, index.urgency if index else ""),
        (wanted.sender_ref, index.sender_ref if index else ""),
        (wanted.idempotency_key, view.idempotency_key),
    )
    return (
        all(not want or want == found for want, found in pairs)
        and (not wanted.states or view.state in wanted.states)
        and view.id.startswith(wanted.id_prefix)
        and wanted.code in {"", view.last_code, view.hold_reason}
        and (wanted.since is None or view.accepted_at >= wanted.since)
    )
