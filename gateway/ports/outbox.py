"""Our own messages on their way out, and the transactions that change them.

Every method that changes a state writes its log entry in the same transaction: a
flow can't forget one, because it has no way to write the one without the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.routing import HoldReason
from gateway.core.units import Assignee
from gateway.core.values import (
    NEVER,
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
)
from gateway.ports.approvals import NewApproval
from gateway.ports.evidence import UploadId
from gateway.ports.findings import KeptFinding
from gateway.ports.guarding import RestrictionOrder
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import (
    Box,
    MessageIndex,
    MessageRow,
    PeerProof,
    SealedMessage,
)
from gateway.ports.originals import NewOriginal
from gateway.ports.subjects import SubjectTag


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """A sealed outbound message.

    Attributes:
        digest: SHA-256 of `envelope`.
        content_digest: SHA-256 of the manifest; bound by the log entry.
        archived_key: The content key, wrapped under the archive key.
        expires_at: Last moment of acceptance.
    """

    envelope: bytes
    digest: HexDigest
    content_digest: HexDigest
    archived_key: bytes
    expires_at: UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutbound:
    """A validated message to accept: sealed, or held as a draft sealed to ourselves.

    Attributes:
        idempotency_key: The submitter's own key, or empty.
        request_digest: Digest of what was submitted, to tell a repetition from
            another message under the same key.
        submitter: Name of the account that submits; keys are kept per submitter.
        opener_if_new: Who counts as the opener if the case is not known yet: we, by a
            message that opens one; the peer, if we answer what is not yet part of
            one; None if the case has to be known.
        document_digest: SHA-256 of the canonical document, for `prev_hash` of the
            case's next message; stays the same when the message is sealed anew.
        uploads: The submitter's complete uploads that become its attachments, in
            their order; each can be used once.
        originals: Originals of redacted copies among them; kept here, never sent.
        docket: The docket entry of the message, as JSON.
        findings: What looking at those files has shown.
        subjects: What the people in it can be found by.
        approval: What a held one waits for, if it is a second person.
        order: What it says that we do with messages of the addressee.
        assignee: To whom the case goes that it opens; None where there are no units.
    """

    id: MessageId
    peer: AuthorityId
    priority: Priority
    created_at: UnixMs
    index: MessageIndex
    document_digest: HexDigest
    act: Act
    opener_if_new: Box | None
    sealing: Sealing | None = None
    draft: bytes = b""
    hold_reason: HoldReason | None = None
    draft_expires_at: UnixMs = NEVER
    submitter: str = ""
    idempotency_key: str = ""
    request_digest: str = ""
    uploads: tuple[UploadId, ...] = ()
    originals: tuple[NewOriginal, ...] = ()
    docket: bytes = field(default=b"", repr=False)
    findings: tuple[KeptFinding, ...] = ()
    subjects: tuple[SubjectTag, ...] = field(default=(), repr=False)
    approval: NewApproval | None = None
    order: RestrictionOrder | None = None
    assignee: Assignee | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a submitter is told, now and whenever the request is repeated.

    Attributes:
        log_index: Index of the `msg.send` or `msg.hold` entry.
        is_repetition: The idempotency key was used before for the same request.
        approval: Number of what it waits for; 0 if it waits for nobody, or was told.
    """

    id: MessageId
    state: OutboundState
    log_index: int
    is_repetition: bool = False
    approval: int = 0


@dataclass(frozen=True, slots=True)
class CaseHead:
    """End of our own messages in a case.

    Attributes:
        case_seq: `seq` of our last message; 0 if we sent none.
        digest: Its content digest; empty if we sent none.
        opener: `out` if we opened the case, `in` if the peer did; None if unknown.
    """

    case_id: str
    case_seq: int
    digest: str
    opener: Box | None


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message claimed for one attempt, in the order to send."""

    id: MessageId
    digest: HexDigest
    envelope: bytes
    send_index: int
    seq: int
    expires_at: UnixMs
    attempts: int


class OutcomeKind(StrEnum):
    """What an attempt came to, verified."""

    RECEIPT = "receipt"  # delivered
    REFUSAL = "refusal"  # proven, final for this digest
    LATER = "later"  # the peer asked to wait
    INCOMPLETE = "incomplete"  # the peer waits for evidence files
    UNKNOWN = "unknown"  # no believable answer: settled by offering again


@dataclass(frozen=True, slots=True)
class AttemptOutcome:
    """The verified outcome of one claimed message.

    Attributes:
        code: Refusal, waiting or error code; empty for a receipt.
        proof: The peer's leaf, for a receipt or refusal.
        next_attempt_at: When to offer again, for the others.
    """

    id: MessageId
    digest: HexDigest
    kind: OutcomeKind
    code: str = ""
    proof: PeerProof | None = None
    next_attempt_at: UnixMs = NEVER


@dataclass(frozen=True, slots=True)
class OutboundEventItem:
    """A later event that a peer has still to be told of, by its entry of our log."""

    message_id: MessageId
    log_index: int


@dataclass(frozen=True, slots=True)
class Conservation:
    """Counts behind invariant I3, of one peer or of all.

    `accepted` counts submissions by their own; the others count rows by state. The
    two sides are equal at every instant.
    """

    accepted: int
    by_state: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt to deliver that came to nothing.

    Attributes:
        attempt: Its number among those of the message.
        at: When that was known.
        code: Why.
    """

    attempt: int
    at: UnixMs
    code: str


