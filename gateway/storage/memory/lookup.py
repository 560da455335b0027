"""Reading rows in memory, in any transaction."""

from collections.abc import Collection

from gateway.core.delivery import OutboundState
from gateway.core.values import AuthorityId, MessageId, Priority, UnixMs
from gateway.ports.log import PeerLogState, SignedCheckpoint
from gateway.ports.outbox import CaseHead
from gateway.storage.memory.alarms import AlarmLookupMemory
from gateway.storage.memory.alerts import AlertLookupMemory
from gateway.storage.memory.approvals import ApprovalLookupMemory
from gateway.storage.memory.attempts import AttemptLookupMemory
from gateway.storage.memory.cases import CaseLookupMemory
from gateway.storage.memory.evidence import EvidenceLookupMemory
from gateway.storage.memory.findings import FindingLookupMemory
from gateway.storage.memory.guarding import GuardLookupMemory
from gateway.storage.memory.halts import HaltLookupMemory
from gateway.storage.memory.jobs import JobLookupMemory
from gateway.storage.memory.lifecycle import LifecycleLookupMemory
from gateway.storage.memory.originals import OriginalLookupMemory
from gateway.storage.memory.people import PeopleLookupMemory
from gateway.storage.memory.recovery import RecoveryLookupMemory
from gateway.storage.memory.saved_views import SavedViewLookupMemory
from gateway.storage.memory.sessions import SessionLookupMemory
from gateway.storage.memory.stamps import StampLookupMemory
from gateway.storage.memory.statistics import StatisticsLookupMemory
from gateway.storage.memory.webhooks import WebhookLookupMemory
from gateway.storage.memory.witness import WitnessLookupMemory
from gateway.storage.rows import (
    CheckState,
    PeerRow,
    RangeKind,
    Refusal,
    Sealed,
    SeqRange,
    StoredMessage,
    UsedKey,
)

_WAITING_STATES = frozenset({OutboundState.HELD, OutboundState.QUEUED})


class MemoryLookup(
    EvidenceLookupMemory,
    FindingLookupMemory,
    OriginalLookupMemory,
    AttemptLookupMemory,
    WitnessLookupMemory,
    StampLookupMemory,
    RecoveryLookupMemory,
    CaseLookupMemory,
    StatisticsLookupMemory,
    AlarmLookupMemory,
    AlertLookupMemory,
    LifecycleLookupMemory,
    ApprovalLookupMemory,
    GuardLookupMemory,
    WebhookLookupMemory,
    HaltLookupMemory,
    JobLookupMemory,
    SavedViewLookupMemory,
    PeopleLookupMemory,
    SessionLookupMemory,
):
    """Verbs of `gateway.storage.transaction.Lookup`."""

    def message(self, message_id: MessageId) -> StoredMessage | None:
        """Return a message of either box."""
        return self._tables.messages.get(message_id)

    def messages(self, ids: Collection[MessageId]) -> dict[MessageId, StoredMessage]:
        """Return the messages there are with these ids."""
        rows = self._tables.messages
        return {one: rows[one] for one in ids if one in rows}

    def sealed(self, numbers: Collection[int]) -> dict[int, Sealed]:
        """Return the sealed bytes of messages, by message number."""
        return {number: self._tables.sealed[number] for number in numbers}

    def due(self, peer: AuthorityId, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return offered messages that may be tried: urgent first, then oldest."""
        found = [
            one
            for one in self._tables.messages.values()
            if one.view.peer == peer
            and one.is_offered
            and one.view.next_attempt_at <= now
        ]
        found.sort(key=lambda one: one.view.priority is not Priority.URGENT)
        return found[:limit]

    def unchecked(self, limit: int) -> list[StoredMessage]:
        """Return messages that wait for validation, oldest first."""
        rows = self._tables.messages.values()
        return [one for one in rows if one.check is CheckState.WAITING][:limit]

    def past_expiry(self, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return held and queued messages whose last moment is before `now`."""
        found = [
            one
            for one in self._tables.messages.values()
            if one.view.state in _WAITING_STATES and 0 < one.view.expires_at < now
        ]
        return sorted(found, key=lambda one: one.view.expires_at)[:limit]

    def refusals(
        self,
        peer: AuthorityId,
        ids: Collection[MessageId],
    ) -> dict[MessageId, list[Refusal]]:
        """Return what was refused of a peer under these ids."""
        found: dict[MessageId, list[Refusal]] = {}
        for (refused_peer, message_id, _), row in self._tables.refusals.items():
            if refused_peer == peer and message_id in ids:
                found.setdefault(message_id, []).append(row)
        return found

    def used_key(self, submitter: str, key: str) -> UsedKey | None:
        """Return what an idempotency key was used for."""
        return self._tables.used_keys.get((submitter, key))

    def case_head(self, case_id: str, peer: AuthorityId) -> CaseHead | None:
        """Return the end of our messages in a case, if the case is known."""
        return self._tables.cases.get((case_id, peer))

    def peer(self, peer: AuthorityId) -> PeerRow:
        """Return the counters of a peer; fresh ones if there are none."""
        return self._tables.peers.get(peer) or PeerRow(peer=peer)

    def range_before(
        self,
        peer: AuthorityId,
        kind: RangeKind,
        seq: int,
    ) -> SeqRange | None:
        """Return the last range that begins at or before `seq`."""
        spans = [one for one in self._spans(peer, kind) if one.first <= seq]
        return spans[-1] if spans else None

    def ranges(
        self,
        peer: AuthorityId,
        kind: RangeKind,
        *,
        first: int,
        limit: int,
    ) -> list[SeqRange]:
        """Return ranges that begin at or after `first`, in order."""
        spans = [one for one in self._spans(peer, kind) if one.first >= first]
        return spans[:limit]

    def _spans(self, peer: AuthorityId, kind: RangeKind) -> list[SeqRange]:
        found = [
            span
            for (one, of_kind, _), span in self._tables.ranges.items()
            if (one, of_kind) == (peer, kind)
        ]
        return sorted(found, key=lambda span: span.first)

    def peer_log(self, authority: AuthorityId) -> PeerLogState | None:
        """Return the newest log of a peer that was linked."""
        rows = self._tables.peer_logs.values()
        found = [state for of_peer, state in rows if of_peer == authority]
        return found[-1] if found else None

    def peer_log_of(self, origin: str) -> PeerLogState | None:
        """Return what was linked of a log."""
        found = self._tables.peer_logs.get(origin)
        return found[1] if found else None

    def newest_checkpoint(self) -> SignedCheckpoint | None:
        """Return the largest signed checkpoint of our log."""
        rows = self._tables.checkpoints
        return rows[max(rows)] if rows else None
