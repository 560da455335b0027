"""What storage keeps, row by row; the values that transactions give and take."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.entries.disclosures import DisclosureClass
from gateway.core.limits import MIB
from gateway.core.values import NEVER, AuthorityId, HexDigest, MessageId, UnixMs
from gateway.ports.evidence import UploadId
from gateway.ports.keys import RingId
from gateway.ports.messages import Box, MessageRow, PeerProof, ProofRole

NO_INDEX = -1
"""Stands for an entry of our log that is not written yet."""


LARGE_EVIDENCE_BYTES = 64 * MIB
"""Evidence above this is sent after smaller evidence, whichever came first."""


class CheckState(StrEnum):
    """How far the node's own validation of a message is."""

    NONE = ""  # nothing to validate: our own message
    WAITING = "waiting"
    BEGUN = "begun"  # its `msg.check` is logged; given again after a restart
    DONE = "done"


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of either box: what callers see of it, and how far it is.

    Attributes:
        number: Grows with every message that is stored; orders them without a clock.
        unknown_attempts: Attempts whose outcome is not settled.
        is_leased: Claimed for an attempt that is under way.
        opened_index: Entry of the first opening by a person, or `NO_INDEX`.
    """

    number: int
    view: MessageRow
    unknown_attempts: int = 0
    is_leased: bool = False
    check: CheckState = CheckState.NONE
    opened_index: int = NO_INDEX

    @property
    def is_offered(self) -> bool:
        """Whether the peer is to be offered it, now or later.

        An expired message whose last attempt is unknown still is: only the peer can
        say whether it was received in time.
        """
        state = self.view.state
        return state is OutboundState.QUEUED or (
            state is OutboundState.EXPIRED and self.unknown_attempts > 0
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed bytes of a message; kept apart, for they are long and never change."""

    envelope: bytes = b""
    archived_key: bytes = b""
    draft: bytes = b""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was refused for good, by digest."""

    id: MessageId
    digest: HexDigest
    log_index: int
    code: str


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A leaf of a peer's log about a message, and the checkpoint it lies under."""

    message_id: MessageId
    peer: AuthorityId
    role: ProofRole
    origin: str
    size: int
    proof: PeerProof


@dataclass(frozen=True, slots=True)
class UsedKey:
    """What the first use of an idempotency key led to."""

    request_digest: str
    message_id: MessageId
    state: OutboundState
    log_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRow:
    """Counters and times of the exchange with a peer.

    Attributes:
        accepted: Messages for the peer that were ever accepted.
        last_seq: Last running number given to a message of ours.
        highest_seq: Highest running number of the peer that was received or closed.
    """

    peer: AuthorityId
    accepted: int = 0
    last_seq: int = 0
    highest_seq: int = 0
    failures: int = 0
    retry_at: UnixMs = NEVER
    last_error: str = ""
    last_contact_at: UnixMs = NEVER
    known_seen_size: int = 0
    card_number_acknowledged: int = 0


class RangeKind(StrEnum):
    """Which running numbers a range holds."""

    PENDING = "pending"  # ours, under way or waiting
    MISSING = "missing"  # the peer's, neither received nor closed


@dataclass(frozen=True, slots=True)
class SeqRange:
    """Running numbers from `first` to `last`, both included.

    Attributes:
        since: Of missing ones: when they were first missed and their sender did not
            say that they are on their way; `NEVER` while it says so.
    """

    first: int
    last: int
    since: UnixMs = NEVER


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """A step of the change feed that has no cursor yet."""

    at: UnixMs
    box: Box
    id: MessageId
    peer: AuthorityId
    state: InboundState | OutboundState
    log_index: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log inside a transaction.

    Attributes:
        last: Leaf hash of the last entry; empty in an empty log.
        last_at: Time of the last entry.
        frontier: `Frontier.to_bytes` of the tree.
    """

    size: int = 0
    last: bytes = b""
    last_at: UnixMs = NEVER
    frontier: bytes = b""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry about to be stored."""

    index: int
    leaf_hash: bytes
    data: bytes
    kind: str
    message_id: str


@dataclass(frozen=True, slots=True)
class FullTile:
    """A full tile with the root of its subtree."""

    level: int
    index: int
    hashes: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class RingKey:
    """A disclosure ring, and the number under which the database knows it."""

    key_id: int
    ring: RingId


@dataclass(frozen=True, slots=True)
class NewDisclosure:
    """A sealed disclosure about to be stored."""

    index: int
    digest: str
    ring: DisclosureClass
    key_id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """A stored disclosure with the ring whose key opens it."""

    digest: str
    ring: DisclosureClass
    ring_id: RingId
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ListPosition:
    """Where a page of the list ended: the message before which the next begins."""

    accepted_at: UnixMs
    number: int


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many messages of a peer are in a state."""

    peer: AuthorityId
    box: Box
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Grant:
    """That an account opened a message and may fetch its files.

    Attributes:
        account: Its name.
        access_index: The entry of that opening.
    """

    account: str
    access_index: int
    until: UnixMs


@dataclass(frozen=True, slots=True)
class BlobOwner:
    """What names a blob: an attachment, or an upload."""

    message_id: MessageId | None = None
    position: int = 0
    upload_id: UploadId | None = None
