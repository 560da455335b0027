"""Originals of redacted copies: kept sealed with the message, never sent."""

from dataclasses import dataclass, field
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import UploadId
from gateway.ports.messages import SealedMessage


@dataclass(frozen=True, slots=True)
class NewOriginal:
    """The original of a copy that a message takes with it.

    Attributes:
        upload: The submitter's complete upload; used up by the message.
        sealed: Key, name and digest of the file and the record of the redaction,
            sealed to ourselves.
    """

    upload: UploadId
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOriginal:
    """An original as it lies here.

    Attributes:
        aid: Its id, as that of an attachment.
        size: Bytes of the file.
        length: Bytes of its ciphertext.
        root: Of its parts.
        blob: Where the ciphertext lies.
        sealed: As in `NewOriginal`.
    """

    aid: str
    size: int
    length: int
    root: str
    blob: BlobId
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OriginalsAccess:
    """A committed access to the originals of a message.

    Attributes:
        sealed: The message that the copies went out with.
        originals: At least one.
    """

    sealed: SealedMessage
    originals: tuple[KeptOriginal, ...]


class OriginalStore(Protocol):
    """Originals of redacted copies. Each method is one transaction."""

    async def open_originals(
        self,
        message_id: MessageId,
        act: Act,
        now: UnixMs,
        *,
        grant_until: UnixMs,
        uses_approval: bool,
    ) -> OriginalsAccess:
        """Log `msg.access`, then return the originals; the account may fetch them.

        Raises:
            NeedsApprovalError: There is no approval to use.
            NotFoundError: No such message of ours, or no original is kept with it.
        """
        ...

    async def hand_out_original(
        self, message_id: MessageId, aid: str, act: Act, now: UnixMs
    ) -> KeptOriginal:
        """Return an original to whoever opened them not long ago.

        The first time under one opening `msg.export` is logged.

        Raises:
            NotFoundError: No such message or original.
            NotAllowedError: The account has not opened them, or too long ago.
        """
        ...
