"""Routes of evidence: files that are sent, and what the log proves."""

from gateway.admin import upload_shapes
from gateway.admin.route import PREFIX, Media, Route
from gateway.core.operators import Role

_CASEWORKER = frozenset({Role.CASEWORKER})
_UPLOADS = f"{PREFIX}/uploads"

EVIDENCE_ROUTES: tuple[Route, ...] = (
    Route(
        name="create_upload",
        method="POST",
        path=_UPLOADS,
        roles=_CASEWORKER,
        summary="Announce a file; room for it is reserved",
        body=upload_shapes.UploadRequest,
        answer=upload_shapes.Upload,
        status=201,
        codes=("disk", "conflict", "too-large"),
        takes_key=True,
    ),
    Route(
        name="show_upload",
        method="GET",
        path=f"{_UPLOADS}/{{id}}",
        roles=_CASEWORKER,
        summary="How much of a file is here, and so where to go on",
        answer=upload_shapes.Upload,
    ),
    Route(
        name="append_upload",
        method="PUT",
        path=f"{_UPLOADS}/{{id}}",
        roles=_CASEWORKER,
        summary="Send bytes of a file, as many as you like; sealed as they come",
        query=upload_shapes.UploadQuery,
        answer=upload_shapes.Upload,
        codes=("conflict", "source-changed", "disk", "maintenance", "blob-failed"),
        takes_stream=True,
    ),
    Route(
        name="drop_upload",
        method="DELETE",
        path=f"{_UPLOADS}/{{id}}",
        roles=_CASEWORKER,
        summary="Forget a file that no message has used",
        status=204,
    ),
    Route(
        name="fetch_attachment",
        method="GET",
        path=f"{PREFIX}/messages/{{id}}/attachments/{{aid}}",
        roles=_CASEWORKER,
        summary="An evidence file of a message that the caller has opened",
        media=Media.BYTES,
        codes=("conflict", "damaged", "cannot-open", "blob-failed"),
        gives_stream=True,
    ),
)
