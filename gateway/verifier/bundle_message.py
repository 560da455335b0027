"""Checking one message of a bundle: that all its proofs speak of it; what is inside."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.entries.leaf import Leaf
from gateway.core.envelope import Manifest
from gateway.core.errors import GatewayError
from gateway.core.translog.encoding import parse_decimal
from gateway.verifier.bundle import (
    CONTENT_NAME,
    DISCLOSURES_FOLDER,
    DISCLOSURES_SUFFIX,
    ENVELOPE_NAME,
    PROOFS_FOLDER,
    max_file_bytes,
    message_folder,
)
from gateway.verifier.bundle_about import About, about_entries, about_envelope
from gateway.verifier.bundle_content import check_attachments, check_content
from gateway.verifier.bundle_entries import Shown, check_entries
from gateway.verifier.bundle_heads import BundleHeads
from gateway.verifier.disclosed import read_disclosures
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.proven import ProvenEntry, prove_entry
from gateway.verifier.report import FailedCheckError, Findings, failure

_DISCLOSED = "DISCLOSED"


def read_file(files: EvidenceFiles, name: str) -> bytes:
    """Return a file of a bundle, within the limit that its name has.

    Raises:
        GatewayError: There is none, it is over the limit, or can't be read.
    """
    return files.read(name, max_bytes=max_file_bytes(name))


@dataclass(frozen=True, slots=True)
class CheckedMessage:
    """What a message's files have shown.

    Attributes:
        about: The message.
        not_shown: What stays open.
    """

    about: About
    not_shown: tuple[str, ...]


@dataclass(slots=True)
class MessageCheck:
    """One run over the files of a message.

    Attributes:
        folder: Where they lie, with `/` at the end; empty for the bundle's top.
        names: All files of the message, without the folder.
        attachments: Where the files that were sent lie, if they are to be compared.
    """

    files: EvidenceFiles
    folder: str
    names: frozenset[str]
    heads: BundleHeads
    findings: Findings
    attachments: Path | None = None
    _about: About | None = field(init=False, default=None)

    def run(self) -> CheckedMessage:
        """Check everything there is.

        Raises:
            FailedCheckError: Without what failed there is nothing more to check.
        """
        if ENVELOPE_NAME in self.names:
            about = about_envelope(self._read(ENVELOPE_NAME), self.findings)
            entries = self._prove_all()
        else:
            entries = self._prove_all()
            about = about_entries([one.leaf for one in entries], self.findings)
        if self.folder not in {"", message_folder(about.id)}:
            text = f"{self.folder}: holds message {about.id}"
            self.findings.failed("MESSAGE", text, "message-folder")
        shown = check_entries(entries, about, self.findings)
        self._check_disclosures(shown.leaves)
        manifest = self._check_content(about, shown)
        if self.attachments is not None:
            check_attachments(self.attachments, manifest, self.findings)
        open_questions = [*shown.not_shown(), *self._not_shown(manifest)]
        return CheckedMessage(about, tuple(open_questions))

    def _read(self, name: str) -> bytes:
        try:
            return read_file(self.files, self.folder + name)
        except GatewayError as error:
            raise failure("FILES", str(error), error.code) from error

    def _names_in(self, folder: str) -> list[str]:
        return sorted(name for name in self.names if name.startswith(folder))

    def _prove_all(self) -> list[ProvenEntry]:
        proven: dict[tuple[str, int], ProvenEntry] = {}
        for name in self._names_in(PROOFS_FOLDER):
            self.findings.info("PROOF", self.folder + name, "proof")
            try:
                entry = prove_entry(
                    self._read(name),
                    name=name.removeprefix(PROOFS_FOLDER),
                    trust=self.heads.trust,
                    findings=self.findings,
                )
                leaf = entry.leaf
                if (leaf.log, leaf.index) in proven:
                    text = f"{name}: entry {leaf.index} is proven twice"
                    raise failure("PROOF", text, "proof-twice")
            except FailedCheckError as error:
                self.findings.add_line(error.line)
                continue
            self.heads.add(entry.head)
            self.heads.add_entry(leaf.log, leaf.index, entry.head.checkpoint.size)
            proven[leaf.log, leaf.index] = entry
        return list(proven.values())

    def _check_disclosures(self, leaves: Iterable[Leaf]) -> None:
        by_index: dict[int, list[Leaf]] = {}
        for leaf in leaves:
            if leaf.disclosure_digests:
                by_index.setdefault(leaf.index, []).append(leaf)
        for name in self._names_in(DISCLOSURES_FOLDER):
            text = name.removeprefix(DISCLOSURES_FOLDER).removesuffix(
                DISCLOSURES_SUFFIX,
            )
            try:
                index = parse_decimal(text, "disclosures")
                line = _disclosed(by_index.get(index, []), self._read(name))
            except FailedCheckError as error:
                self.findings.add_line(error.line)
            except GatewayError as error:
                text = f"{name}: {error}"
                self.findings.failed(_DISCLOSED, text, "disclosure")
            else:
                self.findings.ok(_DISCLOSED, f"{index}: {line}", "disclosure")

    def _check_content(self, about: About, shown: Shown) -> Manifest | None:
        if CONTENT_NAME not in self.names:
            return None
        raw = self._read(CONTENT_NAME)
        digests = shown.content_digests
        return check_content(raw, about.envelope, digests, self.findings)

    def _not_shown(self, manifest: Manifest | None) -> list[str]:
        not_shown = ["that the recipient read it", "that what was written is true"]
        if CONTENT_NAME not in self.names:
            not_shown.append("what is inside, because no manifest was given")
        else:
            not_shown.append("that the sealed body holds this manifest")
        if manifest and manifest.attachments and self.attachments is None:
            not_shown.append("that files are the attachments (--attachments)")
        return not_shown


def _disclosed(leaves: list[Leaf], raw: bytes) -> str:
    """Return what a disclosure file shows of the entry that commits to it.

    Raises:
        GatewayError: No entry of the message does.
    """
    error = failure(_DISCLOSED, "no proven entry commits to it", "disclosure")
    for leaf in leaves:
        try:
            shown = read_disclosures(raw, leaf)
        except GatewayError as refusal:
            error = failure(_DISCLOSED, f"{leaf.index}: {refusal}", "disclosure")
            continue
        withheld = len(leaf.disclosure_digests) - len(shown)
        rest = f"; {withheld} more erased or withheld" if withheld else ""
        return f"{', '.join(shown)}; digests match{rest}"
    raise error
