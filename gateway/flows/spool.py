"""The ciphertext of files on their way in: written as it comes, sealed anew if broken.

What is written is ciphertext from the first moment. An encryptor can't be saved: after
a restart, or a write that failed, what is durably here is read back and sealed anew
under a new key (specification, section 5.1).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import structlog

from gateway.core.attachments import AttachmentOpener, AttachmentSealer, SealedFile
from gateway.core.errors import (
    CannotOpenError,
    ConflictError,
    GatewayError,
    MaintenanceError,
    SourceChangedError,
    UsageError,
)
from gateway.core.limits import MIB
from gateway.core.sizes import ciphertext_of_chunks, whole_chunks
from gateway.flows.behind import Behind
from gateway.flows.exchange import Exchange
from gateway.flows.kept_files import KeptFile
from gateway.flows.pieces import in_pieces
from gateway.flows.rates import Rates
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import Upload, UploadId
from gateway.ports.keys import ArchiveKeys

log = structlog.get_logger()

_PIECE_BYTES = 1 * MIB
# A crash costs the sender at most so much again.
_FLUSHED_AFTER_BYTES = 32 * MIB
# Read back while the sender waits; more is read back beside it.
_RECOVERED_AT_ONCE_BYTES = 32 * MIB
_HEAD_BYTES = 64
_RETRY_BUSY_S = 1
_RETRY_RECOVERING_S = 2


@dataclass(slots=True)
class Live:
    """An upload whose encryptor is at hand.

    Attributes:
        head: First bytes of the file, to tell its kind by.
        flushed: Bytes of ciphertext that are durably here.
        flushing: The same once the flush that was begun last has ended well.
        is_busy: A request feeds it just now.
    """

    sealer: AttachmentSealer = field(repr=False)
    head: bytes = field(default=b"", repr=False)
    flushed: int = 0
    flushing: int = 0
    is_busy: bool = False


class Spool:
    """Writes files on their way in.

    A live upload whose write or flush failed is let go: the encryptor is ahead of what
    is durably here, and a flush that failed says nothing of what was written before.
    """

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
        self._live: dict[UploadId, Live] = {}
        self._recovered: dict[UploadId, int] = {}
        self._to_recover: asyncio.Queue[Upload] = asyncio.Queue()

    async def run(self) -> None:
        """Read back large uploads that were broken off, one at a time."""
        while True:
            upload = await self._to_recover.get()
            try:
                await self._recover(upload)
            except GatewayError as error:
                # Asked for again by the next request; what lies here still does.
                log.warning("upload_not_recovered", upload=upload.id, code=error.code)
            finally:
                self._recovered.pop(upload.id, None)

    def begin(self, upload: Upload, sealer: AttachmentSealer) -> None:
        """Be ready for the first bytes of an upload."""
        self._live[upload.id] = Live(sealer)

    def forget(self, upload_id: UploadId) -> None:
        """Let an encryptor go."""
        self._live.pop(upload_id, None)

    def offset(self, upload: Upload) -> int:
        """Return where a file goes on."""
        live = self._live.get(upload.id)
        return live.sealer.fed if live else upload.spooled

    def recovered(self, upload_id: UploadId) -> int | None:
        """Return how many bytes were read back so far; None if none are being."""
        return self._recovered.get(upload_id)

    def is_busy(self, upload_id: UploadId) -> bool:
        """Tell whether a request feeds an upload just now."""
        live = self._live.get(upload_id)
        return live is not None and live.is_busy

    def keep(self, upload_id: UploadId, kept: KeptFile) -> bytes:
        """Return what is kept of a file, sealed to ourselves."""
        return self._archive_keys.seal_draft(kept.to_bytes(), message_id=upload_id)

    def open_kept(self, upload: Upload) -> KeptFile:
        """Return what is kept of a file.

        Raises:
            CannotOpenError: Not kept by this node for that upload.
        """
        raw = self._archive_keys.open_draft(upload.kept, message_id=upload.id)
        return KeptFile.from_bytes(raw)

    async def at_hand(self, upload: Upload) -> Live:
        """Return the encryptor of an upload, sealing anew what lies here if need be.

        Raises:
            MaintenanceError: There is much of it: it is read back beside the request.
            GatewayError: It can't be read back.
        """
        live = self._live.get(upload.id)
        if live is not None:
            return live
        if upload.id not in self._recovered:
            self._recovered[upload.id] = 0
            if upload.spooled <= _RECOVERED_AT_ONCE_BYTES:
                try:
                    return await self._recover(upload)
                finally:
                    self._recovered.pop(upload.id, None)
            self._to_recover.put_nowait(upload)
        raise MaintenanceError(
            "upload: the node reads back what it has of the file",
            retry_after_s=_RETRY_RECOVERING_S,
        )

    async def feed(
        self,
        upload: Upload,
        live: Live,
        chunks: AsyncIterator[bytes],
    ) -> None:
        """Seal and write bytes; return once they are durably here.

        If `chunks` breaks off, what came before counts.

        Raises:
            UsageError: More bytes than the file was said to have.
            GatewayError: `chunks` broke off, or as `BlobStore`.
        """
        try:
            # The next piece comes in while the last is sealed and written, and the
            # disk works while both go on.
            async with Behind() as flushing, Behind() as sealing:
                async for piece in in_pieces(chunks, _PIECE_BYTES):
                    await sealing.settled()
                    if live.sealer.fed + len(piece) > upload.size:
                        raise UsageError(
                            f"file: over the {upload.size} bytes announced",
                        )
                    await self._exchange.giving_way.give_way()
                    if live.sealer.made - live.flushing >= _FLUSHED_AFTER_BYTES:
                        made = live.flushing = live.sealer.made
                        await flushing.give(self._flush(upload, live, made))
                    await sealing.give(self._seal(upload, live, piece))
                    self._rates.note(upload.aid, len(piece))
        finally:
            # Not if a write or flush failed: then it was let go.
            if self._live.get(upload.id) is live:
                await self._flush(upload, live, live.sealer.made)

    async def finish(self, upload: Upload, live: Live) -> SealedFile:
        """Seal and write the end of a whole file; it is durably here then.

        Raises:
            GatewayError: As `BlobStore`.
        """
        # Whatever happens, its encryptor can't be used again.
        self.forget(upload.id)
        offset = live.sealer.made
        for ciphertext in live.sealer.finish():
            await self._blobs.write(upload.blob, offset, ciphertext)
            offset += len(ciphertext)
        await self._blobs.flush(upload.blob)
        return live.sealer.sealed()

    async def _seal(self, upload: Upload, live: Live, piece: bytes) -> None:
        with self._let_go_on_failure(upload.id):
            await self._append(upload, live, piece)

    async def _append(self, upload: Upload, live: Live, piece: bytes) -> None:
        if not live.head:
            live.head = bytes(piece[:_HEAD_BYTES])
        offset = live.sealer.made
        # Two digests are most of the work: each on a thread of its own.
        async with Behind() as digesting:
            await digesting.give(asyncio.to_thread(live.sealer.digest, piece))
            ciphertext = await asyncio.to_thread(live.sealer.seal, piece)
            await self._blobs.write(upload.blob, offset, ciphertext)

    async def _flush(self, upload: Upload, live: Live, made: int) -> None:
        """Make the `made` bytes that were written durable, and say so."""
        if made == live.flushed:
            return
        with self._let_go_on_failure(upload.id):
            await self._blobs.flush(upload.blob)
        live.flushed = made
        now = self._exchange.clock.now()
        await self._exchange.store.note_spooled(upload.id, whole_chunks(made), now)

    async def _recover(self, upload: Upload) -> Live:
        """Seal what is durably here anew, under a new key and into a new blob."""
        kept = self.open_kept(upload)
        live = Live(AttachmentSealer(upload.aid, upload.size))
        blob = upload.blob
        if upload.spooled:
            blob = await self._blobs.reserve(upload.length)
        kept_anew = self.keep(upload.id, replace(kept, key=live.sealer.key))
        after = replace(upload, blob=blob, kept=kept_anew)
        try:
            after = await self._copy(upload, kept, after, live)
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

    async def _copy(
        self,
        upload: Upload,
        kept: KeptFile,
        after: Upload,
        live: Live,
    ) -> Upload:
        async for piece in self._read_back(upload, kept):
            await self._exchange.giving_way.give_way()
            await self._append(after, live, piece)
            self._recovered[after.id] = live.sealer.fed
        if upload.spooled:
            await self._blobs.flush(after.blob)
        live.flushed = live.flushing = live.sealer.made
        return replace(after, spooled=whole_chunks(live.flushed))

    async def _read_back(self, upload: Upload, kept: KeptFile) -> AsyncIterator[bytes]:
        """Yield the plaintext of the whole chunks that are durably here.

        Raises:
            SourceChangedError: What lies here is not what was written.
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
            await self._exchange.store.drop_upload(upload.id)
            await self._blobs.remove([upload.blob])
            raise SourceChangedError(
                "upload: what lies here of the file was damaged; send it again",
            ) from error

    @contextmanager
    def _let_go_on_failure(self, upload_id: UploadId) -> Iterator[None]:
        try:
            yield
        except BaseException:  # a cancelled one too: what was sealed is not written
            self.forget(upload_id)
            raise


@contextmanager
def alone(live: Live) -> Iterator[None]:
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
