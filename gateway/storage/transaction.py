"""What a database must be able to do: narrow verbs on rows, synchronous.

An operation runs as a whole inside one transaction and may be run again after a
rollback; so it holds no state of its own. Verbs decide nothing.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from gateway.core.entries.leaf import EntryDraft
from gateway.core.translog.tiles import Place
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.log import PeerLogState, SignedCheckpoint, StoredEntry
from gateway.ports.messages import Cause, Change, MessageFilter, StoredProof
from gateway.ports.outbox import CaseHead, OutboundEventItem
from gateway.storage.alarm_verbs import AlarmLookup, AlarmReader, AlarmWrites
from gateway.storage.alert_verbs import AlertLookup, AlertReader, AlertWrites
from gateway.storage.approval_verbs import (
    ApprovalLookup,
    ApprovalReader,
    ApprovalWrites,
)
from gateway.storage.attempt_verbs import AttemptLookup, AttemptWrites
from gateway.storage.case_verbs import CaseLookup, CaseReader, CaseWrites
from gateway.storage.checking_verbs import CheckReader
from gateway.storage.erasure_verbs import ErasureReader, ErasureWrites
from gateway.storage.evidence_verbs import (
    EvidenceLookup,
    EvidenceReader,
    EvidenceWrites,
)
from gateway.storage.finding_verbs import FindingLookup, FindingWrites
from gateway.storage.guard_verbs import GuardLookup, GuardWrites
from gateway.storage.halt_verbs import HaltLookup, HaltWrites
from gateway.storage.job_verbs import JobLookup, JobReader, JobWrites
from gateway.storage.lifecycle_verbs import (
    LifecycleLookup,
    LifecycleReader,
    LifecycleWrites,
)
from gateway.storage.original_verbs import OriginalLookup, OriginalWrites
from gateway.storage.owed_verbs import OwedReader
from gateway.storage.people_verbs import PeopleLookup, PeopleWrites
from gateway.storage.recovery_verbs import RecoveryLookup, RecoveryWrites
from gateway.storage.rows import (
    ChangeDraft,
    DisclosureRow,
    Head,
    ListPosition,
    PeerRow,
    ProofRow,
    RangeKind,
    Refusal,
    Sealed,
    SeqRange,
    StateCount,
    StoredMessage,
    UsedKey,
)
from gateway.storage.session_verbs import SessionLookup, SessionWrites
from gateway.storage.stamp_verbs import StampLookup, StampWrites
from gateway.storage.statistics_verbs import (
    StatisticsLookup,
    StatisticsReader,
    StatisticsWrites,
)
from gateway.storage.view_verbs import SavedViewLookup, SavedViewWrites
from gateway.storage.webhook_verbs import WebhookLookup, WebhookReader, WebhookWrites
from gateway.storage.witness_verbs import WitnessLookup, WitnessReader, WitnessWrites


class Lookup(
    EvidenceLookup,
    WitnessLookup,
    StampLookup,
    RecoveryLookup,
    CaseLookup,
    StatisticsLookup,
    AlarmLookup,
    AlertLookup,
    ApprovalLookup,
    GuardLookup,
    FindingLookup,
    OriginalLookup,
    AttemptLookup,
    LifecycleLookup,
    WebhookLookup,
    HaltLookup,
    JobLookup,
    SavedViewLookup,
    PeopleLookup,
    SessionLookup,
    Protocol,
):
    """What can be read in any transaction; a writing one sees its own changes."""

    def message(self, message_id: MessageId) -> StoredMessage | None:
        """Return a message of either box."""
        ...

    def messages(self, ids: Collection[MessageId]) -> dict[MessageId, StoredMessage]:
        """Return the messages there are with these ids."""
        ...

    def sealed(self, numbers: Collection[int]) -> dict[int, Sealed]:
        """Return the sealed bytes of messages, by message number."""
        ...

    def due(self, peer: AuthorityId, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return offered messages that may be tried: urgent first, then oldest."""
        ...

    def unchecked(self, limit: int) -> list[StoredMessage]:
        """Return messages that wait for validation, oldest first."""
        ...

    def past_expiry(self, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return held and queued messages whose last moment is before `now`."""
        ...

    def refusals(
        self,
        peer: AuthorityId,
        ids: Collection[MessageId],
    ) -> dict[MessageId, list[Refusal]]:
        """Return what was refused of a peer under these ids."""
        ...

    def used_key(self, submitter: str, key: str) -> UsedKey | None:
        """Return what an idempotency key was used for."""
        ...

    def case_head(self, case_id: str, peer: AuthorityId) -> CaseHead | None:
        """Return the end of our messages in a case, if the case is known."""
        ...

    def peer(self, peer: AuthorityId) -> PeerRow:
        """Return the counters of a peer; fresh ones if there are none."""
        ...

    def range_before(
        self,
        peer: AuthorityId,
        kind: RangeKind,
        seq: int,
    ) -> SeqRange | None:
        """Return the last range that begins at or before `seq`."""
        ...

    def ranges(
        self, peer: AuthorityId, kind: RangeKind, *, first: int, limit: int
    ) -> list[SeqRange]:
        """Return ranges that begin at or after `first`, in order."""
        ...

    def peer_log(self, authority: AuthorityId) -> PeerLogState | None:
        """Return the newest log of a peer that was linked."""
        ...

    def peer_log_of(self, origin: str) -> PeerLogState | None:
        """Return what was linked of a log."""
        ...

    def newest_checkpoint(self) -> SignedCheckpoint | None:
        """Return the largest signed checkpoint of our log."""
        ...


class Reader(
    Lookup,
    EvidenceReader,
    WitnessReader,
    CheckReader,
    OwedReader,
    ErasureReader,
    CaseReader,
    StatisticsReader,
    AlarmReader,
    AlertReader,
    LifecycleReader,
    ApprovalReader,
    WebhookReader,
    JobReader,
    Protocol,
):
    """One instant of the database, for reading only."""

    def head(self) -> Head:
        """Return the end of the log."""
        ...

    def entries(self, start: int, limit: int) -> list[StoredEntry]:
        """Return entries from `start` on."""
        ...

    def entries_at(self, indices: Collection[int]) -> dict[int, StoredEntry]:
        """Return the entries there are at these indices."""
        ...

    def newest_entry(self, kind: str) -> StoredEntry | None:
        """Return the last entry of a kind that names no message."""
        ...

    def entry_indices(self, message_id: MessageId) -> list[int]:
        """Return the indices of all entries about a message, in order."""
        ...

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of the entries [start, stop)."""
        ...

    def full_tiles(self, places: Collection[Place]) -> dict[Place, bytes]:
        """Return the hashes of the full tiles there are at these places."""
        ...

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return the roots of the full tiles [start, stop) of a level."""
        ...

    def disclosures(self, index: int) -> list[DisclosureRow]:
        """Return the disclosures of an entry whose keys are not destroyed."""
        ...

    def select(
        self,
        wanted: MessageFilter,
        before: ListPosition | None,
        limit: int,
    ) -> list[StoredMessage]:
        """Return messages, newest first."""
        ...

    def end_of_look(
        self, wanted: MessageFilter, before: ListPosition | None
    ) -> ListPosition | None:
        """Return the last message that `select` looks at; None if it looks at all.

        Where a filter lets little through, a page ends there although it is not full.
        """
        ...

    def causes(self, since: UnixMs, limit: int) -> list[Cause]:
        """Return why messages wait or have failed, the most frequent cause first."""
        ...

    def held(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return messages for a peer held for no person, oldest first."""
        ...

    def proofs(self, message_id: MessageId) -> list[StoredProof]:
        """Return the stored proofs about a message."""
        ...

    def changes(self, after: int, limit: int) -> list[Change]:
        """Return the change feed after a cursor."""
        ...

    def events(self, peer: AuthorityId, limit: int) -> list[OutboundEventItem]:
        """Return events a peer has still to be told of, oldest first."""
        ...

    def state_counts(self, peer: AuthorityId | None) -> list[StateCount]:
        """Return how many messages are in which state, of a peer or of all."""
        ...

    def accepted_count(self, peer: AuthorityId | None) -> int:
        """Return how many messages were ever accepted, for a peer or for all."""
        ...

    def next_due_at(self, peer: AuthorityId) -> UnixMs | None:
        """Return when the first offered message of a peer may be tried."""
        ...

    def oldest_queued_at(self, peer: AuthorityId) -> UnixMs | None:
        """Return when the oldest queued message of a peer was accepted."""
        ...


class Transaction(
    Lookup,
    EvidenceWrites,
    FindingWrites,
    OriginalWrites,
    AttemptWrites,
    WitnessWrites,
    StampWrites,
    RecoveryWrites,
    ErasureWrites,
    CaseWrites,
    StatisticsWrites,
    AlarmWrites,
    AlertWrites,
    LifecycleWrites,
    ApprovalWrites,
    GuardWrites,
    WebhookWrites,
    HaltWrites,
    JobWrites,
    SavedViewWrites,
    PeopleWrites,
    SessionWrites,
    Protocol,
):
    """A transaction that may change things; all of it is committed, or nothing."""

    @property
    def changes_made(self) -> int:
        """Count of changes so far, to tell an operation that changed nothing."""
        ...

    def append_entry(self, draft: EntryDraft, *, case_id: str = "") -> int:
        """Log an entry and return its index.

        Args:
            draft: What is logged.
            case_id: Case whose key protects case data in it; without one, the key of
                the reference that is disclosed.
        """
        ...

    def has_message(self, message_id: MessageId) -> bool:
        """Tell whether an id names a message already."""
        ...

    def add_message(self, message: StoredMessage, sealed: Sealed) -> StoredMessage:
        """Store a new message and return it with its number."""
        ...

    def update_message(self, before: StoredMessage, after: StoredMessage) -> None:
        """Store the changed fields of a message."""
        ...

    def replace_sealed(self, number: int, sealed: Sealed) -> None:
        """Store other sealed bytes for a message: a held one was sealed."""
        ...

    def add_change(self, change: ChangeDraft) -> None:
        """Add a step to the change feed."""
        ...

    def prune_changes(self, before: UnixMs, limit: int) -> int:
        """Drop the oldest steps of the feed while they are older than `before`."""
        ...

    def add_proof(self, row: ProofRow) -> None:
        """Keep a proof; the first one of its role stays."""
        ...

    def add_refusal(self, peer: AuthorityId, refusal: Refusal) -> None:
        """Remember a refused message."""
        ...

    def add_used_key(self, submitter: str, key: str, used: UsedKey) -> None:
        """Remember an idempotency key."""
        ...

    def put_case_head(self, head: CaseHead, peer: AuthorityId) -> None:
        """Store the end of our messages in a case."""
        ...

    def put_peer(self, row: PeerRow) -> None:
        """Store the counters of a peer."""
        ...

    def clear_back_off(self, peer: AuthorityId | None) -> None:
        """Let a peer, or all, be tried at once."""
        ...

    def make_due(self, peer: AuthorityId | None) -> int:
        """Make waiting queued messages of a peer, or of all, due; return how many.

        Those under way are left alone.
        """
        ...

    def release_leases(self) -> int:
        """Make messages due whose attempt was under way; return how many."""
        ...

    def restart_checks(self) -> int:
        """Let checks that were begun wait again; return how many."""
        ...

    def put_range(
        self,
        peer: AuthorityId,
        kind: RangeKind,
        span: SeqRange,
    ) -> None:
        """Store a range of running numbers; one with the same `first` is replaced."""
        ...

    def drop_range(self, peer: AuthorityId, kind: RangeKind, first: int) -> None:
        """Remove the range that begins at `first`."""
        ...

    def put_peer_log(self, authority: AuthorityId, state: PeerLogState) -> None:
        """Store the newest linked checkpoint of a peer's log."""
        ...

    def keep_peer_note(self, state: PeerLogState) -> None:
        """Keep a checkpoint that proofs lie under, once per origin and size."""
        ...

    def add_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint of our log."""
        ...

    def add_event(self, peer: AuthorityId, event: OutboundEventItem) -> None:
        """Remember an event that a peer is to be told of."""
        ...

    def drop_events(self, peer: AuthorityId, indices: Iterable[int]) -> None:
        """Forget events that a peer has acknowledged."""
        ...

    def probe(self) -> None:
        """Write something."""
        ...
