"""Sealing a message to all keys its addressee's card names.

Sealing takes no random source as an argument: a caller could pass a bad one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import nacl.utils
from cryptography.cobblestone import Cobblestone256Encryptor

from gateway.core.canonical import JsonObject
from gateway.core.envelope.header import Header, SealedAttachment, encode_header
from gateway.core.envelope.layout import body_context, join_envelope, wrap_info
from gateway.core.envelope.manifest import (
    SALT_BYTES,
    Manifest,
    ManifestAttachment,
    content_digest,
    encode_manifest,
    join_inner,
)
from gateway.core.errors import MalformedError
from gateway.core.keys import (
    AttachmentKey,
    ContentKey,
    KemKeyRecord,
    check_record,
)
from gateway.core.limits import MAX_MESSAGE_LIFETIME_MS
from gateway.core.sizes import attachment_length
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    Priority,
    UnixMs,
    parse_time,
)


@dataclass(frozen=True, slots=True)
class AttachmentToSeal:
    """An attachment whose ciphertext lies ready in the spool.

    Attributes:
        length: Of the ciphertext, in bytes.
        root: Of its parts.
        key: Opens the ciphertext.
        described: What the manifest will say of it.
    """

    length: int
    root: HexDigest
    key: AttachmentKey
    described: ManifestAttachment

    def __post_init__(self) -> None:
        """Refuse what the addressee would refuse."""
        expected = attachment_length(self.described.size)
        if self.length != expected:
            raise MalformedError(
                f"attachment: {self.length} bytes sealed, expected {expected}",
            )


@dataclass(frozen=True, slots=True)
class SealRequest:
    """A message to be sealed.

    Attributes:
        expires: Last moment of acceptance; `latest_expiry` says the last possible.
        recipients: All keys the addressee's card names for sealing, in its order.
        message: The message document.
    """

    id: MessageId
    sender: AuthorityId
    addressee: AuthorityId
    created: UnixMs
    expires: UnixMs
    priority: Priority
    recipients: tuple[KemKeyRecord, ...]
    message: JsonObject = field(repr=False)
    attachments: tuple[AttachmentToSeal, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedEnvelope:
    """A sealed message, and what its sender keeps of it.

    Attributes:
        raw: The envelope.
        digest: Its SHA-256.
        header: What a carrier sees.
        content_digest: SHA-256 of the manifest, for the sender's log entry.
        content_key: For the sender's archive, and nowhere else.
    """

    raw: bytes = field(repr=False)
    digest: HexDigest
    header: Header
    content_digest: HexDigest
    content_key: ContentKey


def latest_expiry(created: UnixMs, recipients: Iterable[KemKeyRecord]) -> UnixMs:
    """Return the last `expires` a message sealed to these keys can have."""
    ends = [UnixMs(created + MAX_MESSAGE_LIFETIME_MS)]
    ends.extend(parse_time(record.open_until) for record in recipients)
    return min(ends)


def seal(request: SealRequest) -> SealedEnvelope:
    """Return the message sealed to its addressee.

    Raises:
        MalformedError: The request contradicts itself, or the message is not JSON of
            the profile.
        UnknownSuiteError: A key is of another suite.
        TooLargeError: The manifest is over its limit.
    """
    return _seal(
        request,
        content_key=ContentKey.new(),
        salt=nacl.utils.random(SALT_BYTES),
    )


def _seal(
    request: SealRequest,
    *,
    content_key: ContentKey,
    salt: bytes,
) -> SealedEnvelope:
    recipients = [
        check_record(record, request.addressee) for record in request.recipients
    ]
    if request.expires > latest_expiry(request.created, request.recipients):
        raise MalformedError("expires: after the last moment to open with a key")
    header = Header(
        id=request.id,
        sender=request.sender,
        addressee=request.addressee,
        created=request.created,
        expires=request.expires,
        priority=request.priority,
        keys=tuple(key.kid for key in recipients),
        attachments=tuple(
            SealedAttachment(item.described.aid, item.length, item.root)
            for item in request.attachments
        ),
    )
    header_raw = encode_header(header)
    header_digest = hashlib.sha256(header_raw).digest()
    manifest_raw = encode_manifest(_manifest(request, header_digest, salt))
    inner = join_inner(manifest_raw, [item.key for item in request.attachments])
    wraps = [
        key.public.seal(content_key.raw, info=wrap_info(key.kid, header_digest))
        for key in recipients
    ]
    encryptor = Cobblestone256Encryptor(content_key.raw, body_context(header_digest))
    body = encryptor.update(inner) + encryptor.finalize()
    raw = join_envelope(header_raw, wraps, body)
    return SealedEnvelope(
        raw=raw,
        digest=HexDigest(hashlib.sha256(raw).hexdigest()),
        header=header,
        content_digest=content_digest(manifest_raw),
        content_key=content_key,
    )


def _manifest(request: SealRequest, header_digest: bytes, salt: bytes) -> Manifest:
    return Manifest(
        id=request.id,
        sender=request.sender,
        addressee=request.addressee,
        created=request.created,
        header_digest=header_digest,
        message=request.message,
        salt=salt,
        attachments=tuple(item.described for item in request.attachments),
    )
