"""The dispute bundle of one message: which files it has, and writing it.

Everything that another needs to check what was sent and received, in one file. From
parts to bytes only: fetching the parts and writing the file are the command's.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.envelope import content_digest, parse_envelope
from gateway.core.errors import ConflictError, MalformedError, UsageError
from gateway.core.identity import VerifiedCard, parse_card, verify_card
from gateway.core.limits import (
    KIB,
    MAX_CARD_BYTES,
    MAX_ENVELOPE_BYTES,
    MAX_LOG_PROOF_BYTES,
    MAX_MANIFEST_BYTES,
)
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    UnixMs,
    format_time,
    parse_authority_id,
    parse_digest,
    parse_time,
)
from gateway.verifier.archive import pack
from gateway.verifier.bundle_texts import readme_text
from gateway.verifier.layout import README_NAME
from gateway.verifier.manifest import MANIFEST_NAME, encode_manifest
from gateway.verifier.proven import claimed_leaf

ENVELOPE_NAME = "envelope.bin"
CONTENT_NAME = "manifest.json"
ENROLMENT_NAME = "enrolment.json"
PROOFS_FOLDER = "proofs/"
CARDS_FOLDER = "cards/"
CARD_SUFFIX = ".card"

_MAX_TEXT_BYTES = 64 * KIB
_MAX_BYTES: Mapping[str, int] = {
    ENVELOPE_NAME: MAX_ENVELOPE_BYTES,
    CONTENT_NAME: MAX_MANIFEST_BYTES,
    ENROLMENT_NAME: _MAX_TEXT_BYTES,
    README_NAME: _MAX_TEXT_BYTES,
    MANIFEST_NAME: _MAX_TEXT_BYTES,
}
_PROOF = re.compile(rf"{PROOFS_FOLDER}[^/]+{re.escape(PROOF_SUFFIX)}\Z")
_CARD = re.compile(rf"{CARDS_FOLDER}[^/]+{re.escape(CARD_SUFFIX)}\Z")


@dataclass(frozen=True, slots=True)
class EnrolmentRecord:
    """That somebody on one side compared the other side's fingerprint.

    Attributes:
        peer: Whose fingerprint.
        compared_by: Who of the authority that made the bundle.
        compared_how: In which way, in their own words.
    """

    peer: AuthorityId
    fingerprint: HexDigest
    compared_by: str
    compared_how: str
    compared_at: UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleParts:
    """What goes into a bundle.

    Attributes:
        envelope: The sealed message.
        proofs: Every proof there is of it, by file name.
        cards: Of both sides, as far as they are at hand.
        enrolment: How the other side was enrolled, if it still is.
        content: The manifest that was sealed; empty leaves the plaintext out.
    """

    envelope: bytes
    proofs: Mapping[str, bytes]
    cards: Sequence[bytes]
    enrolment: EnrolmentRecord | None = None
    content: bytes = b""


class _EnrolmentFields(Wire, frozen=True, kw_only=True):
    """The enrolment as it is spelled."""

    compared_at: str
    compared_by: str
    compared_how: str
    fingerprint: str
    peer: str


def encode_bundle(parts: BundleParts) -> bytes:
    """Return the ZIP file of a bundle; the same parts give the same bytes.

    Raises:
        ConflictError: The message is not sealed yet.
        UsageError: The manifest is not that of this message.
        MalformedError: A part is not what it is said to be.
        UntrustedCardError: A card does not verify.
        TooLargeError: More than a reader would take.
    """
    if not parts.envelope:
        raise ConflictError("message: held and not sealed yet, so nothing proves it")
    envelope = parse_envelope(parts.envelope)
    if parts.content:
        _check_content(parts, envelope.digest)
    cards = [read_card(raw) for raw in parts.cards]
    files = {
        ENVELOPE_NAME: parts.envelope,
        README_NAME: readme_text(envelope, cards, has_content=bool(parts.content)),
        **{PROOFS_FOLDER + name: raw for name, raw in parts.proofs.items()},
        **{card_name(card.authority): card.raw for card in cards},
    }
    if parts.content:
        files[CONTENT_NAME] = parts.content
    if parts.enrolment is not None:
        files[ENROLMENT_NAME] = encode_enrolment(parts.enrolment)
    return pack_listed(files)


def pack_listed(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of these files and the list of their digests.

    Raises:
        MalformedError: A file that no bundle has.
        TooLargeError: More than a reader would take.
    """
    for name in files:
        max_file_bytes(name)
    digests = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    return pack({**files, MANIFEST_NAME: encode_manifest(digests)})


def _check_content(parts: BundleParts, envelope_digest: HexDigest) -> None:
    leaves = map(claimed_leaf, parts.proofs.values())
    sent = [leaf for leaf in leaves if leaf.fields.get("dig") == envelope_digest]
    digest = content_digest(parts.content)
    if digest not in {leaf.fields.get("man") for leaf in sent}:
        raise UsageError(
            f"{CONTENT_NAME}: has digest {digest}, which the sender of this message "
            "did not log; take the file that `open --out` wrote",
        )


def card_name(authority: AuthorityId) -> str:
    """Return where the card of an authority lies."""
    return f"{CARDS_FOLDER}{authority}{CARD_SUFFIX}"


def read_card(raw: bytes) -> VerifiedCard:
    """Return a card that agrees with itself, whatever stage it is for.

    Raises:
        MalformedError: Not a card.
        UntrustedCardError: It does not verify.
    """
    return verify_card(raw, stage=parse_card(raw).card.stage)


def max_file_bytes(name: str) -> int:
    """Return the largest size of a file of a bundle.

    Raises:
        MalformedError: No bundle has a file of that name.
    """
    if name in _MAX_BYTES:
        return _MAX_BYTES[name]
    if _PROOF.match(name):
        return MAX_LOG_PROOF_BYTES
    if _CARD.match(name):
        return MAX_CARD_BYTES
    raise MalformedError(f"{name}: not a file of a bundle")


def encode_enrolment(record: EnrolmentRecord) -> bytes:
    """Return the file that tells how a peer was enrolled."""
    return canonical.encode(
        _EnrolmentFields(
            compared_at=format_time(record.compared_at),
            compared_by=record.compared_by,
            compared_how=record.compared_how,
            fingerprint=record.fingerprint,
            peer=record.peer,
        ),
    )


def parse_enrolment(raw: bytes) -> EnrolmentRecord:
    """Return how a peer was enrolled, as the maker of a bundle tells it.

    Raises:
        TooLargeError: Over its limit.
        MalformedError: Not such a file.
    """
    fields = canonical.decode_as(
        raw,
        _EnrolmentFields,
        max_bytes=_MAX_TEXT_BYTES,
        line_feeds=True,
    )
    return EnrolmentRecord(
        peer=parse_authority_id(fields.peer),
        fingerprint=parse_digest(fields.fingerprint),
        compared_by=fields.compared_by,
        compared_how=fields.compared_how,
        compared_at=parse_time(fields.compared_at),
    )
