"""One writing transaction on a store in memory."""

from collections.abc import Iterable
from dataclasses import replace

from msgspec.structs import replace as changed

from gateway.core.delivery import OutboundState
from gateway.core.entries.leaf import EntryDraft
from gateway.core.values import NEVER, AuthorityId, MessageId, UnixMs
from gateway.ports.keys import DisclosureVault
from gateway.ports.log import PeerLogState, SignedCheckpoint, StoredEntry
from gateway.ports.messages import Change
from gateway.ports.outbox import CaseHead, OutboundEventItem
from gateway.storage.appending import Appender
from gateway.storage.memory.alarms import AlarmWritesMemory
from gateway.storage.memory.alerts import AlertWritesMemory
from gateway.storage.memory.approvals import ApprovalWritesMemory
from gateway.storage.memory.attempts import AttemptWritesMemory
from gateway.storage.memory.cases import CaseWritesMemory
from gateway.storage.memory.erasure import ErasureWritesMemory
from gateway.storage.memory.evidence import EvidenceWritesMemory
from gateway.storage.memory.findings import FindingWritesMemory
from gateway.storage.memory.guarding import GuardWritesMemory
from gateway.storage.memory.halts import HaltWritesMemory
from gateway.storage.memory.jobs import JobWritesMemory
from gateway.storage.memory.lifecycle import LifecycleWritesMemory
from gateway.storage.memory.lookup import MemoryLookup
from gateway.storage.memory.originals import OriginalWritesMemory
from gateway.storage.memory.people import PeopleWritesMemory
from gateway.storage.memory.reader import MemoryReader
from gateway.storage.memory.recovery import RecoveryWritesMemory
from gateway.storage.memory.saved_views import SavedViewWritesMemory
from gateway.storage.memory.sessions import SessionWritesMemory
from gateway.storage.memory.stamps import StampWritesMemory
from gateway.storage.memory.statistics import StatisticsWritesMemory
from gateway.storage.memory.tables import ONLY, Journal, Tables
from gateway.storage.memory.webhooks import WebhookWritesMemory
from gateway.storage.memory.witness import WitnessWritesMemory
from gateway.storage.rows import (
    ChangeDraft,
    CheckState,
    PeerRow,
    ProofRow,
    RangeKind,
    Refusal,
    Sealed,
    SeqRange,
    StoredMessage,
    UsedKey,
)


