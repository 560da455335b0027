"""Checking an exported log from the signed head down to the last byte.

A folder, or a ZIP file of one. All entries, those that pruning has left, or none but
what comes with proofs of its own: what was and was not there is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import GatewayError, UsageError
from gateway.core.translog.stamps import StampRoots
from gateway.verifier.compare import (
    LinkedLog,
    report_earlier,
    report_seen,
    write_conflicts,
)
from gateway.verifier.consistency import link_roots
from gateway.verifier.coverage import Coverage, cosigned_note
from gateway.verifier.disclosed import VerifiedEntries, check_disclosures
from gateway.verifier.entries import CheckedEntries, EntriesToCheck, check_entries
from gateway.verifier.files import EvidenceFiles, EvidenceFolder
from gateway.verifier.folder_extras import report_cards, report_conflicts
from gateway.verifier.folder_heads import FolderHeads, read_heads
from gateway.verifier.folder_proofs import (
    OwnProof,
    read_own_proofs,
    report_own_proofs,
    report_receipts,
)
from gateway.verifier.heads import (
    Head,
    add_retired,
    check_min_size,
    check_signers,
)
from gateway.verifier.history import with_history
from gateway.verifier.layout import FolderContent, check_manifest, read_layout
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import (
    FailedCheckError,
    Findings,
    Line,
    Outcome,
    Report,
    failure,
    failure_from,
)
from gateway.verifier.stamps import StampCheck, load_roots
from gateway.verifier.trust import Trust, load_trust
from gateway.verifier.zipped import EvidenceZip


def check_log_folder(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a log folder, or a ZIP file of one, has shown.

    Raises:
        UsageError: No keys were given, or a given file can't be used.
    """
    options.demand_keys()
    options.refuse(
        "log folder",
        *("envelope", "manifest", "fingerprint", "attachments"),
    )
    trust = load_trust(options.keys, options.policy, options.history)
    stamp_roots = load_roots(options.tsa_ca)
    findings = Findings()
    not_shown: list[str] = []
    try:
        files = EvidenceFolder(path) if path.is_dir() else EvidenceZip(path)
        check = _LogCheck(files, trust, stamp_roots, options, findings)
        not_shown = check.not_shown
        check.run()
    except FailedCheckError as error:
        findings.add_line(error.line)
    except UsageError:
        raise
    except GatewayError as error:
        findings.add_line(failure_from("FILES", error).line)
    return findings.report("log", not_shown=[*not_shown, *_not_shown(options)])


def _not_shown(options: VerifyOptions) -> list[str]:
    not_shown = [
        "that nothing was left unlogged",
        "that what was logged is true",
    ]
    if not options.seen:
        not_shown.append("that others were shown the same log (--seen)")
    if options.policy is None:
        not_shown.append("that witnesses saw it (--policy)")
    return not_shown


