"""The dispute bundle: which files it has, and what one of them is spelled like.

Everything that another needs to check what two authorities exchanged. A folder, or the
same files in one ZIP file. From parts to bytes only: fetching the parts and writing
the files are the command's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gateway.core import canonical
from gateway.core.canonical import Wire
from gateway.core.conflicts import CONFLICT_SUFFIX, MAX_CONFLICT_BYTES
from gateway.core.errors import MalformedError
from gateway.core.identity import VerifiedCard, parse_card, verify_card
from gateway.core.limits import (
    KIB,
    MAX_CARD_BYTES,
    MAX_ENVELOPE_BYTES,
    MAX_LOG_PROOF_BYTES,
    MAX_MANIFEST_BYTES,
    MAX_NOTE_BYTES,
    MAX_STAMP_BYTES,
)
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.core.values import (
    AuthorityId,
    HexDigest,
    MessageId,
    UnixMs,
    format_time,
    parse_authority_id,
    parse_digest,
    parse_message_id,
    parse_time,
)
from gateway.verifier.disclosed import MAX_DISCLOSURES_BYTES
from gateway.verifier.layout import CHECKPOINT_NAME, CHECKPOINTS_FOLDER, README_NAME
from gateway.verifier.manifest import MANIFEST_NAME
from gateway.verifier.manifest import MAX_MANIFEST_BYTES as MAX_LIST
from gateway.verifier.stamps import STAMPS_FOLDER

MESSAGES_FOLDER = "messages/"
ENVELOPE_NAME = "envelope.bin"
CONTENT_NAME = "manifest.json"
PROOFS_FOLDER = "proofs/"
DISCLOSURES_FOLDER = "disclosures/"
DISCLOSURES_SUFFIX = ".jsonl"

CARDS_FOLDER = "cards/"
CARD_SUFFIX = ".card"
ENROLMENT_NAME = "enrolment.json"
HISTORY_FOLDER = "history/"
CONSISTENCY_FOLDER = "consistency/"
HELD_NAME = "held/checkpoint"
CONFLICTS_FOLDER = "conflicts/"

_MAX_TEXT_BYTES = 64 * KIB
_MAX_CONSISTENCY_BYTES = 4 * KIB  # 64 hashes of 45 bytes

_NUMBER = r"(?:0|[1-9][0-9]{0,15})"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}"

# What lies in the folder of each message.
_OF_MESSAGE: Mapping[str, int] = {
    re.escape(ENVELOPE_NAME): MAX_ENVELOPE_BYTES,
    re.escape(CONTENT_NAME): MAX_MANIFEST_BYTES,
    rf"{PROOFS_FOLDER}{_NAME}{re.escape(PROOF_SUFFIX)}": MAX_LOG_PROOF_BYTES,
    rf"{DISCLOSURES_FOLDER}{_NUMBER}\.jsonl": MAX_DISCLOSURES_BYTES,
}
_TOPS = (ENVELOPE_NAME, CONTENT_NAME, PROOFS_FOLDER, DISCLOSURES_FOLDER)
# What lies there once, for all messages.
_OF_BUNDLE: Mapping[str, int] = {
    re.escape(MANIFEST_NAME): MAX_LIST,
    re.escape(README_NAME): _MAX_TEXT_BYTES,
    re.escape(ENROLMENT_NAME): _MAX_TEXT_BYTES,
    re.escape(CHECKPOINT_NAME): MAX_NOTE_BYTES,
    re.escape(HELD_NAME): MAX_NOTE_BYTES,
    rf"{CHECKPOINTS_FOLDER}/{_NUMBER}": MAX_NOTE_BYTES,
    rf"{CONSISTENCY_FOLDER}{_NUMBER}-{_NUMBER}\.txt": _MAX_CONSISTENCY_BYTES,
    rf"{CARDS_FOLDER}{_NAME}{re.escape(CARD_SUFFIX)}": MAX_CARD_BYTES,
    rf"{HISTORY_FOLDER}{_NAME}/{_NUMBER}{re.escape(PROOF_SUFFIX)}": (
        MAX_LOG_PROOF_BYTES
    ),
    rf"{STAMPS_FOLDER}{_NUMBER}\.(?:body|tsr)": MAX_STAMP_BYTES,
    rf"{CONFLICTS_FOLDER}{_NAME}{re.escape(CONFLICT_SUFFIX)}": MAX_CONFLICT_BYTES,
}


def _compiled(
    table: Mapping[str, int],
    *,
    below: str = "",
) -> tuple[tuple[re.Pattern[str], int], ...]:
    return tuple(
        (re.compile(rf"{below}{pattern}\Z"), max_bytes)
        for pattern, max_bytes in table.items()
    )


# A bundle of the first form holds one message, at its top.
_FILES = (
    *_compiled(_OF_BUNDLE),
    *_compiled(_OF_MESSAGE),
    *_compiled(_OF_MESSAGE, below=rf"{MESSAGES_FOLDER}[0-9a-f-]{{36}}/"),
)


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


class _EnrolmentFields(Wire, frozen=True, kw_only=True):
    """The enrolment as it is spelled."""

    compared_at: str
    compared_by: str
    compared_how: str
    fingerprint: str
    peer: str


def max_file_bytes(name: str) -> int:
    """Return the largest size of a file of a bundle.

    Raises:
        MalformedError: No bundle has a file of that name.
    """
    for pattern, max_bytes in _FILES:
        if pattern.match(name):
            return max_bytes
    raise MalformedError(f"{name[:120]}: not a file of a bundle")


def is_bundle_folder(has: Callable[[str], bool]) -> bool:
    """Tell a bundle from other folders, by whether it has files of some names."""
    return has(MESSAGES_FOLDER.rstrip("/")) or has(ENVELOPE_NAME)


def message_folder(message_id: MessageId) -> str:
    """Return where the files of a message lie."""
    return f"{MESSAGES_FOLDER}{message_id}/"


def by_message(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the folders of all messages, and the names of the files in each.

    Folders have a `/` at the end. An empty one is the bundle's top, of a bundle that
    holds one message.

    Raises:
        MalformedError: A folder is not called after a message.
    """
    found: dict[str, set[str]] = {}
    for name in sorted(names):
        if name.startswith(MESSAGES_FOLDER):
            _, message_id, rest = name.split("/", 2)
            folder = message_folder(parse_message_id(message_id))
            found.setdefault(folder, set()).add(rest)
        elif name.startswith(_TOPS):
            found.setdefault("", set()).add(name)
    return {folder: frozenset(files) for folder, files in found.items()}


def card_name(authority: AuthorityId) -> str:
    """Return where the card of an authority lies."""
    return f"{CARDS_FOLDER}{authority}{CARD_SUFFIX}"


def history_name(authority: AuthorityId, number: int) -> str:
    """Return where a statement of the root of an authority lies."""
    return f"{HISTORY_FOLDER}{authority}/{number}{PROOF_SUFFIX}"


def read_card(raw: bytes) -> VerifiedCard:
    """Return a card that agrees with itself, whatever stage it is for.

    Raises:
        MalformedError: Not a card.
        UntrustedCardError: It does not verify.
    """
    return verify_card(raw, stage=parse_card(raw).card.stage)


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
