"""What is sealed: the manifest a court reads, the attachment keys, the padding.

The keys stand outside the manifest, so that it can be filed without any of them.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec

from gateway.core import canonical
from gateway.core.canonical import JsonObject, Wire, parse_base64
from gateway.core.errors import MalformedError, TooLargeError
from gateway.core.keys import AttachmentKey
from gateway.core.limits import MAX_MANIFEST_BYTES
from gateway.core.sizes import inner_length
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    UnixMs,
    check_attachment_name,
    format_time,
    parse_authority_id,
    parse_digest,
    parse_message_id,
    parse_time,
)

SALT_BYTES = 16
_MEDIA_TYPE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,126}\Z")


class _RowFields(msgspec.Struct, frozen=True, kw_only=True):
    """What every element of `attachments` holds; the domain may add more."""

    aid: str
    media_type: str
    name: str
    sha256: str
    size: int


_ROW_NAMES = frozenset(_RowFields.__struct_fields__)


class _ManifestFields(Wire, frozen=True, kw_only=True):
    """The manifest as it is spelled."""

    attachments: list[dict[str, object]]
    created: str
    sender: str = msgspec.field(name="from")
    header: str
    id: str
    message: dict[str, object]
    salt: str
    addressee: str = msgspec.field(name="to")


@dataclass(frozen=True, slots=True)
class ManifestAttachment:
    """What the manifest says of an attachment; of the plaintext, not the ciphertext.

    Attributes:
        aid: Its id in the header.
        media_type: As the sender named it; no proof of what it is.
        name: File name, safe to show and to save under.
        sha256: Of the plaintext.
        size: Of the plaintext without padding, in bytes.
        extra: Fields the domain adds, custody and further digests.
    """

    aid: str
    media_type: str = field(repr=False)
    name: str = field(repr=False)
    sha256: HexDigest = field(repr=False)
    size: int
    extra: JsonObject = field(repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a name, media type, size or extra field that can't stand there."""
        check_attachment_name(self.name)
        if not _MEDIA_TYPE.match(self.media_type):
            raise MalformedError("media type: expected up to 127 printable characters")
        if self.size < 0:
            raise MalformedError(f"attachment: size {self.size}")
        if not _ROW_NAMES.isdisjoint(self.extra):
            raise MalformedError("attachment: an extra field has a name of its own")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The message with all that binds it to its envelope.

    Attributes:
        header_digest: SHA-256 of the header's bytes.
        message: The message document.
        salt: Random, so that the content digest can't be guessed at.
    """

    id: MessageId
    sender: AuthorityId
    addressee: AuthorityId
    created: UnixMs
    header_digest: bytes
    message: JsonObject = field(repr=False)
    salt: bytes = field(repr=False)
    attachments: tuple[ManifestAttachment, ...] = ()


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the canonical bytes of a manifest.

    Raises:
        TooLargeError: They are over the limit.
        MalformedError: The message lies outside canonical JSON.
    """
    raw = canonical.encode_typed(
        {
            "attachments": [_row(item) for item in manifest.attachments],
            "created": format_time(manifest.created),
            "from": manifest.sender,
            "header": manifest.header_digest.hex(),
            "id": manifest.id,
            "message": manifest.message,
            "salt": b64encode(manifest.salt).decode(),
            "to": manifest.addressee,
        },
    )
    if len(raw) > MAX_MANIFEST_BYTES:
        raise TooLargeError(f"manifest: {len(raw)} bytes, at most {MAX_MANIFEST_BYTES}")
    return raw


def parse_manifest(raw: bytes) -> Manifest:
    """Return the manifest that `raw` spells; what it is bound to is not compared.

    Raises:
        TooLargeError: Over the limit.
        MalformedError: Anything but the canonical bytes of a manifest.
    """
    fields = canonical.decode_as(
        raw,
        _ManifestFields,
        max_bytes=MAX_MANIFEST_BYTES,
        line_feeds=True,
    )
    salt = parse_base64(fields.salt)
    if len(salt) != SALT_BYTES:
        raise MalformedError(f"salt: {len(salt)} bytes, expected {SALT_BYTES}")
    return Manifest(
        id=parse_message_id(fields.id),
        sender=parse_authority_id(fields.sender),
        addressee=parse_authority_id(fields.addressee),
        created=parse_time(fields.created),
        header_digest=bytes.fromhex(parse_digest(fields.header)),
        # The canonical reader has looked at every value.
        message=cast("JsonObject", fields.message),
        salt=salt,
        attachments=tuple(map(_parse_row, fields.attachments)),
    )


def content_digest(manifest_raw: bytes) -> HexDigest:
    """Return the digest that the sender's log entry binds it to."""
    return HexDigest(hashlib.sha256(manifest_raw).hexdigest())


def join_inner(manifest_raw: bytes, keys: Sequence[AttachmentKey]) -> bytes:
    """Return the plaintext of an envelope's body, padded."""
    keys_raw = canonical.encode_base64_list(key.raw for key in keys)
    inner = manifest_raw + b"\n" + keys_raw + b"\n"
    return inner.ljust(inner_length(len(inner)), b"\0")


def split_inner(inner: bytes) -> tuple[bytes, tuple[AttachmentKey, ...]]:
    """Return the manifest's bytes and the attachment keys.

    Raises:
        MalformedError: A line is missing, a key is not one, the padding is not zero
            or not as long as it has to be.
    """
    manifest_end = inner.find(b"\n")
    keys_end = inner.find(b"\n", manifest_end + 1)
    if manifest_end < 0 or keys_end < 0:
        raise MalformedError("inner part: a line is missing")
    unpadded = keys_end + 1
    if inner != inner[:unpadded].ljust(inner_length(unpadded), b"\0"):
        raise MalformedError("inner part: the padding is not what it has to be")
    raw_keys = canonical.decode_base64_list(inner[manifest_end + 1 : keys_end])
    keys = tuple(map(AttachmentKey, raw_keys))
    return inner[:manifest_end], keys


def _row(item: ManifestAttachment) -> JsonObject:
    return item.extra | {
        "aid": item.aid,
        "media_type": item.media_type,
        "name": item.name,
        "sha256": item.sha256,
        "size": item.size,
    }


def _parse_row(row: dict[str, object]) -> ManifestAttachment:
    fields = canonical.convert(row, _RowFields)
    extra = {name: value for name, value in row.items() if name not in _ROW_NAMES}
    return ManifestAttachment(
        aid=fields.aid,
        media_type=fields.media_type,
        name=fields.name,
        sha256=parse_digest(fields.sha256),
        size=fields.size,
        extra=cast("JsonObject", extra),
    )
