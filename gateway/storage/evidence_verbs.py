"""What a database must be able to do with evidence: verbs on rows, as `transaction`."""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import Attachment, BlobUse, Upload, UploadId
from gateway.storage.rows import BlobOwner, Grant, StoredMessage


class EvidenceLookup(Protocol):
    """What can be read of evidence in any transaction."""

    def upload(self, upload_id: UploadId) -> Upload | None:
        """Return an upload."""
        ...

    def upload_by_key(self, owner: str, key: str) -> Upload | None:
        """Return the upload of an account's idempotency key."""
        ...

    def unused_uploads(self, owner: str) -> int:
        """Return how many uploads of an account no message has used."""
        ...

    def attachments(self, number: int) -> list[Attachment]:
        """Return the attachments of a message, by its number, in order."""
        ...

    def unverified(self) -> MessageId | None:
        """Return the oldest received message with a file that was not verified."""
        ...

    def past_pending(self, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return messages that have waited for evidence until before `now`."""
        ...

    def evidence_bytes(self, peer: AuthorityId) -> int:
        """Return the bytes of a peer's evidence that nobody has opened."""
        ...

    def owner_of(self, blob: BlobId) -> BlobOwner | None:
        """Return what names a blob."""
        ...

    def grant(self, number: int, account: str) -> Grant | None:
        """Return what an account opened a message with."""
        ...

    def has_export(self, access_index: int, aid: str) -> bool:
        """Tell whether a file was fetched under an opening before."""
        ...


class EvidenceReader(EvidenceLookup, Protocol):
    """What is only read outside of changes."""

    def stale_uploads(self, before: UnixMs, limit: int) -> list[Upload]:
        """Return uploads that nothing came for since `before`."""
        ...

    def blob_uses(self) -> dict[BlobId, BlobUse]:
        """Return all blobs that something names."""
        ...

    def in_transfer(self, peer: AuthorityId, limit: int) -> list[StoredMessage]:
        """Return messages whose files a peer waits for, in the order to send.

        Urgent first, then small ones, then large ones; each oldest first.
        """
        ...


class EvidenceWrites(EvidenceLookup, Protocol):
    """What changes evidence."""

    def put_upload(self, upload: Upload) -> None:
        """Store an upload, new or changed."""
        ...

    def drop_upload(self, upload_id: UploadId) -> None:
        """Remove an upload."""
        ...

    def put_attachments(self, number: int, rows: Sequence[Attachment]) -> None:
        """Store attachments of a message, new or changed, by their position."""
        ...

    def drop_attachments(self, number: int) -> None:
        """Remove the attachments of a message."""
        ...

    def put_parts(self, number: int, row: Attachment) -> None:
        """Store the parts and the state of an attachment, and nothing else of it."""
        ...

    def look_again(self) -> int:
        """Let what was found damaged be looked at again; return how many files."""
        ...

    def put_grant(self, number: int, grant: Grant) -> None:
        """Store what an account opened a message with."""
        ...

    def add_export(self, access_index: int, aid: str) -> None:
        """Remember that a file was fetched under an opening."""
        ...
