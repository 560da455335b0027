"""Writing a dispute bundle: message by message, then what they share, then the list.

Into a folder, of which a ZIP file can be made. One message at a time is in memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from gateway.core.entries.leaf import Leaf
from gateway.core.envelope import content_digest, parse_envelope
from gateway.core.errors import ConflictError, UsageError
from gateway.core.values import AuthorityId, HexDigest, MessageId
from gateway.verifier.archive import write_archive
from gateway.verifier.bundle import (
    CONFLICTS_FOLDER,
    CONTENT_NAME,
    DISCLOSURES_FOLDER,
    DISCLOSURES_SUFFIX,
    ENROLMENT_NAME,
    ENVELOPE_NAME,
    HELD_NAME,
    PROOFS_FOLDER,
    EnrolmentRecord,
    card_name,
    encode_enrolment,
    history_name,
    max_file_bytes,
    message_folder,
    read_card,
)
from gateway.verifier.bundle_about import TELLING
from gateway.verifier.bundle_texts import readme_text
from gateway.verifier.export import encode_consistency, encode_disclosures
from gateway.verifier.export_folder import ListedFolder
from gateway.verifier.files import EvidenceFolder, NewFolder
from gateway.verifier.layout import (
    CHECKPOINT_NAME,
    README_NAME,
    consistency_name,
    earlier_name,
)
from gateway.verifier.proven import claimed_leaf
from gateway.verifier.stamps import body_name, response_name


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParts:
    """What goes into a bundle of one message.

    Attributes:
        envelope: The sealed message; empty once it was erased.
        proofs: Every proof there is of it, by file name.
        disclosures: What entries disclose, by their place in the maker's log.
        content: The manifest that was sealed; empty leaves the plaintext out.
    """

    id: MessageId
    envelope: bytes
    proofs: Mapping[str, bytes]
    disclosures: Mapping[int, Sequence[str]] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedParts:
    """What goes into a bundle once.

    Attributes:
        cards: Of both sides, as far as they are at hand.
        enrolment: How the other side was enrolled, if it still is.
        head: The maker's log: the newest head that witnesses were asked to cosign.
        held: The newest head that the maker holds of the other side's log.
        links: Of the maker's log, proofs that it grew from one size to another.
        history: Statements of roots, by authority and number.
        heads: Of the maker's log, further heads by size.
        stamps: Time stamps over heads by size: what was stamped, and the answer.
        conflicts: What proves that a log contradicts itself, by file name.
    """

    cards: Sequence[bytes]
    enrolment: EnrolmentRecord | None = None
    head: bytes = b""
    held: bytes = b""
    links: Mapping[tuple[int, int], Sequence[bytes]] = field(default_factory=dict)
    history: Mapping[tuple[AuthorityId, int], bytes] = field(default_factory=dict)
    heads: Mapping[int, bytes] = field(default_factory=dict)
    stamps: Mapping[int, tuple[bytes, bytes]] = field(default_factory=dict)
    conflicts: Mapping[str, bytes] = field(default_factory=dict)


class BundleWriter:
    """Writes the folder of a bundle."""

    def __init__(self, folder: NewFolder) -> None:
        self._out = ListedFolder(folder)
        self._messages: list[tuple[MessageId, str]] = []

    def add_message(self, parts: MessageParts) -> None:
        """Write the files of a message.

        Raises:
            ConflictError: The message is not sealed yet, or was written already.
            UsageError: The manifest is not that of this message.
            MalformedError: A part is not what it is said to be.
            TooLargeError: More than a reader would take.
        """
        folder = message_folder(parts.id)
        leaves = [claimed_leaf(raw) for raw in parts.proofs.values()]
        if not parts.envelope and not any(leaf.kind in TELLING for leaf in leaves):
            text = "held and not sealed yet, so nothing proves it"
            raise ConflictError(f"message {parts.id}: {text}")
        digest = parse_envelope(parts.envelope).digest if parts.envelope else ""
        if parts.content:
            _check_content(parts, leaves, digest)
        files = {
            ENVELOPE_NAME: parts.envelope,
            CONTENT_NAME: parts.content,
            **{PROOFS_FOLDER + name: raw for name, raw in parts.proofs.items()},
            **{
                f"{DISCLOSURES_FOLDER}{index}{DISCLOSURES_SUFFIX}": (
                    encode_disclosures(strings)
                )
                for index, strings in parts.disclosures.items()
                if strings
            },
        }
        for name, content in files.items():
            if content:
                self._write(folder + name, content)
        self._messages.append((parts.id, digest))

    def finish(self, shared: SharedParts) -> int:
        """Write what messages share, and the list; return the number of files.

        Raises:
            MalformedError: A part is not what it is said to be.
            UntrustedCardError: A card does not verify.
            TooLargeError: More than a reader would take.
        """
        cards = [read_card(raw) for raw in shared.cards]
        files = {
            CHECKPOINT_NAME: shared.head,
            HELD_NAME: shared.held,
            **{card_name(card.authority): card.raw for card in cards},
            **{history_name(*key): raw for key, raw in shared.history.items()},
            **{CONFLICTS_FOLDER + name: raw for name, raw in shared.conflicts.items()},
        }
        files |= {earlier_name(size): note for size, note in shared.heads.items()}
        for size, (text, response) in shared.stamps.items():
            files |= {body_name(size): text, response_name(size): response}
        if shared.enrolment is not None:
            files[ENROLMENT_NAME] = encode_enrolment(shared.enrolment)
        for name, content in files.items():
            if content:
                self._write(name, content)
        for sizes, hashes in shared.links.items():
            self._write(consistency_name(*sizes), encode_consistency(hashes))
        self._write(README_NAME, readme_text(self._messages, cards))
        return self._out.finish()

    def _write(self, name: str, content: bytes) -> None:
        max_file_bytes(name)
        self._out.write(name, content)


def pack_folder(folder: NewFolder, out: BinaryIO) -> int:
    """Write the ZIP file of a bundle that lies in a folder; return its length.

    The same files give the same bytes.

    Raises:
        TooLargeError: More files or bytes than the format has room for.
    """
    files = EvidenceFolder(folder.root)
    return write_archive(
        out,
        files.names(),
        lambda name: files.read(name, max_bytes=max_file_bytes(name)),
    )


def _check_content(
    parts: MessageParts,
    leaves: Sequence[Leaf],
    envelope_digest: str,
) -> None:
    sent = [leaf for leaf in leaves if leaf.kind == "msg.send"]
    if envelope_digest:
        sent = [leaf for leaf in sent if leaf.fields["dig"] == envelope_digest]
    digest: HexDigest = content_digest(parts.content)
    if digest not in {leaf.fields["man"] for leaf in sent}:
        raise UsageError(
            f"{CONTENT_NAME}: has digest {digest}, which the sender of message "
            f"{parts.id} did not log; take the file that `open --out` wrote",
        )
