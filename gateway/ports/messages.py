"""Messages of both boxes: their metadata, proofs and changes, and how to read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.units import Scope
from gateway.core.values import (
    NEVER,
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
)


class Box(StrEnum):
    """Which way a message goes, seen from this node."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageIndex:
    """What lists and cases are searched by; known for our own and opened messages."""

    msg_type: str
    case_id: str
    case_seq: int
    urgency: str
    in_reply_to: str = ""
    sender_ref: str = ""
    recipient_ref: str = ""


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A stored message with what is needed to open it, after the access is logged.

    Attributes:
        access_index: Index of the committed `msg.access` or `msg.check` entry.
        is_first_opening: No person had opened it before.
    """

    id: MessageId
    box: Box
    peer: AuthorityId
    envelope: bytes
    digest: HexDigest
    content_digest: HexDigest
    archived_key: bytes
    draft: bytes
    access_index: int
    is_first_opening: bool = False


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """Metadata of a message: everything but its content.

    A struct, because every step of every message makes one from the one before.

    Attributes:
        log_index: Its `msg.send`, `msg.hold` or `msg.receive` entry.
        updated_at: When the state was entered.
        problems: Number of defects found in the form by validation; -1 before it.
        has_unknown_attempt: An attempt was made whose outcome is not settled.
        attachments: Number of its evidence files.
        attachment_bytes: Their ciphertext, together.
        pending_until: How long it waits for evidence files that are still coming.
    """

    id: MessageId
    box: Box
    peer: AuthorityId
    state: OutboundState | InboundState
    priority: Priority
    created_at: UnixMs
    accepted_at: UnixMs
    updated_at: UnixMs
    expires_at: UnixMs
    digest: str
    content_digest: str
    size_bytes: int
    seq: int
    log_index: int
    index: MessageIndex | None
    attempts: int
    next_attempt_at: UnixMs
    last_code: str
    hold_reason: str
    has_unknown_attempt: bool
    problems: int
    idempotency_key: str
    attachments: int = 0
    attachment_bytes: int = 0
    pending_until: UnixMs = NEVER

    @property
    def case_id(self) -> str:
        """Its case; empty where none is known of it."""
        return self.index.case_id if self.index else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages to list; empty or None leaves a field open.

    Attributes:
        id_prefix: How the id begins.
        code: What the last attempt ended with, or why it is held.
        since: First moment of acceptance that is let through.
        until: First moment that is not.
    """

    box: Box | None = None
    states: tuple[str, ...] = ()
    peer: str = ""
    case_id: str = ""
    msg_type: str = ""
    urgency: str = ""
    code: str = ""
    id_prefix: str = ""
    since: UnixMs | None = None
    until: UnixMs | None = None
    sender_ref: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Messages that do not move or have failed for one cause.

    Attributes:
        code: What the last attempt ended with, or why they are held; empty for none.
        oldest_at: When the oldest of them was accepted.
        newest_at: When one of them last changed its state.
    """

    peer: AuthorityId
    state: str
    code: str
    count: int
    oldest_at: UnixMs
    newest_at: UnixMs


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages, newest first; `next_cursor` is empty on the last page."""

    rows: tuple[MessageRow, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class PeerProof:
    """A leaf of the peer's log with its path under a checkpoint."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]


class ProofRole(StrEnum):
    """What a stored proof of a peer's log shows about a message."""

    ORIGIN = "origin"  # the sender logged having sent it
    RECEIPT = "receipt"  # the recipient logged having received it
    REFUSAL = "refusal"  # the recipient logged having refused it
    KEY_REFUSAL = "key-refusal"  # the same, for its key was retired: sealed again
    OPENING = "opening"  # the recipient logged its first opening
    EXPIRY = "expiry"  # the sender logged that it expired
    CANCELLATION = "cancellation"  # the sender logged that it was withdrawn
    RESTRICTION = "restriction"  # the recipient logged that it is restricted


OUR_ROLES: Mapping[tuple[Box, str], ProofRole] = {
    (Box.OUT, "msg.send"): ProofRole.ORIGIN,
    (Box.OUT, "msg.expire"): ProofRole.EXPIRY,
    (Box.OUT, "msg.cancel"): ProofRole.CANCELLATION,
    (Box.IN, "msg.receive"): ProofRole.RECEIPT,
    (Box.IN, "msg.reject"): ProofRole.REFUSAL,
    (Box.IN, "msg.access"): ProofRole.OPENING,
    (Box.IN, "msg.restrict"): ProofRole.RESTRICTION,
}
"""What an entry of ours about a message of either box is evidence of."""


@dataclass(frozen=True, slots=True)
class StoredProof:
    """A leaf of a peer's log, kept with the checkpoint it was proven under.

    Also of a log of our own that another succeeded.
    """

    role: ProofRole
    origin: str
    proof: PeerProof
    checkpoint_note: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the change feed; `cursor` grows without gaps."""

    cursor: int
    at: UnixMs
    box: Box
    id: MessageId
    peer: AuthorityId
    state: str
    log_index: int


class MessageViews(Protocol):
    """Reading both boxes, and the one way to content: a logged access."""

    async def log_access(
        self,
        message_id: MessageId,
        act: Act,
        now: UnixMs,
        *,
        refusal: str = "",
        grant_until: UnixMs = NEVER,
        uses_approval: bool = False,
    ) -> SealedMessage:
        """Log a person's access before any plaintext exists; both boxes.

        Until `grant_until` the same account may fetch the message's evidence files.

        The first opening of an inbound message changes its state and is to be told
        to the sender. With `refusal` the failed access is logged and nothing else.
        With `uses_approval`, and always of restricted content, an approval of the
        opening is used up.

        Raises:
            NotFoundError: No such message.
            ConflictError: Its content is quarantined, or was erased.
            NeedsApprovalError: There is no approval to use.
        """
        ...

    async def look_first(self, message_id: MessageId, now: UnixMs) -> SealedMessage:
        """Log `msg.check` for a message that the node itself has to read now.

        What its markings demand is not known before that.

        Raises:
            NotFoundError: No such message.
            ConflictError: Its content is quarantined, or was erased.
        """
        ...

    async def message(self, message_id: MessageId) -> MessageRow:
        """Return the metadata of a message of either box.

        Raises:
            NotFoundError: No such message.
        """
        ...

    async def messages(
        self,
        wanted: MessageFilter,
        *,
        cursor: str,
        limit: int,
        scope: Scope | None = None,
    ) -> Page:
        """Return a page of messages, newest first.

        Args:
            wanted: Which.
            cursor: Where the page before ended; empty for the first.
            limit: How many at most.
            scope: What who asks may see of them; None for all.

        Raises:
            UsageError: The cursor is not one this node gave.
        """
        ...

    async def causes(self, since: UnixMs, *, limit: int) -> list[Cause]:
        """Return why messages accepted since then wait or have failed.

        The most frequent cause first. Queued ones count once an attempt has failed.
        """
        ...

    async def proofs(self, message_id: MessageId) -> list[StoredProof]:
        """Return every proof of the peer's log that is stored for a message."""
        ...

    async def envelope(self, message_id: MessageId) -> bytes:
        """Return the sealed bytes of a message (empty while held).

        Raises:
            NotFoundError: No such message.
        """
        ...

    async def log_indices(self, message_id: MessageId) -> list[int]:
        """Return the indices of all entries of our log about a message, in order."""
        ...

    async def changes(self, after: int, limit: int) -> list[Change]:
        """Return the change feed after a cursor."""
        ...

    async def prune_changes(self, before: UnixMs) -> int:
        """Drop feed entries older than `before`; return how many."""
        ...
