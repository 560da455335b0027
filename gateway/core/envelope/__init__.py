"""The sealed object that carries one message (specification, sections 3 and 4).

`header` what a carrier sees, `layout` the lines and the body, `manifest` what a court
reads, `seal` making one, `opening` checking a seal and reading what is inside. Nothing
here knows about logs, receipts or storage.
"""

from gateway.core.envelope.header import (
    Header,
    SealedAttachment,
    check_addressing,
    check_suite,
    check_times,
)
from gateway.core.envelope.layout import ParsedEnvelope, parse_envelope
from gateway.core.envelope.manifest import (
    Manifest,
    ManifestAttachment,
    content_digest,
    parse_manifest,
)
from gateway.core.envelope.opening import OpenedMessage, check_seal, open_envelope
from gateway.core.envelope.seal import (
    AttachmentToSeal,
    SealedEnvelope,
    SealRequest,
    latest_expiry,
    seal,
)
from gateway.core.keys import AttachmentKey, ContentKey

__all__ = [
    "AttachmentKey",
    "AttachmentToSeal",
    "ContentKey",
    "Header",
    "Manifest",
    "ManifestAttachment",
    "OpenedMessage",
    "ParsedEnvelope",
    "SealRequest",
    "SealedAttachment",
    "SealedEnvelope",
    "check_addressing",
    "check_seal",
    "check_suite",
    "check_times",
    "content_digest",
    "latest_expiry",
    "open_envelope",
    "parse_envelope",
    "parse_manifest",
    "seal",
]
