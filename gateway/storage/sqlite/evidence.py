"""Rows of evidence: uploads, attachments, grants."""

from collections.abc import Sequence
from sqlite3 import Cursor

from gateway.core.parts import PartSet, part_count
from gateway.core.values import AuthorityId, HexDigest, MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    Attachment,
    AttachmentState,
    BlobUse,
    Upload,
    UploadId,
    UploadState,
)
from gateway.storage.rows import (
    LARGE_EVIDENCE_BYTES,
    BlobOwner,
    Grant,
    StoredMessage,
)
from gateway.storage.sqlite.mapping import Params, SqlValue, messages_from
from gateway.storage.sqlite.running import Running


class EvidenceLookupSql(Running):
    """Verbs of `gateway.storage.evidence_verbs.EvidenceLookup`."""

    def upload(self, upload_id: UploadId) -> Upload | None:
        """Return an upload."""
        return _first(_uploads_from(self._rows("upload", (upload_id,))))

    def upload_by_key(self, owner: str, key: str) -> Upload | None:
        """Return the upload of an account's idempotency key."""
        return _first(_uploads_from(self._rows("upload_by_key", (owner, key))))

    def unused_uploads(self, owner: str) -> int:
        """Return how many uploads of an account no message has used."""
        return int(self._rows("unused_uploads", (owner,)).fetchone()[0])

    def attachments(self, number: int) -> list[Attachment]:
        """Return the attachments of a message, by its number, in order."""
        return [
            Attachment(
                position=row[0],
                aid=row[1],
                length=row[2],
                root=HexDigest(row[3]),
                blob=BlobId(row[4]),
                state=AttachmentState(row[5]),
                part_list=row[6],
                parts=PartSet(part_count(row[2]), row[7]),
            )
            for row in self._rows("attachments", (number,))
        ]

    def unverified(self) -> MessageId | None:
        """Return the oldest received message with a file that was not verified."""
        row = self._rows("unverified").fetchone()
        return MessageId(row[0]) if row else None

    def past_pending(self, now: UnixMs, limit: int) -> list[StoredMessage]:
        """Return messages that have waited for evidence until before `now`."""
        return messages_from(self._rows("past_pending", (now, limit)))

    def evidence_bytes(self, peer: AuthorityId) -> int:
        """Return the bytes of a peer's evidence that nobody has opened."""
        return int(self._rows("evidence_bytes", (peer,)).fetchone()[0])

    def owner_of(self, blob: BlobId) -> BlobOwner | None:
        """Return what names a blob."""
        for row in self._rows("attachment_of_blob", (blob,)):
            return BlobOwner(message_id=MessageId(row[0]), position=row[1])
        for row in self._rows("upload_of_blob", (blob,)):
            return BlobOwner(upload_id=UploadId(row[0]))
        return None

    def grant(self, number: int, account: str) -> Grant | None:
        """Return what an account opened a message with."""
        for row in self._rows("grant", (number, account)):
            return Grant(account, row[0], UnixMs(row[1]))
        return None

    def has_export(self, access_index: int, aid: str) -> bool:
        """Tell whether a file was fetched under an opening before."""
        return any(self._rows("has_export", (access_index, aid)))


class EvidenceReaderSql(EvidenceLookupSql):
    """Verbs of `gateway.storage.evidence_verbs.EvidenceReader`."""

    def stale_uploads(self, before: UnixMs, limit: int) -> list[Upload]:
        """Return uploads that nothing came for since `before`."""
        return _uploads_from(self._rows("stale_uploads", (before, limit)))

    def blob_uses(self) -> dict[BlobId, BlobUse]:
        """Return all blobs that something names."""
        return {
            BlobId(row[0]): BlobUse(row[1], is_coming=bool(row[2]))
            for row in self._rows("blob_uses")
        }

    def in_transfer(self, peer: AuthorityId, limit: int) -> list[StoredMessage]:
        """Return messages whose files a peer waits for, in the order to send."""
        params: dict[str, SqlValue] = {
            "peer": peer,
            "large": LARGE_EVIDENCE_BYTES,
            "limit": limit,
        }
        return messages_from(self._rows("in_transfer", params))


class EvidenceWritesSql(EvidenceLookupSql):
    """Verbs of `gateway.storage.evidence_verbs.EvidenceWrites`."""

    def put_upload(self, upload: Upload) -> None:
        """Store an upload, new or changed."""
        self._write(
            "put_upload",
            (
                upload.id,
                upload.owner,
                upload.idempotency_key,
                upload.request_digest,
                upload.aid,
                upload.blob,
                upload.size,
                upload.length,
                upload.spooled,
                upload.state.value,
                upload.kept,
                upload.touched_at,
                upload.root,
                upload.part_list,
            ),
        )

    def drop_upload(self, upload_id: UploadId) -> None:
        """Remove an upload."""
        self._write("drop_upload", (upload_id,))

    def put_attachments(self, number: int, rows: Sequence[Attachment]) -> None:
        """Store attachments of a message, new or changed, by their position."""
        for row in rows:
            self._write("put_attachment", _attachment_columns(number, row))

    def drop_attachments(self, number: int) -> None:
        """Remove the attachments of a message."""
        self._write("drop_attachments", (number,))

    def put_parts(self, number: int, row: Attachment) -> None:
        """Store the parts and the state of an attachment, and nothing else of it."""
        self._write(
            "set_parts",
            (row.parts.to_bytes(), row.state.value, number, row.position),
        )

    def look_again(self) -> int:
        """Let what was found damaged be looked at again; return how many files."""
        return self._write("look_again").rowcount

    def put_grant(self, number: int, grant: Grant) -> None:
        """Store what an account opened a message with."""
        self._write(
            "put_grant",
            (number, grant.account, grant.access_index, grant.until),
        )

    def add_export(self, access_index: int, aid: str) -> None:
        """Remember that a file was fetched under an opening."""
        self._write("add_export", (access_index, aid))


def _uploads_from(rows: Cursor) -> list[Upload]:
    return [
        Upload(
            id=UploadId(row[0]),
            owner=row[1],
            idempotency_key=row[2],
            request_digest=row[3],
            aid=row[4],
            blob=BlobId(row[5]),
            size=row[6],
            length=row[7],
            spooled=row[8],
            state=UploadState(row[9]),
            kept=row[10],
            touched_at=UnixMs(row[11]),
            root=row[12],
            part_list=row[13],
        )
        for row in rows
    ]


def _first(uploads: list[Upload]) -> Upload | None:
    return uploads[0] if uploads else None


def _attachment_columns(number: int, row: Attachment) -> Params:
    return (
        number,
        row.position,
        row.aid,
        row.length,
        row.root,
        row.blob,
        row.state.value,
        row.part_list,
        row.parts.to_bytes(),
    )
