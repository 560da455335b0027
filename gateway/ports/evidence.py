"""Evidence files in the store: uploads of our people, attachments of both boxes.

An upload is a file on its way in from a person or system of ours. When its message is
accepted it becomes an attachment, and its key moves into the sealed message.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.parts import PartSet, part_count
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
)
from gateway.ports.blobs import BlobId
from gateway.ports.messages import SealedMessage

UploadId = NewType("UploadId", str)
"""32 hex digits, random."""


class UploadState(StrEnum):
    """How far an upload is."""

    OPEN = "open"  # bytes are missing
    COMPLETE = "complete"  # sealed, waits for its message
    USED = "used"  # became an attachment; kept so that asking again is harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way in.

    Attributes:
        owner: Account that sends it.
        idempotency_key: The owner's own key, or empty.
        request_digest: Digest of what was announced, to tell a repetition. Of a whole
            file two, with a space between: also as if its SHA-256 had been announced.
        aid: Id of the attachment it will be.
        blob: Where its ciphertext lies.
        size: Bytes of the file.
        length: Bytes of its whole ciphertext.
        spooled: Bytes of the file that are durably here; whole chunks, or all.
        kept: Key, name and digests, sealed to ourselves; empty once used.
        touched_at: When the last bytes came.
        root: Of its parts; empty before it is complete.
        part_list: Digests of its parts; empty before it is complete.
    """

    id: UploadId
    owner: str
    idempotency_key: str
    request_digest: str
    aid: str
    blob: BlobId
    size: int
    length: int
    spooled: int
    state: UploadState
    kept: bytes = field(repr=False)
    touched_at: UnixMs
    root: str = ""
    part_list: bytes = field(default=b"", repr=False)


