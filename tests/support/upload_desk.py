"""One authority's desk for files: sends them in with breaks, restarts and failures."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.core.attachments import AttachmentOpener
from gateway.core.errors import UsageError
from gateway.core.keys import AttachmentKey
from gateway.core.values import HexDigest
from gateway.flows.kept_files import KeptFile, NewFile
from gateway.flows.rates import Rates
from gateway.flows.spool import Spool
from gateway.flows.uploads import Uploads, UploadStanding
from gateway.ports.evidence import Upload, UploadId
from tests.support.evidence import OWNER, in_chunks
from tests.support.faulty_blobs import FaultyBlobs
from tests.support.pair import Side


async def broken_off(data: bytes) -> AsyncIterator[bytes]:
    """Yield bytes as a connection brings them, until it breaks."""
    async for chunk in in_chunks(data, 10_000):
        yield chunk
    raise UsageError("body: broke off before it was whole")


class Desk:
    """Uploads of one side over a disk that can fail."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.blobs = FaultyBlobs(side.blobs)
        self.uploads = self._begin()

    def _begin(self) -> Uploads:
        self.spool = Spool(
            self.side.exchange,
            self.side.keyring.archive,
            self.blobs,
            Rates(self.side.clock),
        )
        return Uploads(self.side.exchange, self.blobs, self.spool)

    def restart(self) -> None:
        """Go on as a node does that was killed: nothing in memory is left."""
        self.blobs.heal()
        self.uploads = self._begin()

    def lying(self, folder: Path) -> set[str]:
        """Return the names of the blobs of this side, below the folder of both."""
        blobs = folder / f"blobs-{self.side.authority}"
        return {path.name for path in blobs.iterdir()} - {"OWNER"}

    async def announce(self, data: bytes, **changes: str) -> UploadId:
        """Announce a file with its true digest."""
        digest = hashlib.sha256(data).hexdigest()
        fields = {"name": "ledger.bin", "sha256": digest} | changes
        standing = await self.uploads.create(
            NewFile(size=len(data), **fields), OWNER, ""
        )
        return standing.upload.id

    async def standing(self, upload_id: UploadId) -> UploadStanding:
        return await self.uploads.show(upload_id, OWNER)

    async def offset(self, upload_id: UploadId) -> int:
        return (await self.standing(upload_id)).offset

    async def send(
        self,
        upload_id: UploadId,
        data: bytes,
        until: int | None = None,
    ) -> UploadStanding:
        """Send a file from where the node says to go on."""
        offset = await self.offset(upload_id)
        rest = in_chunks(data[offset:until])
        return await self.uploads.append(upload_id, OWNER, offset, rest)

    async def stored(self, upload_id: UploadId) -> Upload:
        """Return what the database holds."""
        return await self.side.store.upload(upload_id, OWNER)

    async def kept(self, upload_id: UploadId) -> KeptFile:
        """Return what is kept of a file, opened as the node does."""
        return self.spool.open_kept(await self.stored(upload_id))

    async def key(self, upload_id: UploadId) -> AttachmentKey:
        return (await self.kept(upload_id)).key

    async def ciphertext(self, upload_id: UploadId) -> bytes:
        upload = await self.stored(upload_id)
        return await self.side.blobs.read(upload.blob, 0, upload.length)

    async def plaintext(self, upload_id: UploadId) -> bytes:
        """Open what lies on the disk with what is kept of a complete upload."""
        ((upload, kept),) = await self.uploads.complete([upload_id], OWNER)
        opener = AttachmentOpener(
            kept.key,
            upload.aid,
            upload.size,
            HexDigest(kept.sha256),
        )
        return opener.update(await self.ciphertext(upload_id)) + opener.finish()
