"""The rows of a store in memory, and how a transaction on them is taken back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from gateway.core.sessions import Session
from gateway.core.translog.tiles import Place
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.alarms import Alarm
from gateway.ports.alerts import Alert, AlertEvent, ChannelState
from gateway.ports.approvals import Approval
from gateway.ports.cases import CaseRow
from gateway.ports.disposals import Disposal
from gateway.ports.evidence import Attachment, Upload, UploadId
from gateway.ports.findings import KeptFinding
from gateway.ports.guarding import CaseReader, Restriction
from gateway.ports.halts import Incident, Window
from gateway.ports.holds import LegalHold
from gateway.ports.jobs import Job, JobStep
from gateway.ports.log import PeerLogState, SignedCheckpoint, StoredEntry
from gateway.ports.messages import Change, ProofRole
from gateway.ports.originals import KeptOriginal
from gateway.ports.outbox import CaseHead, FailedAttempt, OutboundEventItem
from gateway.ports.people import Assignment
from gateway.ports.recovery import RecoveryNote
from gateway.ports.saved_views import SavedView
from gateway.ports.stamps import KeptStamp
from gateway.ports.subject_requests import SubjectRequest
from gateway.ports.subjects import SubjectTag
from gateway.ports.webhooks import Webhook, WebhookCall
from gateway.ports.witness import Cosignature, KeptConflict, WitnessedState
from gateway.storage.rows import (
    FullTile,
    Grant,
    Head,
    NewDisclosure,
    PeerRow,
    ProofRow,
    RangeKind,
    Refusal,
    RingKey,
    Sealed,
    SeqRange,
    StoredMessage,
    UsedKey,
)

K = TypeVar("K")
V = TypeVar("V")

ONLY = 0
"""Key of a table with one row."""


@dataclass(frozen=True, slots=True)
class EvidenceTables:
    """Rows of evidence, by key."""

    uploads: dict[UploadId, Upload] = field(default_factory=dict)
    attachments: dict[tuple[int, int], Attachment] = field(default_factory=dict)
    grants: dict[tuple[int, str], Grant] = field(default_factory=dict)
    exports: dict[tuple[int, str], None] = field(default_factory=dict)
    findings: dict[tuple[int, int], KeptFinding] = field(default_factory=dict)
    originals: dict[tuple[int, int], KeptOriginal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WitnessTables:
    """Rows of witnessing, by key."""

    rounds: dict[int, UnixMs] = field(default_factory=dict)
    cosignatures: dict[tuple[int, str, bytes], Cosignature] = field(
        default_factory=dict,
    )
    witnessed: dict[str, WitnessedState] = field(default_factory=dict)
    conflicts: dict[int, KeptConflict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlarmTables:
    """Rows of alarms, by number."""

    rows: dict[int, Alarm] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=lambda: {ONLY: 0})


@dataclass(frozen=True, slots=True)
class AlertTables:
    """Rows of alerts and their steps, by number, and of channels, by name."""

    rows: dict[int, Alert] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=lambda: {ONLY: 0})
    events: dict[int, AlertEvent] = field(default_factory=dict)
    last_event: dict[int, int] = field(default_factory=lambda: {ONLY: 0})
    channels: dict[str, ChannelState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalTables:
    """Rows of approvals, by number."""

    rows: dict[int, Approval] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=lambda: {ONLY: 0})


@dataclass(frozen=True, slots=True)
class JobTables:
    """Rows of jobs by number, and of their steps by job and place."""

    rows: dict[int, Job] = field(default_factory=dict)
    steps: dict[tuple[int, int], JobStep] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=lambda: {ONLY: 0})


@dataclass(frozen=True, slots=True)
class HaltTables:
    """Rows of maintenance windows and incidents, by number."""

    windows: dict[int, Window] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedViewTables:
    """Rows of saved views, by number."""

    rows: dict[int, SavedView] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=lambda: {ONLY: 0})


@dataclass(frozen=True, slots=True)
class GuardTables:
    """Rows of restrictions, named readers and origins, by key."""

    restrictions: dict[MessageId, Restriction] = field(default_factory=dict)
    readers: dict[tuple[str, str], CaseReader] = field(default_factory=dict)
    item_tags: dict[tuple[bytes, int, str], None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionTables:
    """Rows of sessions, places and counters, by key."""

    rows: dict[str, Session] = field(default_factory=dict)
    places: dict[tuple[str, str], UnixMs] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseTables:
    """Rows of cases, by key."""

    docket: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    rows: dict[tuple[str, AuthorityId], CaseRow] = field(default_factory=dict)
    last_row: dict[int, int] = field(default_factory=lambda: {ONLY: 0})
    facts: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LifecycleTables:
    """Rows of people in messages, holds, requests and disposals, by key."""

    tags: dict[int, tuple[SubjectTag, ...]] = field(default_factory=dict)
    holds: dict[str, LegalHold] = field(default_factory=dict)
    requests: dict[str, SubjectRequest] = field(default_factory=dict)
    disposals: dict[int, Disposal] = field(default_factory=dict)
    reviews: dict[str, UnixMs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebhookTables:
    """Rows of endpoints, of their calls, and of streams, by key."""

    rows: dict[int, Webhook] = field(default_factory=dict)
    calls: dict[int, WebhookCall] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=lambda: {"webhook": 0, "call": 0})
    positions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeopleTables:
    """Rows of assignments, orders and uses of tokens, by key."""

    assignments: dict[tuple[str, AuthorityId], Assignment] = field(default_factory=dict)
    orders: dict[int, bytes] = field(default_factory=dict)
    token_uses: dict[tuple[str, str], UnixMs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tables:
    """All rows, by key; every change goes through a `Journal`."""

    head: dict[int, Head] = field(default_factory=lambda: {ONLY: Head()})
    entries: dict[int, StoredEntry] = field(default_factory=dict)
    tiles: dict[Place, FullTile] = field(default_factory=dict)
    checkpoints: dict[int, SignedCheckpoint] = field(default_factory=dict)
    ring_keys: dict[str, RingKey] = field(default_factory=dict)
    disclosures: dict[tuple[int, str], NewDisclosure] = field(default_factory=dict)
    peer_logs: dict[str, tuple[AuthorityId, PeerLogState]] = field(default_factory=dict)
    peer_notes: dict[tuple[str, int], bytes] = field(default_factory=dict)
    messages: dict[MessageId, StoredMessage] = field(default_factory=dict)
    sealed: dict[int, Sealed] = field(default_factory=dict)
    proofs: dict[tuple[MessageId, AuthorityId, ProofRole], ProofRow] = field(
        default_factory=dict,
    )
    refusals: dict[tuple[AuthorityId, MessageId, str], Refusal] = field(
        default_factory=dict,
    )
    used_keys: dict[tuple[str, str], UsedKey] = field(default_factory=dict)
    cases: dict[tuple[str, AuthorityId], CaseHead] = field(default_factory=dict)
    changes: dict[int, Change] = field(default_factory=dict)
    last_change: dict[int, int] = field(default_factory=lambda: {ONLY: 0})
    peers: dict[AuthorityId, PeerRow] = field(default_factory=dict)
    ranges: dict[tuple[AuthorityId, RangeKind, int], SeqRange] = field(
        default_factory=dict
    )
    events: dict[tuple[AuthorityId, int], OutboundEventItem] = field(
        default_factory=dict,
    )
    stamps: dict[int, KeptStamp] = field(default_factory=dict)
    recovery_notes: dict[str, RecoveryNote] = field(default_factory=dict)
    minima: dict[int, int] = field(default_factory=dict)
    removals: dict[int, tuple[int, int]] = field(
        default_factory=lambda: {ONLY: (0, 0)},
    )
    ring_count: dict[int, int] = field(default_factory=lambda: {ONLY: 0})
    failed_attempts: dict[tuple[int, int], FailedAttempt] = field(default_factory=dict)
    evidence: EvidenceTables = field(default_factory=EvidenceTables)
    witness: WitnessTables = field(default_factory=WitnessTables)
    case: CaseTables = field(default_factory=CaseTables)
    alarm: AlarmTables = field(default_factory=AlarmTables)
    alert: AlertTables = field(default_factory=AlertTables)
    lifecycle: LifecycleTables = field(default_factory=LifecycleTables)
    approval: ApprovalTables = field(default_factory=ApprovalTables)
    guard: GuardTables = field(default_factory=GuardTables)
    webhook: WebhookTables = field(default_factory=WebhookTables)
    halt: HaltTables = field(default_factory=HaltTables)
    job: JobTables = field(default_factory=JobTables)
    saved_view: SavedViewTables = field(default_factory=SavedViewTables)
    people: PeopleTables = field(default_factory=PeopleTables)
    session: SessionTables = field(default_factory=SessionTables)


_Undo: TypeAlias = Callable[[], object]


class Journal:
    """Remembers how to undo the changes of one transaction."""

    def __init__(self) -> None:
        self._undo: list[_Undo] = []

    @property
    def changes_made(self) -> int:
        """Count of changes so far."""
        return len(self._undo)

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Set a row."""
        if key in table:
            old = table[key]
            self._undo.append(lambda: table.update({key: old}))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def drop(self, table: dict[K, V], key: K) -> None:
        """Remove a row, if it is there."""
        if key in table:
            old = table.pop(key)
            self._undo.append(lambda: table.update({key: old}))

    def roll_back(self) -> None:
        """Undo everything, last change first."""
        while self._undo:
            self._undo.pop()()
