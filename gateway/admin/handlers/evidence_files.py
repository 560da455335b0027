"""Evidence files: uploads of the caller, and fetching what the caller has opened."""

from collections.abc import Mapping

from gateway.admin.asked import Asked, Stream
from gateway.admin.services import AdminServices
from gateway.admin.upload_shapes import (
    Upload,
    UploadQuery,
    UploadRequest,
    UploadStateName,
)
from gateway.core.errors import NotFoundError, UsageError
from gateway.flows.kept_files import NewFile
from gateway.flows.open import OpenedFile
from gateway.flows.uploads import UploadStanding
from gateway.ports.evidence import UploadId, UploadState

_ID_CHARS = 32
_STATES: Mapping[UploadState, UploadStateName] = {
    UploadState.OPEN: "open",
    UploadState.COMPLETE: "complete",
    UploadState.USED: "used",
}


class EvidenceFileHandlers:
    """Answers about files that are sent in and fetched."""

    def __init__(self, services: AdminServices) -> None:
        self._uploads = services.uploads
        self._open = services.open

    async def create(self, asked: Asked) -> Upload:
        """Announce a file."""
        form = asked.form(UploadRequest)
        new = NewFile(
            name=form.name,
            size=form.size,
            sha256=form.sha256,
            media_type=form.media_type,
        )
        standing = await self._uploads.create(new, asked.caller.name, asked.key)
        return _upload_of(standing)

    async def show(self, asked: Asked) -> Upload:
        """Return how much of a file is here."""
        standing = await self._uploads.show(_upload_id(asked), asked.caller.name)
        return _upload_of(standing)

    async def append(self, asked: Asked) -> Upload:
        """Take bytes of a file."""
        query = asked.filters(UploadQuery)
        if asked.stream is None:
            raise TypeError("internal: an upload without its body")
        standing = await self._uploads.append(
            _upload_id(asked),
            asked.caller.name,
            query.offset,
            asked.stream.chunks,
        )
        return _upload_of(standing)

    async def drop(self, asked: Asked) -> None:
        """Forget a file."""
        await self._uploads.drop(_upload_id(asked), asked.caller.name)

    async def fetch(self, asked: Asked) -> Stream:
        """Give an evidence file from the first byte that is wanted."""
        file = await self._open.fetch(
            asked.message_id(),
            asked.segments["aid"],
            asked.act(),
            start=asked.range_start,
        )
        return stream_of(file, asked.range_start)


def stream_of(file: OpenedFile, start: int) -> Stream:
    """Return a file as an answer, from the first byte that is wanted.

    Raises:
        UsageError: It has no such byte.
    """
    size = file.described.size
    if start >= max(size, 1):
        raise UsageError(f"Range: the file has {size} bytes, nothing follows")
    return Stream(chunks=file.chunks, length=size - start, total=size)


def _upload_id(asked: Asked) -> UploadId:
    given = asked.segments["id"]
    if len(given) != _ID_CHARS:
        raise NotFoundError(f"upload {given[:_ID_CHARS]}: not found")
    return UploadId(given)


def _upload_of(standing: UploadStanding) -> Upload:
    upload, file = standing.upload, standing.file
    is_recovering = standing.recovered is not None
    return Upload(
        id=upload.id,
        size=upload.size,
        offset=standing.offset,
        state="recovering" if is_recovering else _STATES[upload.state],
        name=file.name if file else "",
        media_type=file.media_type if file else "",
        sha256=file.sha256 if file and upload.root else "",
        recovered=standing.recovered or 0,
    )