class AttachmentState(StrEnum):
    """How far an attachment is on this node."""

    COMING = "coming"  # parts of a peer's file are missing
    STORED = "stored"  # all its parts are here and agree with the sealed header
    VERIFIED = "verified"  # it was also compared with size and digest in the manifest
    DAMAGED = "damaged"  # what lies here is not what was stored
    WRONG = "wrong"  # it came so, and is not what its manifest says
    GONE = "gone"  # its bytes were dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """An evidence file of a message of either box.

    Attributes:
        position: Its place among the attachments of the message, from 0.
        length: Bytes of ciphertext.
        root: Of its parts.
        blob: Where the ciphertext lies; empty once it is gone.
        part_list: Digests of the parts, back to back; empty before a peer has
            announced them.
        parts: Of an inbound one the parts that are here, of an outbound one those
            that the peer is known to have.
    """

    position: int
    aid: str
    length: int
    root: HexDigest
    blob: BlobId
    state: AttachmentState
    part_list: bytes = field(default=b"", repr=False)
    parts: PartSet = field(default_factory=lambda: PartSet(0))

    @property
    def part_count(self) -> int:
        """Parts there are in all."""
        return part_count(self.length)


@dataclass(frozen=True, slots=True)
class BlobUse:
    """What a blob is for.

    Attributes:
        length: Bytes it was reserved for.
        is_coming: Parts of a peer's file are still being written into it.
    """

    length: int
    is_coming: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """A message whose evidence files a peer has still to be sent."""

    id: MessageId
    priority: Priority
    length: int


@dataclass(frozen=True, slots=True)
class HandOut:
    """The right to read one attachment, with what reading it needs.

    Attributes:
        sealed: The message; its access is logged.
        attachment: The file.
    """

    sealed: SealedMessage
    attachment: Attachment


class EvidenceStore(Protocol):
    """Uploads and attachments. Each method is one transaction."""

    async def find_upload(
        self,
        owner: str,
        idempotency_key: str,
        request_digest: str,
    ) -> Upload | None:
        """Return what an earlier use of an idempotency key led to.

        Raises:
            ConflictError: The key was used for another file.
        """
        ...

    async def add_upload(self, upload: Upload) -> Upload:
        """Keep a new upload; a repeated idempotency key gives the first one.

        Raises:
            ConflictError: The key was used for another file.
            QuotaError: The owner has too many uploads that no message has used.
        """
        ...

    async def upload(self, upload_id: UploadId, owner: str) -> Upload:
        """Return an upload of an account.

        Raises:
            NotFoundError: It has none of that id.
        """
        ...

    async def note_spooled(
        self, upload_id: UploadId, spooled: int, now: UnixMs
    ) -> None:
        """Record how much of an open upload is durably here."""
        ...

    async def replace_spool(self, before: Upload, after: Upload) -> bool:
        """Put an upload that was sealed anew in place of what it was.

        Returns False if it is no longer what it was before; nothing is stored then.
        """
        ...

    async def drop_upload(self, upload_id: UploadId) -> BlobId | None:
        """Forget an upload that no message has used; return its blob to be removed."""
        ...

    async def stale_uploads(self, before: UnixMs, limit: int) -> list[Upload]:
        """Return uploads that nothing came for since `before`; used ones too."""
        ...

    async def blobs(self) -> dict[BlobId, BlobUse]:
        """Return every blob that an upload or attachment names, and its use."""
        ...

    async def lose_blob(self, lost: BlobId, fresh: BlobId | None) -> bool:
        """Record that a blob is gone; return whether `fresh` took its place.

        Parts that were still coming are asked for again, into `fresh`. A whole
        attachment is marked as damaged, an upload is forgotten.
        """
        ...

    async def look_again(self) -> int:
        """Let what was found damaged be looked at again; return how many files.

        Called at a start: what was damaged may have been put back.
        """
        ...

    async def attachments(self, message_id: MessageId) -> list[Attachment]:
        """Return the attachments of a message of either box, in order."""
        ...

    async def waiting_attachment(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        aid: str,
    ) -> Attachment:
        """Return an attachment that a peer may send parts of.

        Raises:
            NoSuchMessageError: No message of that peer waits for it.
        """
        ...

    async def announce_parts(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        aid: str,
        part_list: bytes,
    ) -> Attachment:
        """Keep the part digests of an attachment; return it.

        Raises:
            NoSuchMessageError: No message of that peer waits for it.
        """
        ...

    async def add_part(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        aid: str,
        index: int,
        pending_until: UnixMs,
    ) -> Attachment:
        """Record that a part is durably here; the message may wait until then.

        Raises:
            NoSuchMessageError: The message does not wait any more.
        """
        ...

    async def note_sent(
        self,
        message_id: MessageId,
        aid: str,
        parts: PartSet,
    ) -> None:
        """Record which parts of an outbound attachment the peer has."""
        ...

    async def transfers(self, peer: AuthorityId, limit: int) -> list[Transfer]:
        """Return messages whose files a peer waits for, in the order to send.

        Urgent first, then small ones, then large ones; each oldest first.
        """
        ...

    async def transfer_done(self, message_id: MessageId) -> None:
        """Let a message be offered again at once: the peer has its files."""
        ...

    async def evidence_bytes(self, peer: AuthorityId) -> int:
        """Return how many bytes of a peer's evidence lie here that nobody opened."""
        ...

    async def drop_pending(self, now: UnixMs, limit: int) -> list[BlobId]:
        """Let messages go whose files did not come in time; return their blobs.

        Logs `msg.expire`. The peer may offer such a message again.
        """
        ...

    async def hand_out(
        self,
        message_id: MessageId,
        aid: str,
        act: Act,
        now: UnixMs,
    ) -> HandOut:
        """Return an attachment to whoever opened its message not long ago.

        The first time under one opening `msg.export` is logged.

        Raises:
            NotFoundError: No such message or attachment.
            NotAllowedError: The account has not opened the message, or too long ago.
            ConflictError: Its bytes are not here, or not to be handed out.
        """
        ...

    async def begin_evidence_check(self, now: UnixMs) -> HandOut | None:
        """Log `msg.check` and return the next attachment that was not verified yet."""
        ...

    async def mark_attachment(
        self,
        message_id: MessageId,
        aid: str,
        state: AttachmentState,
    ) -> None:
        """Record what looking at an attachment's bytes has shown."""
        ...