class MemoryTransaction(
    MemoryLookup,
    EvidenceWritesMemory,
    FindingWritesMemory,
    OriginalWritesMemory,
    AttemptWritesMemory,
    WitnessWritesMemory,
    StampWritesMemory,
    RecoveryWritesMemory,
    ErasureWritesMemory,
    CaseWritesMemory,
    StatisticsWritesMemory,
    AlarmWritesMemory,
    AlertWritesMemory,
    LifecycleWritesMemory,
    ApprovalWritesMemory,
    GuardWritesMemory,
    WebhookWritesMemory,
    HaltWritesMemory,
    JobWritesMemory,
    SavedViewWritesMemory,
    PeopleWritesMemory,
    SessionWritesMemory,
):
    """Verbs of `gateway.storage.transaction.Transaction`."""

    def __init__(self, tables: Tables, origin: str, vault: DisclosureVault) -> None:
        super().__init__(tables)
        self._journal = Journal()
        self._vault = vault
        self._minima: list[tuple[int, int]] = []
        self._stored = MemoryReader(tables)
        self._appender = Appender(
            origin,
            self._stored.head(),
            vault=vault,
            rings=self,
        )

    @property
    def changes_made(self) -> int:
        """Count of changes so far."""
        return self._journal.changes_made

    def finish(self) -> None:
        """Store the entries that were appended."""
        self._vault.flush()
        if not self._appender.entries:
            return
        growth = self._appender.grow(self._stored)
        put, tables = self._journal.put, self._tables
        for one in self._appender.entries:
            row = StoredEntry(
                one.index,
                one.leaf_hash,
                one.data,
                one.kind,
                one.message_id,
            )
            put(tables.entries, one.index, row)
        for disclosure in self._appender.disclosures:
            key = (disclosure.index, disclosure.digest)
            put(tables.disclosures, key, disclosure)
        for tile in growth.tiles:
            put(tables.tiles, (tile.level, tile.index), tile)
        put(tables.head, ONLY, growth.head)
        self._write_minima()

    def roll_back(self) -> None:
        """Undo everything."""
        self._journal.roll_back()

    def append_entry(self, draft: EntryDraft, *, case_id: str = "") -> int:
        """Log an entry and return its index."""
        return self._appender.append(draft, case_id=case_id)

    def has_message(self, message_id: MessageId) -> bool:
        """Tell whether an id names a message already."""
        return message_id in self._tables.messages

    def add_message(self, message: StoredMessage, sealed: Sealed) -> StoredMessage:
        """Store a new message and return it with its number."""
        stored = changed(message, number=len(self._tables.messages) + 1)
        self._journal.put(self._tables.messages, stored.view.id, stored)
        self._journal.put(self._tables.sealed, stored.number, sealed)
        return stored

    def update_message(self, before: StoredMessage, after: StoredMessage) -> None:
        """Store the changed fields of a message."""
        if before != after:
            self._journal.put(self._tables.messages, after.view.id, after)

    def _update_where(
        self,
        chosen: Iterable[StoredMessage],
    ) -> list[StoredMessage]:
        """Make messages due at once that are not under way any more."""
        found = list(chosen)
        for one in found:
            view = changed(one.view, next_attempt_at=NEVER)
            self.update_message(one, changed(one, view=view, is_leased=False))
        return found

    def replace_sealed(self, number: int, sealed: Sealed) -> None:
        """Store other sealed bytes for a message: a held one was sealed."""
        self._journal.put(self._tables.sealed, number, sealed)

    def add_change(self, change: ChangeDraft) -> None:
        """Add a step to the change feed."""
        cursor = self._tables.last_change[ONLY] + 1
        row = Change(
            cursor,
            change.at,
            change.box,
            change.id,
            change.peer,
            change.state.value,
            change.log_index,
        )
        self._journal.put(self._tables.last_change, ONLY, cursor)
        self._journal.put(self._tables.changes, cursor, row)

    def prune_changes(self, before: UnixMs, limit: int) -> int:
        """Drop the oldest steps of the feed while they are older than `before`."""
        dropped = 0
        for cursor, change in sorted(self._tables.changes.items())[:limit]:
            if change.at >= before:
                break
            self._journal.drop(self._tables.changes, cursor)
            dropped += 1
        return dropped

    def add_proof(self, row: ProofRow) -> None:
        """Keep a proof; the first one of its role stays."""
        key = (row.message_id, row.peer, row.role)
        if key not in self._tables.proofs:
            self._journal.put(self._tables.proofs, key, row)

    def add_refusal(self, peer: AuthorityId, refusal: Refusal) -> None:
        """Remember a refused message."""
        key = (peer, refusal.id, refusal.digest)
        self._journal.put(self._tables.refusals, key, refusal)

    def add_used_key(self, submitter: str, key: str, used: UsedKey) -> None:
        """Remember an idempotency key."""
        self._journal.put(self._tables.used_keys, (submitter, key), used)

    def put_case_head(self, head: CaseHead, peer: AuthorityId) -> None:
        """Store the end of our messages in a case."""
        self._journal.put(self._tables.cases, (head.case_id, peer), head)

    def put_peer(self, row: PeerRow) -> None:
        """Store the counters of a peer."""
        self._journal.put(self._tables.peers, row.peer, row)

    def clear_back_off(self, peer: AuthorityId | None) -> None:
        """Let a peer, or all, be tried at once."""
        for row in list(self._tables.peers.values()):
            if peer in {None, row.peer}:
                self.put_peer(replace(row, failures=0, retry_at=NEVER))

    def make_due(self, peer: AuthorityId | None) -> int:
        """Make waiting queued messages of a peer, or of all, due; return how many."""
        changed = self._update_where(
            one
            for one in list(self._tables.messages.values())
            if peer in {None, one.view.peer}
            and one.view.state is OutboundState.QUEUED
            and not one.is_leased
            and one.view.next_attempt_at > NEVER
        )
        return len(changed)

    def release_leases(self) -> int:
        """Make messages due whose attempt was under way; return how many."""
        rows = list(self._tables.messages.values())
        return len(self._update_where(one for one in rows if one.is_leased))

    def restart_checks(self) -> int:
        """Let checks that were begun wait again; return how many."""
        begun = [
            one
            for one in self._tables.messages.values()
            if one.check is CheckState.BEGUN
        ]
        for one in begun:
            self.update_message(one, changed(one, check=CheckState.WAITING))
        return len(begun)

    def put_range(self, peer: AuthorityId, kind: RangeKind, span: SeqRange) -> None:
        """Store a range of running numbers; one with the same `first` is replaced."""
        self._journal.put(self._tables.ranges, (peer, kind, span.first), span)

    def drop_range(self, peer: AuthorityId, kind: RangeKind, first: int) -> None:
        """Remove the range that begins at `first`."""
        self._journal.drop(self._tables.ranges, (peer, kind, first))

    def put_peer_log(self, authority: AuthorityId, state: PeerLogState) -> None:
        """Store the newest linked checkpoint of a peer's log."""
        self._journal.put(self._tables.peer_logs, state.origin, (authority, state))

    def keep_peer_note(self, state: PeerLogState) -> None:
        """Keep a checkpoint that proofs lie under, once per origin and size."""
        key = (state.origin, state.size)
        if key not in self._tables.peer_notes:
            self._journal.put(self._tables.peer_notes, key, state.note)

    def add_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint of our log."""
        self._journal.put(self._tables.checkpoints, checkpoint.size, checkpoint)

    def add_event(self, peer: AuthorityId, event: OutboundEventItem) -> None:
        """Remember an event that a peer is to be told of."""
        self._journal.put(self._tables.events, (peer, event.log_index), event)

    def drop_events(self, peer: AuthorityId, indices: Iterable[int]) -> None:
        """Forget events that a peer has acknowledged."""
        for index in indices:
            self._journal.drop(self._tables.events, (peer, index))

    def probe(self) -> None:
        """Write something."""
        self._journal.put(self._tables.head, ONLY, self._tables.head[ONLY])
