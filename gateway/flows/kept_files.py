"""What is kept of a file on its way in: key, name and digest, sealed to ourselves."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Self

import msgspec

from gateway.core import canonical
from gateway.core.canonical import Wire, parse_base64
from gateway.core.envelope import AttachmentToSeal, ManifestAttachment
from gateway.core.errors import MalformedError, UsageError
from gateway.core.keys import AttachmentKey
from gateway.core.limits import KIB
from gateway.core.values import HexDigest, check_attachment_name

_MAX_KEPT_BYTES = 8 * KIB


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as its sender announces it.

    Attributes:
        name: File name, inert.
        size: In bytes.
        sha256: Its digest, if the sender knows it already; compared at the end.
        media_type: What the sender says it is; told from its beginning if empty.
    """

    name: str = field(repr=False)
    size: int
    sha256: str = field(default="", repr=False)
    media_type: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse a name that could be harmful.

        Raises:
            UsageError: It could.
        """
        try:
            check_attachment_name(self.name)
        except MalformedError as error:
            raise UsageError(f"name: {error}") from error


class _Spelled(Wire, frozen=True, kw_only=True):
    key: str
    media_type: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """What is known of a file; never stored but sealed.

    Attributes:
        key: Under which its ciphertext is made.
        sha256: As announced, or empty; of the whole file once it is complete.
    """

    key: AttachmentKey
    name: str = field(repr=False)
    media_type: str = field(repr=False)
    sha256: str = field(repr=False)

    @classmethod
    def begun(cls, new: NewFile, key: AttachmentKey) -> Self:
        """Return what is kept of a file of which nothing has come yet."""
        return cls(
            key=key,
            name=new.name,
            media_type=new.media_type,
            sha256=new.sha256,
        )

    def to_bytes(self) -> bytes:
        """Return it as it is sealed."""
        return canonical.encode(
            _Spelled(
                key=base64.b64encode(self.key.raw).decode(),
                media_type=self.media_type,
                name=self.name,
                sha256=self.sha256,
            ),
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Return what `to_bytes` wrote.

        Raises:
            MalformedError: Not that.
        """
        spelled = canonical.decode_as(raw, _Spelled, max_bytes=_MAX_KEPT_BYTES)
        return cls(
            key=AttachmentKey(parse_base64(spelled.key)),
            **{
                name: value
                for name, value in msgspec.structs.asdict(spelled).items()
                if name != "key"
            },
        )

    def to_seal(
        self,
        *,
        aid: str,
        length: int,
        root: str,
        size: int,
        item_id: str,
    ) -> AttachmentToSeal:
        """Return the complete file as an attachment of a message."""
        return AttachmentToSeal(
            length=length,
            root=HexDigest(root),
            key=self.key,
            described=ManifestAttachment(
                aid=aid,
                media_type=self.media_type,
                name=self.name,
                sha256=HexDigest(self.sha256),
                size=size,
                extra={"item_id": item_id} if item_id else {},
            ),
        )


def request_digest(new: NewFile) -> str:
    """Return a digest that tells a repeated announcement from another one."""
    fields = [new.name, str(new.size), new.sha256, new.media_type]
    return hashlib.sha256("\0".join(fields).encode()).hexdigest()