class OutboxStore(Protocol):
    """Our messages. Each method is one transaction with its log entries."""

    async def case_head(self, case_id: str, peer: AuthorityId) -> CaseHead:
        """Return the end of our own messages in a case with a peer."""
        ...

    async def find_accepted(
        self,
        submitter: str,
        idempotency_key: str,
        request_digest: str,
    ) -> Accepted | None:
        """Return what an earlier use of an idempotency key led to.

        Raises:
            ConflictError: The key was used for another request.
        """
        ...

    async def accept(self, message: NewOutbound, now: UnixMs) -> Accepted:
        """Store a message and its `msg.send` or `msg.hold` entry.

        A repeated idempotency key gives the first answer and stores nothing.

        Raises:
            ConflictError: The key was used for another request; or the case has
                moved on since its head was read (`code` `stale-case`); or an upload
                is not complete, or was used before.
            NotFoundError: The submitter has no such upload.
        """
        ...

    async def draft(self, message_id: MessageId) -> bytes:
        """Return the sealed draft of a held message.

        Raises:
            NotFoundError: Not a held message.
        """
        ...

    async def held(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return held messages for a peer that were never sealed, oldest first."""
        ...

    async def to_reseal(self, peer: AuthorityId, limit: int) -> list[MessageId]:
        """Return messages held for a peer because their key was retired."""
        ...

    async def begin_reseal(
        self,
        message_id: MessageId,
        now: UnixMs,
    ) -> SealedMessage | None:
        """Log `msg.check` for a message to be sealed again, and return it to open.

        Returns None if it is not held for that reason any more. `release` ends it.
        """
        ...

    async def release(
        self,
        message_id: MessageId,
        sealing: Sealing,
        now: UnixMs,
    ) -> bool:
        """Queue a held message, now sealed: writes `msg.send` with `ref` to what was.

        Its running number stays, if it has one. Returns False if it is no longer held.
        """
        ...

    async def claim_due(
        self,
        peer: AuthorityId,
        *,
        now: UnixMs,
        lease_ms: int,
        max_items: int,
        max_bytes: int,
    ) -> list[DueMessage]:
        """Claim due messages of a peer: urgent first, then oldest.

        Attempts are counted, marked unknown and rescheduled by `lease_ms` before
        anything is sent: a crash on the way leaves a message merely late. Includes
        expired ones whose last attempt is unknown, which only the peer can settle.
        """
        ...

    async def release_leases(self) -> int:
        """Make messages due that a process which is gone had claimed; return how many.

        Called once at start, when no attempt can be under way. Their outcome stays
        unknown until the peer settles it.
        """
        ...

    async def record_outcomes(
        self,
        peer: AuthorityId,
        outcomes: Sequence[AttemptOutcome],
        link: PeerLogLink | None,
        now: UnixMs,
    ) -> None:
        """Store the verified outcomes of a batch, with `msg.deliver`/`msg.refused`.

        Raises:
            LogOutOfStepError: The peer's log was linked further meanwhile; nothing
                is stored, the batch is to be offered again.
        """
        ...

    async def failed_attempts(self, message_id: MessageId) -> list[FailedAttempt]:
        """Return the last attempts for a message that came to nothing, oldest first.

        Raises:
            NotFoundError: No such message.
        """
        ...

    async def retry(
        self,
        ids: Sequence[MessageId],
        peer: AuthorityId | None,
        act: Act,
        now: UnixMs,
    ) -> int:
        """Make queued messages due now and clear their peers' back-off.

        Returns how many messages became due. Logs `admin.retry`.
        """
        ...

    async def cancel(
        self,
        message_id: MessageId,
        act: Act,
        now: UnixMs,
    ) -> MessageRow:
        """Withdraw a message that was never attempted.

        Raises:
            NotFoundError: No such outbound message.
            ConflictError: It was attempted, or is past being cancelled.
        """
        ...

    async def expire_due(self, now: UnixMs, limit: int) -> list[MessageId]:
        """Expire held and queued messages whose last moment has passed."""
        ...

    async def events_due(
        self, peer: AuthorityId, limit: int
    ) -> list[OutboundEventItem]:
        """Return later events that a peer has not acknowledged, oldest first."""
        ...

    async def events_told(self, peer: AuthorityId, indices: Sequence[int]) -> None:
        """Record that a peer acknowledged the events with these log indices."""
        ...

    async def pending_seqs(self, peer: AuthorityId) -> list[tuple[int, int]]:
        """Return our running numbers to a peer that are under way or waiting."""
        ...

    async def conservation(self, peer: AuthorityId | None) -> Conservation:
        """Return the counts of invariant I3, read at one instant."""
        ...
