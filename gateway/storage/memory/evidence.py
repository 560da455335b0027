"""Rows of evidence in memory: uploads, attachments, grants."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.core.delivery import InboundState
from gateway.core.values import AuthorityId, MessageId, Priority, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    Attachment,
    AttachmentState,
    BlobUse,
    Upload,
    UploadId,
    UploadState,
)
from gateway.ports.messages import Box
from gateway.storage.memory.tables import Journal, Tables
from gateway.storage.rows import (
    LARGE_EVIDENCE_BYTES,
    BlobOwner,
    Grant,
    StoredMessage,
)

_UNOPENED = (InboundState.PENDING, InboundState.RECEIVED, InboundState.QUARANTINED)
_HERE = (InboundState.RECEIVED, InboundState.OPENED, InboundState.HANDED_OVER)


class EvidenceLookupMemory:
    """Verbs of `gateway.storage.evidence_verbs.EvidenceLookup`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._evidence = tables.evidence

    def upload(self, upload_id: UploadId) -> Upload | None:
        """Return an upload."""
        return self._evidence.uploads.get(upload_id)

    def upload_by_key(self, owner: str, key: str) -> Upload | None:
        """Return the upload of an account's idempotency key."""
        for one in self._evidence.uploads.values():
            if (one.owner, one.idempotency_key) == (owner, key):
                return one
        return None

    def unused_uploads(self, owner: str) -> int:
        """Return how many uploads of an account no message has used."""
        rows = self._evidence.uploads.values()
        return sum(
            one.owner == owner and one.state is not UploadState.USED for one in rows
        )

    def attachments(self, number: int) -> list[Attachment]:
        """Return the attachments of a message, by its number, in order."""
        rows = sorted(self._evidence.attachments.items())
        return [one for (owner, _), one in rows if owner == number]

    def unverified(self) -> MessageId | None:
        """Return the oldest received message with a file that was not verified."""
        for message in self._tables.messages.values():
            is_here = message.view.box is Box.OUT or message.view.state in _HERE
            if is_here and any(
                one.state is AttachmentState.STORED
                for one in self.attachments(message.number)
            ):
                return message.view.id
        return None

    def past_pending(self, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return messages that have waited for evidence until before `now`."""
        rows = self._tables.messages.values()
        past = [one for one in rows if 0 < one.view.pending_until < now]
        return sorted(past, key=lambda one: one.view.pending_until)[:limit]

    def evidence_bytes(self, peer: AuthorityId) -> int:
        """Return the bytes of a peer's evidence that nobody has opened."""
        return sum(
            one.view.attachment_bytes
            for one in self._tables.messages.values()
            if one.view.peer == peer
            and one.view.box is Box.IN
            and one.view.state in _UNOPENED
        )

    def owner_of(self, blob: BlobId) -> BlobOwner | None:
        """Return what names a blob."""
        ids = {one.number: one.view.id for one in self._tables.messages.values()}
        for (number, position), row in self._evidence.attachments.items():
            if row.blob == blob:
                return BlobOwner(message_id=ids[number], position=position)
        for upload in self._unused():
            if upload.blob == blob:
                return BlobOwner(upload_id=upload.id)
        return None

    def grant(self, number: int, account: str) -> Grant | None:
        """Return what an account opened a message with."""
        return self._evidence.grants.get((number, account))

    def has_export(self, access_index: int, aid: str) -> bool:
        """Tell whether a file was fetched under an opening before."""
        return (access_index, aid) in self._evidence.exports

    def _unused(self) -> Iterator[Upload]:
        for upload in self._evidence.uploads.values():
            if upload.state is not UploadState.USED:
                yield upload


class EvidenceReaderMemory(EvidenceLookupMemory):
    """Verbs of `gateway.storage.evidence_verbs.EvidenceReader`."""

    def stale_uploads(self, before: UnixMs, limit: int) -> list[Upload]:
        """Return uploads that nothing came for since `before`."""
        stale = [
            one for one in self._evidence.uploads.values() if one.touched_at < before
        ]
        return sorted(stale, key=lambda one: one.touched_at)[:limit]

    def blob_uses(self) -> dict[BlobId, BlobUse]:
        """Return all blobs that something names."""
        messages = self._tables.messages.values()
        states = {one.number: one.view.state for one in messages}
        uses = {
            one.blob: BlobUse(one.length, states[number] is InboundState.PENDING)
            for (number, _), one in self._evidence.attachments.items()
            if one.blob
        }
        uses |= {
            one.blob: BlobUse(one.length, is_coming=False) for one in self._unused()
        }
        return uses | {
            one.blob: BlobUse(one.length, is_coming=False)
            for one in self._evidence.originals.values()
        }

    def in_transfer(self, peer: AuthorityId, limit: int) -> list[StoredMessage]:
        """Return messages whose files a peer waits for, in the order to send."""
        found = [
            one
            for one in self._tables.messages.values()
            if one.view.peer == peer
            and one.is_offered
            and one.view.last_code == "incomplete"
        ]
        found.sort(
            key=lambda one: (
                one.view.priority is not Priority.URGENT,
                one.view.attachment_bytes > LARGE_EVIDENCE_BYTES,
            ),
        )
        return found[:limit]


class EvidenceWritesMemory(EvidenceLookupMemory):
    """Verbs of `gateway.storage.evidence_verbs.EvidenceWrites`."""

    _journal: Journal

    def put_upload(self, upload: Upload) -> None:
        """Store an upload, new or changed."""
        self._journal.put(self._evidence.uploads, upload.id, upload)

    def drop_upload(self, upload_id: UploadId) -> None:
        """Remove an upload."""
        self._journal.drop(self._evidence.uploads, upload_id)

    def put_attachments(self, number: int, rows: Sequence[Attachment]) -> None:
        """Store attachments of a message, new or changed, by their position."""
        for row in rows:
            self._journal.put(self._evidence.attachments, (number, row.position), row)

    def drop_attachments(self, number: int) -> None:
        """Remove the attachments of a message."""
        for row in self.attachments(number):
            self._journal.drop(self._evidence.attachments, (number, row.position))

    def put_parts(self, number: int, row: Attachment) -> None:
        """Store the parts and the state of an attachment, and nothing else of it."""
        self.put_attachments(number, [row])

    def look_again(self) -> int:
        """Let what was found damaged be looked at again; return how many files."""
        damaged = [
            (number, row)
            for (number, _), row in self._evidence.attachments.items()
            if row.state is AttachmentState.DAMAGED and row.blob
        ]
        for number, row in damaged:
            self.put_parts(number, replace(row, state=AttachmentState.STORED))
        return len(damaged)

    def put_grant(self, number: int, grant: Grant) -> None:
        """Store what an account opened a message with."""
        self._journal.put(self._evidence.grants, (number, grant.account), grant)

    def add_export(self, access_index: int, aid: str) -> None:
        """Remember that a file was fetched under an opening."""
        self._journal.put(self._evidence.exports, (access_index, aid), None)
