"""Files on their way in from our own people."""

from dataclasses import replace

from gateway.core.errors import ConflictError, NotFoundError, QuotaError
from gateway.core.limits import MAX_UNUSED_UPLOADS
from gateway.core.parts import PartSet, part_count
from gateway.core.values import HexDigest, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    Attachment,
    AttachmentState,
    Upload,
    UploadId,
    UploadState,
)
from gateway.ports.outbox import NewOutbound
from gateway.storage.transaction import Lookup, Transaction

_RETRY_QUOTA_S = 60


def find_upload(
    tx: Lookup,
    owner: str,
    idempotency_key: str,
    request_digest: str,
) -> Upload | None:
    """Return what an earlier use of an idempotency key led to.

    Raises:
        ConflictError: The key was used for another file.
    """
    known = tx.upload_by_key(owner, idempotency_key) if idempotency_key else None
    if known is not None and request_digest not in known.request_digest.split():
        raise ConflictError("idempotency key: was used for another file")
    return known


def add_upload(tx: Transaction, new: Upload) -> Upload:
    """Keep a new upload; a repeated idempotency key gives the first one.

    Raises:
        ConflictError: The key was used for another file.
        QuotaError: The owner has too many uploads that no message has used.
    """
    known = find_upload(tx, new.owner, new.idempotency_key, new.request_digest)
    if known is not None:
        return known
    if tx.unused_uploads(new.owner) >= MAX_UNUSED_UPLOADS:
        raise QuotaError(
            f"uploads: {MAX_UNUSED_UPLOADS} wait for a message; send or drop some",
            retry_after_s=_RETRY_QUOTA_S,
        )
    tx.put_upload(new)
    return new


def upload(tx: Lookup, upload_id: UploadId, owner: str) -> Upload:
    """Return an upload of an account.

    Raises:
        NotFoundError: It has none of that id.
    """
    found = tx.upload(upload_id)
    if found is None or found.owner != owner:
        raise NotFoundError(f"upload {upload_id}: not found")
    return found


def note_spooled(
    tx: Transaction,
    upload_id: UploadId,
    spooled: int,
    now: UnixMs,
) -> None:
    """Record how much of an open upload is durably here."""
    found = tx.upload(upload_id)
    if found is not None and found.state is UploadState.OPEN:
        tx.put_upload(replace(found, spooled=spooled, touched_at=now))


def replace_spool(tx: Transaction, before: Upload, after: Upload) -> bool:
    """Put an upload that went on in place of what it was; False if it has changed."""
    found = tx.upload(before.id)
    if found is None or (found.blob, found.state) != (before.blob, before.state):
        return False
    tx.put_upload(after)
    return True


def drop_upload(tx: Transaction, upload_id: UploadId) -> BlobId | None:
    """Forget an upload; return its blob if no message has used it."""
    found = tx.upload(upload_id)
    if found is None:
        return None
    tx.drop_upload(upload_id)
    return None if found.state is UploadState.USED else found.blob


def spent(found: Upload) -> Upload:
    """Return an upload that a message has used: its key and parts stand elsewhere."""
    return replace(found, state=UploadState.USED, kept=b"", part_list=b"")


def use_uploads(tx: Transaction, message: NewOutbound) -> list[Attachment]:
    """Turn complete uploads into the attachments of a message, in its order.

    Their keys are deleted: from here on they stand in the sealed message alone.

    Raises:
        NotFoundError: The submitter has no such upload.
        ConflictError: It is not complete, or was used before.
    """
    used = []
    for position, upload_id in enumerate(message.uploads):
        found = upload(tx, upload_id, message.submitter)
        if found.state is not UploadState.COMPLETE:
            raise ConflictError(f"upload {upload_id}: is {found.state}")
        tx.put_upload(spent(found))
        used.append(
            Attachment(
                position=position,
                aid=found.aid,
                length=found.length,
                root=HexDigest(found.root),
                blob=found.blob,
                state=AttachmentState.VERIFIED,
                part_list=found.part_list,
                parts=PartSet(part_count(found.length)),
            ),
        )
    return used
