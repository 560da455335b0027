"""Messages of the peers, and the transactions that take and change them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.units import Assignee
from gateway.core.values import (
    NEVER,
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
)
from gateway.ports.evidence import Attachment
from gateway.ports.guarding import ItemTag, RestrictionOrder
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import MessageIndex, MessageRow, PeerProof, SealedMessage
from gateway.ports.subjects import SubjectTag


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundItem:
    """A checked item of a delivery: to accept, or to refuse with `refusal`.

    Attributes:
        seq: The sender's running number for us, from its leaf.
        content_digest: `man` of the sender's leaf.
        archived_key: The content key, wrapped under our archive key.
        proof: The sender's leaf and path.
        refusal: Final code, or empty to accept.
        attachments: Its evidence files, with room reserved for each; what is stored
            is pending until all of them are here.
        pending_until: How long it waits for them.
    """

    id: MessageId
    digest: HexDigest
    proof: PeerProof
    seq: int
    content_digest: HexDigest
    envelope: bytes = b""
    archived_key: bytes = b""
    priority: Priority = Priority.ROUTINE
    created_at: UnixMs = NEVER
    expires_at: UnixMs = NEVER
    refusal: str = ""
    attachments: tuple[Attachment, ...] = ()
    pending_until: UnixMs = NEVER


class InboundStatus(StrEnum):
    """What the transaction made of an inbound item."""

    RECEIVED = "received"
    ALREADY = "already"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class InboundResult:
    """What became of an item.

    Attributes:
        log_index: Its `msg.receive` or `msg.reject` entry, new or the first one; of
            an incomplete one its `msg.hold`, which no peer is shown.
        code: Refusal code, or empty.
        missing: Ids of the evidence files that are not whole yet.
    """

    status: InboundStatus
    log_index: int
    code: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownInbound:
    """What the node did before with an id of a peer, by digest."""

    digest: HexDigest
    result: InboundResult


@dataclass(frozen=True, slots=True)
class CheckDone:
    """A message whose validation is over.

    Attributes:
        index: What it is found by from now on.
        problems: How many things are wrong with it.
        docket: Its docket entry, as JSON.
        subjects: What the people in it can be found by.
        items: By what its items are recognised if they go out again.
        order: What it orders of messages of its sender.
        assignee: To whom its case goes, if that is not assigned yet; None where there
            are no units.
        checked_at: When that was decided.
    """

    id: MessageId
    peer: AuthorityId
    index: MessageIndex
    problems: int
    docket: bytes = field(default=b"", repr=False)
    subjects: tuple[SubjectTag, ...] = field(default=(), repr=False)
    items: tuple[ItemTag, ...] = field(default=(), repr=False)
    order: RestrictionOrder | None = None
    assignee: Assignee | None = None
    checked_at: UnixMs = NEVER


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A message whose case is asked about.

    Attributes:
        peer: With whom the case is exchanged.
        case_id: The case that it names.
        answered: The message that it answers; None if it answers none.
    """

    peer: AuthorityId
    case_id: str
    answered: MessageId | None


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """What is known of a case before a message.

    Attributes:
        is_known: Whether any message of it was exchanged with that peer.
        answered_type: Type of the message that is answered; None if there is none
            between the two, or it was not read yet.
    """

    is_known: bool
    answered_type: str | None = None


class EventStanding(StrEnum):
    """What the transaction made of a later event."""

    NOTED = "noted"  # stored now or before
    EARLY = "early"  # our message, but its receipt is not recorded yet: tell again
    UNKNOWN = "unknown"  # no message between the two


@dataclass(frozen=True, slots=True)
class PeerEvent:
    """A verified later event told by a peer; `kind` is that of its leaf."""

    kind: str
    message_id: MessageId
    proof: PeerProof
    digest: str = ""
    code: str = ""
    seq: int = 0


class InboxStore(Protocol):
    """The peers' messages. Each method is one transaction with its log entries."""

    async def known_inbound(
        self,
        peer: AuthorityId,
        ids: Sequence[MessageId],
    ) -> dict[MessageId, list[KnownInbound]]:
        """Return what is known of ids a peer offers; unknown ids are left out."""
        ...

    async def commit_inbound(
        self,
        link: PeerLogLink,
        items: Sequence[InboundItem],
        now: UnixMs,
        *,
        pending: Sequence[tuple[int, int]] = (),
    ) -> list[InboundResult]:
        """Store a batch: messages, refusals, entries and the peer's checkpoint.

        Running numbers that are missing and not in `pending`, the ranges that the
        peer says are under way, are holes from then on.

        Decided inside the transaction, by (peer, id): the same digest received
        before is `already`; the same digest refused before the same refusal;
        another digest received before is refused as `id-conflict`.

        Raises:
            LogOutOfStepError: The peer's log was linked further meanwhile.
            MaintenanceError: A message that was known has been let go meanwhile.
        """
        ...

    async def begin_checks(self, limit: int, now: UnixMs) -> list[SealedMessage]:
        """Log `msg.check` for messages received and not yet validated.

        Returns them with what opening needs, oldest first. A message whose check
        was begun and never finished (a crash) is given again after a restart.
        """
        ...

    async def case_standings(
        self, questions: Sequence[CaseQuestion]
    ) -> list[CaseStanding]:
        """Return what is known of the cases of some messages, in their order."""
        ...

    async def finish_checks(self, done: Sequence[CheckDone]) -> None:
        """Store the index fields of validated messages, all of them or none.

        Raises:
            NotFoundError: No such message of that peer.
        """
        ...

    async def quarantine(
        self,
        message_id: MessageId,
        peer: AuthorityId,
        code: str,
        now: UnixMs,
    ) -> None:
        """Set a message aside: writes `msg.reject`, to be told to the sender."""
        ...

    async def confirm(self, message_id: MessageId, act: Act, now: UnixMs) -> MessageRow:
        """Record that the recipient has taken a message; repeating is harmless.

        Raises:
            NotFoundError: No such inbound message.
            ConflictError: Not in a state to be taken.
        """
        ...

    async def commit_events(
        self,
        link: PeerLogLink,
        events: Sequence[PeerEvent],
        now: UnixMs,
    ) -> list[EventStanding]:
        """Store later events told by a peer, with `msg.opened`/`msg.refused`.

        A message that waits for evidence files and will not come any more is let go
        with the next `drop_pending`.

        An event about a message of ours that is still queued (its receipt was lost
        on the way) is `EARLY` and stores nothing.

        Raises:
            LogOutOfStepError: The peer's log was linked further meanwhile.
        """
        ...
