"""Checking a seal, and reading what is inside.

Whatever fails here fails with one code: the cause would help an attacker. Nothing of
a body is used before its last chunk has verified.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag

from gateway.core.canonical import JsonObject
from gateway.core.envelope.header import check_suite
from gateway.core.envelope.layout import ParsedEnvelope, body_context, wrap_info
from gateway.core.envelope.manifest import (
    Manifest,
    content_digest,
    parse_manifest,
    split_inner,
)
from gateway.core.errors import (
    CannotOpenError,
    KeyRetiredError,
    MalformedError,
    TooLargeError,
)
from gateway.core.keys import (
    WRAP_BYTES,
    AttachmentKey,
    ContentKey,
    KemPrivateKey,
)
from gateway.core.sizes import attachment_length
from gateway.core.values import HexDigest


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """The content of an envelope, with every binding verified.

    Attributes:
        manifest_raw: The manifest's bytes; their digest stands in the sender's log.
        manifest: What they say.
        attachment_keys: In the order of the manifest's attachments.
    """

    manifest_raw: bytes = field(repr=False)
    manifest: Manifest
    attachment_keys: tuple[AttachmentKey, ...]

    @property
    def message(self) -> JsonObject:
        """The message document."""
        return self.manifest.message


def check_seal(
    envelope: ParsedEnvelope,
    keys: Mapping[HexDigest, KemPrivateKey],
    *,
    retired: AbstractSet[HexDigest] = frozenset(),
) -> ContentKey:
    """Verify every tag of an envelope and return its content key, for the archive.

    The plaintext is thrown away: this is no access to the message.

    Args:
        envelope: One that is addressed to the owner of the keys.
        keys: The owner's keys that still open, by id.
        retired: Ids of keys the owner had, and no longer opens with.

    Raises:
        UnknownSuiteError: Any but suite 1.
        MalformedError: It names a key the owner never had.
        KeyRetiredError: All keys it names are retired.
        CannotOpenError: The seal does not hold.
    """
    header = envelope.header
    check_suite(header)
    if any(kid not in keys and kid not in retired for kid in header.keys):
        raise MalformedError("keys: one was never issued by the addressee")
    # Every wrap that can be opened is: one that nobody reads could hold anything.
    found = {
        _unwrap(envelope, kid, wrap, keys[kid])
        for kid, wrap in zip(header.keys, envelope.wraps, strict=True)
        if kid in keys
    }
    if not found:
        raise KeyRetiredError("keys: no longer opened with")
    content_key = found.pop()
    if found:
        raise CannotOpenError("wraps: not of one content key")
    _decrypt(envelope, content_key)
    return content_key


def open_envelope(
    envelope: ParsedEnvelope,
    content_key: ContentKey,
    *,
    expected_content_digest: HexDigest,
) -> OpenedMessage:
    """Return the content of an envelope.

    Args:
        envelope: The sealed message.
        content_key: As the seal check or the archive gave it.
        expected_content_digest: `man` of the sender's log entry.

    Raises:
        CannotOpenError: The seal does not hold, or the content is not what header
            and log entry bind it to.
    """
    inner = _decrypt(envelope, content_key)
    try:
        manifest_raw, keys = split_inner(inner)
        opened = OpenedMessage(manifest_raw, parse_manifest(manifest_raw), keys)
    except (MalformedError, TooLargeError) as error:
        raise CannotOpenError("content: not in the format") from error
    if not _is_bound(opened, envelope):
        raise CannotOpenError("content: not bound to this envelope")
    if content_digest(manifest_raw) != expected_content_digest:
        raise CannotOpenError("content: not what the sender logged")
    return opened


def _unwrap(
    envelope: ParsedEnvelope,
    kid: HexDigest,
    wrap: bytes,
    key: KemPrivateKey,
) -> ContentKey:
    if len(wrap) != WRAP_BYTES:
        raise CannotOpenError("wrap: cannot be opened")
    return ContentKey(key.open(wrap, info=wrap_info(kid, envelope.header_digest)))


def _decrypt(envelope: ParsedEnvelope, content_key: ContentKey) -> bytes:
    """Return the inner part, after its last chunk has verified."""
    context = body_context(envelope.header_digest)
    try:
        decryptor = Cobblestone256Decryptor(content_key.raw, context)
        return decryptor.update(envelope.body) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise CannotOpenError("body: cannot be opened") from error


def _is_bound(opened: OpenedMessage, envelope: ParsedEnvelope) -> bool:
    """Tell whether the manifest speaks of this very envelope."""
    manifest, header = opened.manifest, envelope.header
    described = [
        (item.aid, attachment_length(item.size)) for item in manifest.attachments
    ]
    return (
        manifest.header_digest == envelope.header_digest
        and (manifest.id, manifest.created) == (header.id, header.created)
        and (manifest.sender, manifest.addressee) == (header.sender, header.addressee)
        and described == [(item.aid, item.length) for item in header.attachments]
        and len(opened.attachment_keys) == len(header.attachments)
    )
