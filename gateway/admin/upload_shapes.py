"""What the admin API takes and gives about files on their way in."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import MAX_NUMBER, Answer, Request

_Size = Annotated[int, Meta(ge=0, le=MAX_NUMBER, description="Bytes of the file.")]
# As the manifest takes it, so that a file is not refused when it is all here.
_MEDIA_TYPE = r"^(?:[\x21-\x7e][\x20-\x7e]{0,126})?\Z"
_Sha256 = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{64})?\Z")]


UploadStateName: TypeAlias = Literal["open", "recovering", "complete", "used"]


class UploadRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that is about to be sent in.

    With `sha256` the node compares: a file that changed meanwhile is refused. Without
    `media_type` it is told from the first bytes and the name.
    """

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    size: _Size
    sha256: _Sha256 = ""
    media_type: Annotated[str, Meta(pattern=_MEDIA_TYPE)] = ""


class UploadQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where in the file the bytes belong that are sent."""

    offset: Annotated[int, Meta(ge=0, le=MAX_NUMBER)]


class Upload(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A file on its way in.

    Attributes:
        offset: Where to go on. After a break ask again: a restarted node may have to
            be sent some bytes a second time.
        state: `open`, `recovering` (the node reads back what it has after a restart;
            ask again), `complete`, or `used` by a message.
        recovered: Bytes read back so far while `recovering`.
        sha256: Of the whole file; empty before it is complete.
    """

    id: str
    size: int
    offset: int
    state: UploadStateName
    name: str = ""
    media_type: str = ""
    sha256: str = ""
    recovered: int = 0
