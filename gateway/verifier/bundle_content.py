"""What a bundle says of the plaintext: its manifest, and files that lie beside it."""

import hashlib
from pathlib import Path

from gateway.core.envelope import (
    Manifest,
    ManifestAttachment,
    ParsedEnvelope,
    content_digest,
    parse_manifest,
)
from gateway.core.errors import GatewayError, NotFoundError, UsageError
from gateway.core.sizes import attachment_length
from gateway.core.values import HexDigest
from gateway.verifier.bundle import CONTENT_NAME
from gateway.verifier.files import plain_chunks
from gateway.verifier.report import FailedCheckError, Findings, failure, failure_from

_MANIFEST = "MANIFEST"
_ATTACHMENT = "ATTACHMENT"


def check_content(
    raw: bytes,
    envelope: ParsedEnvelope | None,
    logged: frozenset[HexDigest],
    findings: Findings,
) -> Manifest | None:
    """Report whether a manifest is what the sender logged for this envelope.

    Args:
        raw: The manifest.
        envelope: The sealed message, if there is one still.
        logged: Content digests in the sender's entries about it.
        findings: Takes the report.

    Returns:
        The manifest, if it may be believed as far as the sender's word goes.
    """
    try:
        manifest = parse_manifest(raw)
    except GatewayError as error:
        findings.add_line(failure_from(_MANIFEST, error).line)
        return None
    digest = content_digest(raw)
    if not logged:
        text = f"{CONTENT_NAME} has digest {digest}; no proven origin names one"
        findings.incomplete(_MANIFEST, text, "not-compared")
        return None
    try:
        if digest not in logged:
            named = ", ".join(sorted(logged))
            text = f"{CONTENT_NAME} has digest {digest}, the sender logged {named}"
            raise failure(_MANIFEST, text, "digest-differs")
        if envelope is not None:
            _check_bound(manifest, envelope)
    except FailedCheckError as error:
        findings.add_line(error.line)
        return None
    count = len(manifest.attachments)
    text = f"{CONTENT_NAME} is what the sender logged; attachments named: {count}"
    findings.ok(_MANIFEST, text, "manifest")
    return manifest


def _check_bound(manifest: Manifest, envelope: ParsedEnvelope) -> None:
    header = envelope.header
    if manifest.header_digest != envelope.header_digest:
        text = "names another header: it was sealed in another envelope"
        raise failure(_MANIFEST, text, "other-header")
    said = (manifest.id, manifest.sender, manifest.addressee, manifest.created)
    if said != (header.id, header.sender, header.addressee, header.created):
        text = "id, sender, addressee or time are not those of the envelope"
        raise failure(_MANIFEST, text, "other-message")
    described = [
        (item.aid, attachment_length(item.size)) for item in manifest.attachments
    ]
    if described != [(item.aid, item.length) for item in header.attachments]:
        text = "attachments are not those of the envelope in number, order or size"
        raise failure(_MANIFEST, text, "other-attachments")


def check_attachments(
    folder: Path,
    manifest: Manifest | None,
    findings: Findings,
) -> None:
    """Report whether the files that a manifest names lie in a folder, unchanged.

    Raises:
        UsageError: It is not a folder.
    """
    if not folder.is_dir():
        raise UsageError(f"--attachments {folder}: not a folder")
    if manifest is None:
        text = "not compared: the bundle has no manifest that holds"
        findings.incomplete(_ATTACHMENT, text, "no-manifest")
        return
    if not manifest.attachments:
        findings.info(_ATTACHMENT, "none were sent", "no-attachments")
    for item in manifest.attachments:
        _check_attachment(folder, item, findings)


def _check_attachment(
    folder: Path,
    item: ManifestAttachment,
    findings: Findings,
) -> None:
    state, size = hashlib.sha256(), 0
    try:
        # The manifest's reader has checked that its names lead nowhere else.
        for chunk in plain_chunks(folder, item.name, max_bytes=item.size):
            state.update(chunk)
            size += len(chunk)
    except NotFoundError as error:
        findings.incomplete(_ATTACHMENT, str(error), "attachment-missing")
        return
    except GatewayError as error:
        findings.add_line(failure_from(_ATTACHMENT, error).line)
        return
    if (size, state.hexdigest()) != (item.size, item.sha256):
        text = f"{item.name}: size or digest is not what the sender logged"
        findings.failed(_ATTACHMENT, text, "attachment-differs")
        return
    text = f"{item.name}: {size} bytes, SHA-256 {item.sha256}"
    findings.ok(_ATTACHMENT, text, "attachment")
