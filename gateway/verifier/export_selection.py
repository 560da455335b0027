"""Writing chosen entries of a log with their proofs, and no other entry.

For one case: what the log holds about its messages, under the same head. The rest of
the log stays unknown, but for its size and the hashes on the way to the root.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import VerificationError
from gateway.core.translog.checkpoint import parse_checkpoint
from gateway.core.translog.note import VerifierKey, parse_note
from gateway.core.translog.proof import PROOF_SUFFIX
from gateway.verifier.export import Exported, encode_consistency, encode_disclosures
from gateway.verifier.export_folder import ListedFolder
from gateway.verifier.export_texts import keys_text, policy_text, readme_text
from gateway.verifier.files import NewFolder
from gateway.verifier.layout import (
    CHECKPOINT_NAME,
    KEYS_NAME,
    POLICY_NAME,
    README_NAME,
    consistency_name,
    disclosure_name,
    earlier_name,
)


@dataclass(slots=True, kw_only=True)
class Selection:
    """Chosen entries; proofs lie on disk already, so that many fit.

    Attributes:
        keys: Of the log.
        head: The signed note under which all is exported.
        rounds: Signed notes of smaller trees, with their witnesses.
        links: Proofs that the log grew from one size to another.
        beside: Further files by name, such as former statements of the root.
    """

    keys: Sequence[VerifierKey]
    head: bytes
    rounds: Sequence[bytes] = ()
    links: Mapping[tuple[int, int], Sequence[bytes]] = field(default_factory=dict)
    beside: Mapping[str, bytes] = field(default_factory=dict)


class SelectionWriter:
    """Writes chosen entries into a new or empty folder.

    Raises:
        ConflictError: There is something in the folder; nothing is overwritten.
        UsageError: The folder can't be written.
    """

    def __init__(self, folder: Path) -> None:
        self._out = ListedFolder(NewFolder.create(folder))
        self._entries = 0

    def add_entry(self, index: int, proof: bytes, disclosures: Sequence[str]) -> None:
        """Write an entry of the log; the same one again changes nothing."""
        name = f"proofs/{index}{PROOF_SUFFIX}"
        if self._out.has(name):
            return
        self._out.write(name, proof)
        self._entries += 1
        if disclosures:
            self._out.write(disclosure_name(index), encode_disclosures(disclosures))

    def add_receipt(self, name: str, proof: bytes) -> None:
        """Write an entry of another log; the same one again changes nothing."""
        if not self._out.has(f"receipts/{name}"):
            self._out.write(f"receipts/{name}", proof)

    def finish(self, selection: Selection) -> Exported:
        """Write heads, keys and the list.

        Raises:
            VerificationError: There are no entries.
            MalformedError: A checkpoint is not one.
        """
        if not self._entries:
            raise VerificationError("export: no entry of the log was chosen")
        checkpoint = parse_checkpoint(parse_note(selection.head).text)
        for note in selection.rounds:
            size = parse_checkpoint(parse_note(note).text).size
            self._out.write(earlier_name(size), note)
        for sizes, hashes in selection.links.items():
            self._out.write(consistency_name(*sizes), encode_consistency(hashes))
        for name, content in selection.beside.items():
            self._out.write(name, content)
        keys = selection.keys
        texts = {
            KEYS_NAME: keys_text(checkpoint.origin, keys),
            POLICY_NAME: policy_text(checkpoint.origin, keys),
            README_NAME: readme_text(checkpoint, keys, is_selection=True),
            CHECKPOINT_NAME: selection.head,
        }
        for name, content in texts.items():
            self._out.write(name, content)
        return Exported(
            folder=self._out.folder.root,
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=checkpoint.root,
            entries=self._entries,
            files=self._out.finish(),
        )
