"""Files from our own people: announced, sent in as they like, used by one message.

A sender that breaks off asks where to go on and goes on there; whoever was restarted
meanwhile, sender or node (specification, section 5.1).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import nacl.utils
import structlog

from gateway.core.attachments import AttachmentSealer
from gateway.core.envelope import AttachmentToSeal
from gateway.core.errors import (
    ConflictError,
    GatewayError,
    SourceChangedError,
    TooLargeError,
)
from gateway.core.sizes import attachment_length, largest_attachment
from gateway.core.values import UnixMs
from gateway.flows.exchange import Exchange
from gateway.flows.kept_files import KeptFile, NewFile, request_digest
from gateway.flows.spool import Live, Spool, alone
from gateway.mla.media_types import media_type_of
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import Upload, UploadId, UploadState

log = structlog.get_logger()

_ID_BYTES = 16
_STALE_MS = 7 * 86_400_000
_STALE_A_TURN = 64


@dataclass(frozen=True, slots=True)
class UploadStanding:
    """How far an upload is.

    Attributes:
        offset: Where to go on.
        recovered: Bytes that were read back so far; None if nothing is.
        file: Name, media type and digest; None once a message has used it.
    """

    upload: Upload
    offset: int
    recovered: int | None
    file: KeptFile | None


class Uploads:
    """Takes files in."""

    def __init__(self, exchange: Exchange, blobs: BlobStore, spool: Spool) -> None:
        self._exchange = exchange
        self._blobs = blobs
        self._spool = spool

    async def create(self, new: NewFile, owner: str, key: str) -> UploadStanding:
        """Reserve room for a file; the same key gives the same upload again.

        Raises:
            TooLargeError: Larger than any attachment.
            ConflictError: The key was used for another file.
            QuotaError: The account has too many uploads that no message has used.
            DiskReserveError: There is no room.
        """
        if new.size > largest_attachment():
            raise TooLargeError(f"file: at most {largest_attachment()} bytes")
        store = self._exchange.store
        known = await store.find_upload(owner, key, request_digest(new))
        if known is not None:
            return self._standing(known)
        upload, sealer = await self._announced(new, owner, key)
        try:
            stored = await store.add_upload(upload)
        except GatewayError:
            await self._blobs.remove([upload.blob])
            raise
        if stored.id == upload.id:
            self._spool.begin(upload, sealer)
        else:
            await self._blobs.remove([upload.blob])
        return self._standing(stored)

    async def _announced(
        self,
        new: NewFile,
        owner: str,
        key: str,
    ) -> tuple[Upload, AttachmentSealer]:
        upload_id = UploadId(nacl.utils.random(_ID_BYTES).hex())
        aid = nacl.utils.random(_ID_BYTES).hex()
        sealer = AttachmentSealer(aid, new.size)
        length = attachment_length(new.size)
        upload = Upload(
            id=upload_id,
            owner=owner,
            idempotency_key=key,
            request_digest=request_digest(new),
            aid=aid,
            blob=await self._blobs.reserve(length),
            size=new.size,
            length=length,
            spooled=0,
            state=UploadState.OPEN,
            kept=self._spool.keep(upload_id, KeptFile.begun(new, sealer.key)),
            touched_at=self._exchange.clock.now(),
        )
        return upload, sealer

    async def show(self, upload_id: UploadId, owner: str) -> UploadStanding:
        """Return how far an upload is.

        Raises:
            NotFoundError: The account has no such upload.
        """
        return self._standing(await self._exchange.store.upload(upload_id, owner))

    async def append(
        self,
        upload_id: UploadId,
        owner: str,
        offset: int,
        chunks: AsyncIterator[bytes],
    ) -> UploadStanding:
        """Take bytes of a file from `offset` on; return once they are durably here.

        If `chunks` breaks off, what came before counts.

        Raises:
            NotFoundError: The account has no such upload.
            ConflictError: The file does not go on there.
            SourceChangedError: The file is not the one that was announced.
            MaintenanceError: Another request sends it, or what is here is read back.
            UsageError: More bytes than the file was said to have.
            GatewayError: As `BlobStore`.
        """
        store = self._exchange.store
        upload = await store.upload(upload_id, owner)
        if upload.state is not UploadState.OPEN:
            if offset == upload.size:
                return self._standing(upload)
            raise ConflictError(f"upload: is {upload.state}")
        live = await self._spool.at_hand(upload)
        with alone(live):
            if offset != live.sealer.fed:
                raise ConflictError(
                    f"offset: {offset}, expected {live.sealer.fed}; ask where to go on",
                )
            # It may have been put elsewhere while it was read back.
            upload = await store.upload(upload_id, owner)
            await self._spool.feed(upload, live, chunks)
            if live.sealer.fed == upload.size:
                upload = await self._finish(upload, live)
        return self._standing(upload)

    async def drop(self, upload_id: UploadId, owner: str) -> None:
        """Forget an upload that no message has used.

        Raises:
            NotFoundError: The account has no such upload.
            ConflictError: A message has used it.
        """
        upload = await self._exchange.store.upload(upload_id, owner)
        if upload.state is UploadState.USED:
            raise ConflictError("upload: a message has used it")
        await self._forget(upload)

    async def complete(
        self,
        ids: Sequence[UploadId],
        owner: str,
    ) -> list[tuple[Upload, KeptFile]]:
        """Return uploads that are ready to become attachments.

        Raises:
            NotFoundError: The account has no such upload.
            ConflictError: One is not complete, was used, or is named twice.
        """
        if len(set(ids)) != len(ids):
            raise ConflictError("attachments: an upload is named twice")
        found = []
        for upload_id in ids:
            upload = await self._exchange.store.upload(upload_id, owner)
            if upload.state is not UploadState.COMPLETE:
                raise ConflictError(f"upload {upload_id}: is {upload.state}")
            found.append((upload, self._spool.open_kept(upload)))
        return found

    async def tidy(self, now: UnixMs) -> None:
        """Forget uploads that nothing came for in a week."""
        store = self._exchange.store
        for upload in await store.stale_uploads(UnixMs(now - _STALE_MS), _STALE_A_TURN):
            if not self._spool.is_busy(upload.id):
                await self._forget(upload)
                log.info("upload_forgotten", upload=upload.id, state=upload.state)

    async def _finish(self, upload: Upload, live: Live) -> Upload:
        """Seal the end and keep what is known of the whole."""
        sealed = await self._spool.finish(upload, live)
        kept = self._spool.open_kept(upload)
        if kept.sha256 not in {"", sealed.sha256}:
            await self._forget(upload)
            raise SourceChangedError(
                "file: its SHA-256 is not the one that was announced; it was changed "
                "while it was sent, so send it again from the start",
            )
        digest = _with_measured(upload.request_digest, kept, upload.size, sealed.sha256)
        kept = replace(
            kept,
            sha256=sealed.sha256,
            media_type=kept.media_type or media_type_of(kept.name, live.head),
        )
        complete = replace(
            upload,
            state=UploadState.COMPLETE,
            request_digest=digest,
            spooled=upload.size,
            kept=self._spool.keep(upload.id, kept),
            touched_at=self._exchange.clock.now(),
            root=sealed.root,
            part_list=sealed.part_list,
        )
        if not await self._exchange.store.replace_spool(upload, complete):
            raise ConflictError("upload: was dropped meanwhile")
        log.info("upload_complete", upload=upload.id, length=upload.length)
        return complete

    async def _forget(self, upload: Upload) -> None:
        self._spool.forget(upload.id)
        blob = await self._exchange.store.drop_upload(upload.id)
        if blob is not None:
            await self._blobs.remove([blob])

    def _standing(self, upload: Upload) -> UploadStanding:
        return UploadStanding(
            upload=upload,
            offset=self._spool.offset(upload),
            recovered=self._spool.recovered(upload.id),
            file=self._spool.open_kept(upload) if upload.kept else None,
        )


def _with_measured(announced: str, kept: KeptFile, size: int, sha256: str) -> str:
    """Return what tells a repeated announcement of a file that is whole.

    Who announced it without its digest may say it when asking again, even after a
    message has used it and nothing else is kept of it.
    """
    measured = request_digest(NewFile(kept.name, size, sha256, kept.media_type))
    return announced if measured == announced else f"{announced} {measured}"


def to_seal(upload: Upload, kept: KeptFile, item_id: str) -> AttachmentToSeal:
    """Return what sealing a message needs of a complete upload."""
    return kept.to_seal(
        aid=upload.aid,
        length=upload.length,
        root=upload.root,
        size=upload.size,
        item_id=item_id,
    )
