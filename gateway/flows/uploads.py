"""Files from our own people: sealed while they stream in, resumable at any byte.

What is written is ciphertext from the first moment. An encryptor can't be saved: after
a restart what lies here is read back and sealed anew under a new key, and the sender
goes on where it was (specification, section 5).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import nacl.utils
import structlog

from gateway.core.attachments import AttachmentOpener, AttachmentSealer
from gateway.core.envelope import AttachmentToSeal
from gateway.core.errors import (
    CannotOpenError,
    ConflictError,
    GatewayError,
    MaintenanceError,
    SourceChangedError,
    TooLargeError,
    UsageError,
)
from gateway.core.limits import MIB
from gateway.core.sizes import (
    attachment_length,
    ciphertext_of_chunks,
    largest_attachment,
    whole_chunks,
)
from gateway.core.values import UnixMs
from gateway.flows.exchange import Exchange
from gateway.flows.kept_files import KeptFile, NewFile, request_digest
from gateway.flows.rates import Rates
from gateway.flows.take_parts import in_pieces
from gateway.mla.media_types import media_type_of
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import Upload, UploadId, UploadState
from gateway.ports.keys import ArchiveKeys

log = structlog.get_logger()

_ID_BYTES = 16
_PIECE_BYTES = 1 * MIB
# A crash costs the sender at most so much again.
_FLUSHED_AFTER_BYTES = 32 * MIB
# Read back while the sender waits; more is read back beside it.
_RECOVERED_AT_ONCE_BYTES = 32 * MIB
_RETRY_BUSY_S = 1
_RETRY_RECOVERING_S = 2
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


@dataclass(slots=True)
class _Live:
    """An upload whose encryptor is at hand."""

    sealer: AttachmentSealer = field(repr=False)
    head: bytes = field(default=b"", repr=False)
    flushed: int = 0
    is_busy: bool = False


class Uploads:
    """Takes files in."""

    def __init__(
        self,
        exchange: Exchange,
        archive_keys: ArchiveKeys,
        blobs: BlobStore,
        rates: Rates,
    ) -> None:
        self._exchange = exchange
        self._archive_keys = archive_keys
        self._blobs = blobs
        self._rates = rates
        self._live: dict[UploadId, _Live] = {}
        self._recovered: dict[UploadId, int] = {}
        self._to_recover: asyncio.Queue[Upload] = asyncio.Queue()

    async def run(self) -> None:
        """Read back large uploads that were cut off by a restart, one at a time."""
        while True:
            upload = await self._to_recover.get()
            try:
                await self._recover(upload)
            except GatewayError as error:
                # Asked for again by the next request; what lies here still does.
                log.warning("upload_not_recovered", upload=upload.id, code=error.code)
            finally:
                self._recovered.pop(upload.id, None)

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
        upload_id = UploadId(nacl.utils.random(_ID_BYTES).hex())
        aid = nacl.utils.random(_ID_BYTES).hex()
        sealer = AttachmentSealer(aid, new.size)
        kept = KeptFile.begun(new, sealer.key)
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
            kept=self._keep(upload_id, kept),
            touched_at=self._exchange.clock.now(),
        )
        try:
            stored = await self._exchange.store.add_upload(upload)
        except GatewayError:
            await self._blobs.remove([upload.blob])
            raise
        if stored.id != upload_id:
            await self._blobs.remove([upload.blob])
        else:
            self._live[upload_id] = _Live(sealer)
        return self._standing(stored)

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
        upload = await self._exchange.store.upload(upload_id, owner)
        if upload.state is not UploadState.OPEN:
            if offset == upload.size:
                return self._standing(upload)
            raise ConflictError(f"upload: is {upload.state}")
        live = await self._at_hand(upload)
        with _alone(live):
            if offset != live.sealer.fed:
                raise ConflictError(
                    f"offset: {offset}, expected {live.sealer.fed}; ask where to go on",
                )
            # It may have been put elsewhere while it was read back.
            upload = await self._exchange.store.upload(upload_id, owner)
            upload = await self._feed(upload, live, chunks)
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
            found.append((upload, self._open_kept(upload)))
        return found

    async def tidy(self, now: UnixMs) -> None:
        """Forget uploads that nothing came for in a week."""
        store = self._exchange.store
        for upload in await store.stale_uploads(UnixMs(now - _STALE_MS), _STALE_A_TURN):
            live = self._live.get(upload.id)
            if live is None or not live.is_busy:
                await self._forget(upload)
                log.info("upload_forgotten", upload=upload.id, state=upload.state)

    async def _feed(
        self,
        upload: Upload,
        live: _Live,
        chunks: AsyncIterator[bytes],
    ) -> Upload:
        try:
            async for piece in in_pieces(chunks, _PIECE_BYTES):
                if live.sealer.fed + len(piece) > upload.size:
                    raise UsageError(f"file: over the {upload.size} bytes announced")
                await self._seal(upload, live, piece)
                self._rates.note(upload.aid, len(piece))
        except GatewayError:
            if live.sealer.made != live.flushed:
                with suppress(GatewayError):  # the first one tells more
                    await self._flush(upload, live)
            raise
        await self._flush(upload, live)
        if live.sealer.fed == upload.size:
            return await self._finish(upload, live)
        return upload

    async def _seal(self, upload: Upload, live: _Live, piece: bytes) -> None:
        if not live.head:
            live.head = piece[:64]
        offset = live.sealer.made
        with self._kept_in_step(upload):
            ciphertext = await asyncio.to_thread(live.sealer.update, piece)
            await self._blobs.write(upload.blob, offset, ciphertext)
        if live.sealer.made - live.flushed >= _FLUSHED_AFTER_BYTES:
            await self._flush(upload, live)

    async def _flush(self, upload: Upload, live: _Live) -> None:
        """Make what was written durable, and say so."""
        if self._live.get(upload.id) is not live:
            return  # a write failed: what was flushed before is what there is
        with self._kept_in_step(upload):
            await self._blobs.flush(upload.blob)
        live.flushed = live.sealer.made
        await self._exchange.store.note_spooled(
            upload.id,
            whole_chunks(live.flushed),
            self._exchange.clock.now(),
        )

    async def _finish(self, upload: Upload, live: _Live) -> Upload:
        """Seal the end and keep what is known of the whole."""
        offset = live.sealer.made
        with self._kept_in_step(upload):
            for ciphertext in live.sealer.finish():
                await self._blobs.write(upload.blob, offset, ciphertext)
                offset += len(ciphertext)
            await self._blobs.flush(upload.blob)
        self._live.pop(upload.id, None)
        sealed = live.sealer.sealed()
        kept = self._open_kept(upload)
        if kept.sha256 not in {"", sealed.sha256}:
            await self._forget(upload)
            raise SourceChangedError(
                "file: its SHA-256 is not the one that was announced; it was changed "
                "while it was sent, so send it again from the start",
            )
        kept = replace(
            kept,
            sha256=sealed.sha256,
            media_type=kept.media_type or media_type_of(kept.name, live.head),
        )
        complete = replace(
            upload,
            state=UploadState.COMPLETE,
            spooled=upload.size,
            kept=self._keep(upload.id, kept),
            touched_at=self._exchange.clock.now(),
            root=sealed.root,
            part_list=sealed.part_list,
        )
        if not await self._exchange.store.replace_spool(upload, complete):
            raise ConflictError("upload: was dropped meanwhile")
        log.info("upload_complete", upload=upload.id, length=upload.length)
        return complete

    @contextmanager
    def _kept_in_step(self, upload: Upload) -> Iterator[None]:
        """Let go of an encryptor that got ahead of its file, for whatever reason.

        It is of no use any more: what was flushed before is what there is, and is
        read back and sealed anew.
        """
        try:
            yield
        except BaseException:
            self._live.pop(upload.id, None)
            raise

    async def _at_hand(self, upload: Upload) -> _Live:
        """Return the encryptor of an upload, sealing anew what lies here if need be."""
        live = self._live.get(upload.id)
        if live is not None:
            return live
        if upload.id not in self._recovered:
            self._recovered[upload.id] = 0
            if upload.spooled > _RECOVERED_AT_ONCE_BYTES:
                self._to_recover.put_nowait(upload)
            else:
                try:
                    return await self._recover(upload)
                finally:
                    self._recovered.pop(upload.id, None)
        raise MaintenanceError(
            "upload: the node reads back what it has of the file",
            retry_after_s=_RETRY_RECOVERING_S,
        )

    async def _recover(self, upload: Upload) -> _Live:
        """Seal what is durably here anew, under a new key and into a new blob."""
        kept = self._open_kept(upload)
        sealer = AttachmentSealer(upload.aid, upload.size)
        live = _Live(sealer)
        blob = upload.blob
        if upload.spooled:
            blob = await self._blobs.reserve(upload.length)
        after = replace(
            upload,
            blob=blob,
            kept=self._keep(upload.id, replace(kept, key=sealer.key)),
        )
        try:
            async for piece in self._read_back(upload, kept):
                await self._copy(after, live, piece)
            if upload.spooled:
                await self._blobs.flush(blob)
            live.flushed = sealer.made
            after = replace(after, spooled=whole_chunks(sealer.made))
            if not await self._exchange.store.replace_spool(upload, after):
                raise ConflictError("upload: was dropped meanwhile")
        except GatewayError:
            if blob != upload.blob:
                await self._blobs.remove([blob])
            raise
        if blob != upload.blob:
            await self._blobs.remove([upload.blob])
        self._live[upload.id] = live
        log.info("upload_recovered", upload=upload.id, length=upload.spooled)
        return live

    async def _copy(self, after: Upload, live: _Live, piece: bytes) -> None:
        if not live.head:
            live.head = piece[:64]
        offset = live.sealer.made
        ciphertext = await asyncio.to_thread(live.sealer.update, piece)
        await self._blobs.write(after.blob, offset, ciphertext)
        self._recovered[after.id] = live.sealer.fed

    async def _read_back(self, upload: Upload, kept: KeptFile) -> AsyncIterator[bytes]:
        """Yield the plaintext of the whole chunks that are durably here.

        Raises:
            CannotOpenError: What lies here is not what was written.
        """
        opener = AttachmentOpener(kept.key, upload.aid, upload.size, None)
        end = ciphertext_of_chunks(upload.spooled)
        offset = 0
        try:
            while offset < end:
                wanted = min(_PIECE_BYTES, end - offset)
                data = await self._blobs.read(upload.blob, offset, wanted)
                offset += len(data)
                plaintext = await asyncio.to_thread(opener.update, data)
                if plaintext:
                    yield plaintext
        except CannotOpenError as error:
            await self._forget(upload)
            raise SourceChangedError(
                "upload: what lies here of the file was damaged; send it again",
            ) from error

    async def _forget(self, upload: Upload) -> None:
        self._live.pop(upload.id, None)
        blob = await self._exchange.store.drop_upload(upload.id)
        if blob is not None:
            await self._blobs.remove([blob])

    def _standing(self, upload: Upload) -> UploadStanding:
        live = self._live.get(upload.id)
        return UploadStanding(
            upload=upload,
            offset=live.sealer.fed if live else upload.spooled,
            recovered=self._recovered.get(upload.id),
            file=self._open_kept(upload) if upload.kept else None,
        )

    def _keep(self, upload_id: UploadId, kept: KeptFile) -> bytes:
        return self._archive_keys.seal_draft(kept.to_bytes(), message_id=upload_id)

    def _open_kept(self, upload: Upload) -> KeptFile:
        raw = self._archive_keys.open_draft(upload.kept, message_id=upload.id)
        return KeptFile.from_bytes(raw)


def to_seal(upload: Upload, kept: KeptFile, item_id: str) -> AttachmentToSeal:
    """Return what sealing a message needs of a complete upload."""
    return kept.to_seal(
        aid=upload.aid,
        length=upload.length,
        root=upload.root,
        size=upload.size,
        item_id=item_id,
    )


@contextmanager
def _alone(live: _Live) -> Iterator[None]:
    """Let one request at a time feed an encryptor.

    Raises:
        MaintenanceError: Another one does.
    """
    if live.is_busy:
        raise MaintenanceError(
            "upload: another request is sending it",
            retry_after_s=_RETRY_BUSY_S,
        )
    live.is_busy = True
    try:
        yield
    finally:
        live.is_busy = False
