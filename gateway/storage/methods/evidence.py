"""Methods of evidence files (port `EvidenceStore`)."""

from gateway.core.entries.disclosures import Act
from gateway.core.parts import PartSet
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.blobs import BlobId
from gateway.ports.evidence import (
    Attachment,
    AttachmentState,
    BlobUse,
    HandOut,
    Transfer,
    Upload,
    UploadId,
)
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import evidence, uploads


class EvidenceMethods(StoreMethods):
    """Uploads and attachments."""

    async def find_upload(
        self, owner: str, idempotency_key: str, request_digest: str
    ) -> Upload | None:
        """Return what an earlier use of an idempotency key led to."""
        return await self._runner.read(
            lambda tx: uploads.find_upload(tx, owner, idempotency_key, request_digest)
        )

    async def add_upload(self, upload: Upload) -> Upload:
        """Keep a new upload; a repeated idempotency key gives the first one."""
        return await self._runner.write(lambda tx: uploads.add_upload(tx, upload))

    async def upload(self, upload_id: UploadId, owner: str) -> Upload:
        """Return an upload of an account."""
        return await self._runner.read(lambda tx: uploads.upload(tx, upload_id, owner))

    async def note_spooled(
        self, upload_id: UploadId, spooled: int, now: UnixMs
    ) -> None:
        """Record how much of an open upload is durably here."""
        await self._runner.write(
            lambda tx: uploads.note_spooled(tx, upload_id, spooled, now)
        )

    async def replace_spool(self, before: Upload, after: Upload) -> bool:
        """Put an upload that went on in place of what it was."""
        return await self._runner.write(
            lambda tx: uploads.replace_spool(tx, before, after)
        )

    async def drop_upload(self, upload_id: UploadId) -> BlobId | None:
        """Forget an upload; return its blob if no message has used it."""
        return await self._runner.write(lambda tx: uploads.drop_upload(tx, upload_id))

    async def stale_uploads(self, before: UnixMs, limit: int) -> list[Upload]:
        """Return uploads that nothing came for since `before`."""
        return await self._runner.read(lambda tx: tx.stale_uploads(before, limit))

    async def blobs(self) -> dict[BlobId, BlobUse]:
        """Return every blob that an upload or attachment names, and its use."""
        return await self._runner.read(lambda tx: tx.blob_uses())

    async def lose_blob(self, lost: BlobId, fresh: BlobId | None) -> bool:
        """Record that a blob is gone; return whether `fresh` took its place."""
        return await self._runner.write(lambda tx: evidence.lose_blob(tx, lost, fresh))

    async def look_again(self) -> int:
        """Let what was found damaged be looked at again; return how many files."""
        return await self._runner.write(lambda tx: tx.look_again())

    async def attachments(self, message_id: MessageId) -> list[Attachment]:
        """Return the attachments of a message of either box, in order."""
        return await self._runner.read(lambda tx: evidence.attachments(tx, message_id))

    async def waiting_attachment(
        self, peer: AuthorityId, message_id: MessageId, aid: str
    ) -> Attachment:
        """Return an attachment that a peer may send parts of."""
        return await self._runner.read(
            lambda tx: evidence.waiting_attachment(tx, peer, message_id, aid)
        )

    async def announce_parts(
        self, peer: AuthorityId, message_id: MessageId, aid: str, part_list: bytes
    ) -> Attachment:
        """Keep the part digests of an attachment; return it."""
        return await self._runner.write(
            lambda tx: evidence.announce_parts(tx, peer, message_id, aid, part_list)
        )

    async def add_part(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        aid: str,
        index: int,
        pending_until: UnixMs,
    ) -> Attachment:
        """Record that a part is durably here; the message may wait until then."""
        return await self._runner.write(
            lambda tx: evidence.add_part(
                tx, peer, message_id, aid, index, pending_until
            )
        )

    async def note_sent(self, message_id: MessageId, aid: str, parts: PartSet) -> None:
        """Record which parts of an outbound attachment the peer has."""
        await self._runner.write(
            lambda tx: evidence.note_sent(tx, message_id, aid, parts)
        )

    async def transfers(self, peer: AuthorityId, limit: int) -> list[Transfer]:
        """Return messages whose files a peer waits for, in the order to send."""
        return await self._runner.read(lambda tx: evidence.transfers(tx, peer, limit))

    async def transfer_done(self, message_id: MessageId) -> None:
        """Let a message be offered again at once: the peer has its files."""
        await self._runner.write(lambda tx: evidence.transfer_done(tx, message_id))

    async def evidence_bytes(self, peer: AuthorityId) -> int:
        """Return how many bytes of a peer's evidence lie here that nobody opened."""
        return await self._runner.read(lambda tx: tx.evidence_bytes(peer))

    async def drop_pending(self, now: UnixMs, limit: int) -> list[BlobId]:
        """Let messages go whose files did not come in time; return their blobs."""
        return await self._runner.write(
            lambda tx: evidence.drop_pending(tx, now, limit)
        )

    async def hand_out(
        self, message_id: MessageId, aid: str, act: Act, now: UnixMs
    ) -> HandOut:
        """Return an attachment to whoever opened its message not long ago."""
        return await self._runner.write(
            lambda tx: evidence.hand_out(tx, message_id, aid, act, now)
        )

    async def begin_evidence_check(self, now: UnixMs) -> HandOut | None:
        """Log `msg.check` and return the next attachment not verified yet."""
        return await self._runner.write(
            lambda tx: evidence.begin_evidence_check(tx, now)
        )

    async def mark_attachment(
        self, message_id: MessageId, aid: str, state: AttachmentState
    ) -> None:
        """Record what looking at an attachment's bytes has shown."""
        await self._runner.write(
            lambda tx: evidence.mark_attachment(tx, message_id, aid, state)
        )
