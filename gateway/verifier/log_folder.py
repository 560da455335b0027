"""Checking an exported log folder from the signed head down to the last byte."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.errors import GatewayError
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.verifier.disclosed import check_disclosures
from gateway.verifier.entries import check_entries
from gateway.verifier.files import EvidenceFolder
from gateway.verifier.heads import (
    Head,
    add_head,
    check_min_size,
    check_witnesses,
    load_seen,
    verify_head,
)
from gateway.verifier.layout import (
    CHECKPOINT_NAME,
    FolderContent,
    check_manifest,
    earlier_name,
    read_layout,
)
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import (
    FailedCheckError,
    Findings,
    Report,
    failure,
    failure_from,
)
from gateway.verifier.trust import Trust, load_trust

_EARLIER_SUBJECT = "APPEND-ONLY"
_SEEN_SUBJECT = "SEEN"
_MAX_SHOWN = 4


def check_log_folder(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a log folder has shown.

    Raises:
        UsageError: No keys were given, or a given file can't be used.
    """
    options.demand_keys()
    options.refuse(
        "log folder",
        *("envelope", "manifest", "fingerprint", "attachments"),
    )
    trust = load_trust(options.keys, options.policy)
    check = _FolderCheck(EvidenceFolder(path), trust, options)
    try:
        check.run()
    except FailedCheckError as error:
        check.findings.add_line(error.line)
    return check.findings.report("log", not_shown=_not_shown(options))


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
class _FolderCheck:
    """One run over a folder."""

    folder: EvidenceFolder
    trust: Trust
    options: VerifyOptions
    findings: Findings = field(default_factory=Findings)

    def run(self) -> None:
        """Check everything there is.

        Raises:
            FailedCheckError: Without what failed there is nothing more to check.
        """
        for file in self.trust.files:
            self.findings.info("KEYS", file.describe(), "keys")
        names = self._names()
        head = self._head()
        seen = self._seen(head)
        content = self._content(names, head)
        check_min_size(head, self.options.min_size, self.findings)
        check_witnesses(head, self.trust, self.findings)
        check_manifest(self.folder, names, self.findings)
        earlier = self._earlier(content, head)
        entries = check_entries(
            self.folder,
            head.checkpoint,
            [other.checkpoint.size for other in (*earlier, *seen)],
        )
        self.findings.add_line(entries.line)
        self._compare(_EARLIER_SUBJECT, earlier, head=head, roots=entries.roots)
        self._compare(_SEEN_SUBJECT, seen, head=head, roots=entries.roots)
        if not self.findings.has_failed:
            self._disclosures(content, head)

    def _names(self) -> frozenset[str]:
        try:
            names = self.folder.names()
        except GatewayError as error:
            raise failure_from("FILES", error) from error
        if not names:
            raise failure("FILES", "the folder is empty: nothing to check", "empty")
        return names

    def _head(self) -> Head:
        raw = self._read_note(CHECKPOINT_NAME)
        head = verify_head(
            raw,
            self.trust,
            name=CHECKPOINT_NAME,
            subject="CHECKPOINT",
        )
        if not head.checkpoint.size:
            raise failure("CHECKPOINT", "the log is empty: nothing to check", "empty")
        add_head(head, self.trust, self.findings)
        return head

    def _read_note(self, name: str) -> bytes:
        try:
            return self.folder.read(name, max_bytes=MAX_NOTE_BYTES)
        except GatewayError as error:
            raise failure_from("CHECKPOINT", error) from error

    def _content(self, names: frozenset[str], head: Head) -> FolderContent:
        try:
            return read_layout(names, head.checkpoint.size)
        except GatewayError as error:
            raise failure_from("FILES", error) from error

    def _earlier(self, content: FolderContent, head: Head) -> list[Head]:
        if not content.earlier_sizes:
            text = "no earlier checkpoints in the folder"
            self.findings.info(_EARLIER_SUBJECT, text, "no-earlier")
        return self._or_report(
            lambda: [self._earlier_head(size, head) for size in content.earlier_sizes],
        )

    def _seen(self, head: Head) -> list[Head]:
        origin = head.checkpoint.origin
        return self._or_report(
            lambda: load_seen(self.options.seen, self.trust, origin),
        )

    def _or_report(self, load: Callable[[], list[Head]]) -> list[Head]:
        """Return heads, or report the one that fails: the entries can be checked."""
        try:
            return load()
        except FailedCheckError as error:
            self.findings.add_line(error.line)
            return []

    def _earlier_head(self, size: int, head: Head) -> Head:
        name = earlier_name(size)
        earlier = verify_head(
            self._read_note(name),
            self.trust,
            name=name,
            subject=_EARLIER_SUBJECT,
        )
        found = earlier.checkpoint
        if (found.origin, found.size) != (head.checkpoint.origin, size):
            text = f"{name}: is of {found.origin} at size {found.size}"
            raise failure(_EARLIER_SUBJECT, text, "checkpoint-name")
        return earlier

    def _compare(
        self,
        subject: str,
        others: Sequence[Head],
        *,
        head: Head,
        roots: Mapping[int, bytes],
    ) -> None:
        """Report whether the log was at each of the other heads what it is now."""
        if not others:
            return
        wrong = [found for other in others if (found := _wrong(other, head, roots))]
        for text, code in wrong:
            self.findings.failed(subject, text, code)
        if wrong:
            return
        if roots.keys() >= {other.checkpoint.size for other in others}:
            self.findings.ok(subject, _describe(others, head), "append-only")
            return
        text = f"{len(others)} checkpoints not compared: the entries do not hold"
        self.findings.incomplete(subject, text, "not-compared")

    def _disclosures(self, content: FolderContent, head: Head) -> None:
        check_disclosures(
            self.folder,
            content.disclosed,
            checkpoint=head.checkpoint,
            findings=self.findings,
        )


def _wrong(
    other: Head,
    head: Head,
    roots: Mapping[int, bytes],
) -> tuple[str, str] | None:
    """Return text and code of a contradiction between two signed heads of a log."""
    theirs, ours = other.checkpoint, head.checkpoint
    if theirs.size > ours.size:
        text = f"ROLLBACK: {other.name} holds size {theirs.size}, "
        return f"{text}the log here ends at {ours.size}", "rollback"
    root = ours.root if theirs.size == ours.size else roots.get(theirs.size)
    if root is None or root == theirs.root:
        return None
    text = f"SPLIT VIEW: {other.name} is signed with another root for size "
    return f"{text}{theirs.size} than the log here has", "split-view"


def _describe(others: Sequence[Head], head: Head) -> str:
    sizes = sorted({other.checkpoint.size for other in others})
    shown = ", ".join(f"{size}→{head.checkpoint.size}" for size in sizes[:_MAX_SHOWN])
    more = ", …" if len(sizes) > _MAX_SHOWN else ""
    return f"{shown}{more} ({len(others)} checkpoints, all consistent)"