@dataclass(slots=True)
class _LogCheck:
    """One run over a log.

    Attributes:
        not_shown: What stays open because of what is not in the folder.
    """

    files: EvidenceFiles
    trust: Trust
    stamp_roots: StampRoots | None
    options: VerifyOptions
    findings: Findings
    not_shown: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Check everything there is.

        Raises:
            FailedCheckError: Without what failed there is nothing more to check.
            UsageError: A file given beside the folder can't be used.
        """
        for file in self.trust.files:
            self.findings.info("KEYS", file.describe(), "keys")
        names = self._names()
        content = read_layout(names)
        self.trust = with_history(
            self.files,
            content.names["history"],
            self.trust,
            self.findings,
        )
        heads = read_heads(
            self.files,
            content,
            trust=self.trust,
            held=self.options.seen,
            findings=self.findings,
        )
        size = heads.newest.checkpoint.size
        content.check_size(size)
        check_min_size(heads.newest, self.options.min_size, self.findings)
        check_manifest(self.files, names, self.findings)
        proofs = read_own_proofs(
            self.files,
            content.names["proofs"],
            origin=heads.newest.checkpoint.origin,
            trust=self.trust,
            findings=self.findings,
        )
        others = [*heads.earlier, *heads.seen, *(proof.head for proof in proofs)]
        entries = self._entries(content, heads.newest, others)
        self.findings.add_line(entries.line)
        add_retired((proof.head for proof in proofs), self.findings)
        check_signers([heads.newest, *others], entries.signing, self.findings)
        log = self._linked(content, heads.newest, others, entries)
        self._compare(log, heads, proofs)
        coverage = self._coverage(log, others)
        coverage.report(size, self.findings)
        self._beside(content, log)
        if not entries.has_failed:
            self._single_entries(content, log, proofs, coverage)

    def _names(self) -> frozenset[str]:
        names = self.files.names()
        if not names:
            raise failure("FILES", "the folder is empty: nothing to check", "empty")
        return names

    def _entries(
        self,
        content: FolderContent,
        head: Head,
        others: Sequence[Head],
    ) -> CheckedEntries:
        """Check the entries and tiles that are there, and say what is not."""
        size = head.checkpoint.size
        if not content.bundles:
            self.not_shown.append("entries without a proof here")
            if not content.names["proofs"]:
                text = "neither entries nor proofs of entries in the folder"
                self.findings.incomplete("PROOF", text, "no-entries")
        if not content.bundles and not content.tiles:
            text = "none in the folder, nor tiles; each proof stands for itself"
            return CheckedEntries(Line("ENTRIES", text, Outcome.INFO, "no-entries"))
        start = content.first_entry(size)
        if 0 < start < size:
            self.not_shown.append(f"what the {start} pruned entries said")
        sizes = {other.checkpoint.size for other in others}
        sizes.update(*content.numbers("consistency"), *content.numbers("stamps"))
        wanted = frozenset(found for found in sizes if found <= size)
        return check_entries(
            self.files,
            EntriesToCheck(head.checkpoint, start, wanted),
            self.options.progress,
        )

    def _linked(
        self,
        content: FolderContent,
        head: Head,
        others: Sequence[Head],
        entries: CheckedEntries,
    ) -> LinkedLog:
        """Return the roots that are shown to be of this log."""
        known = {**entries.roots, head.checkpoint.size: head.checkpoint.root}
        pairs = content.numbers("consistency")
        if pairs and not entries.has_failed:
            known = link_roots(
                self.files,
                pairs,
                known=known,
                heads=others,
                findings=self.findings,
            )
        return LinkedLog(head, known)

    def _compare(
        self,
        log: LinkedLog,
        heads: FolderHeads,
        proofs: Sequence[OwnProof],
    ) -> None:
        wrong = report_earlier(log, heads.earlier, self.findings)
        wrong += report_seen(log, heads.seen, self.findings)
        of_proofs = [proof.head for proof in proofs]
        for found in log.contradictions(of_proofs):
            self.findings.failed("PROOF", found.describe(), found.code)
            wrong.append(found)
        if self.options.conflicts_out is not None:
            write_conflicts(self.options.conflicts_out, wrong, self.findings)

    def _coverage(self, log: LinkedLog, others: Sequence[Head]) -> Coverage:
        """Return the cosignatures on all heads that are one with the log."""
        keys = self.trust.witness_keys(log.head.checkpoint.origin)
        notes = []
        for head in dict.fromkeys((log.head, *others)):
            try:
                note = cosigned_note(head.checkpoint.size, head.note, keys)
            except GatewayError as error:
                text = f"{head.name}: {error}"
                self.findings.failed("WITNESSES", text, error.code)
                continue
            if log.is_linked(head):
                notes.append(note)
        return Coverage(notes, self.trust.policy)

    def _beside(self, content: FolderContent, log: LinkedLog) -> None:
        """Report what lies beside the log itself."""
        files, names = self.files, content.names
        report_receipts(files, names["receipts"], self.trust, self.findings)
        stamps = StampCheck(files, log.text_of, self.stamp_roots)
        stamps.run(names["stamps"], self.findings)
        report_cards(files, names["cards"], self.trust, self.findings)
        report_conflicts(
            files,
            names["conflicts"],
            origin=log.head.checkpoint.origin,
            trust=self.trust,
            findings=self.findings,
        )

    def _single_entries(
        self,
        content: FolderContent,
        log: LinkedLog,
        proofs: Sequence[OwnProof],
        coverage: Coverage,
    ) -> None:
        """Report the entries that have a proof or a disclosure of their own."""
        checkpoint = log.head.checkpoint
        proven = report_own_proofs(
            proofs,
            log=log,
            coverage=coverage,
            trust=self.trust,
            findings=self.findings,
        )
        if self.findings.has_failed:
            return
        start = content.first_entry(checkpoint.size)
        check_disclosures(
            [index for (index,) in content.numbers("disclosed")],
            VerifiedEntries(self.files, checkpoint, start, proven),
            self.findings,
        )
