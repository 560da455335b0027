"""Whether other signed heads of a log are what the log under check was, or is.

A head of a larger tree shows a rollback, another root for the same entries a split
view. Both are misbehaviour of whoever signs the log: keep the notes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConflictError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.verifier.files import NewFolder
from gateway.verifier.heads import Head
from gateway.verifier.report import Findings

EARLIER_SUBJECT = "APPEND-ONLY"
SEEN_SUBJECT = "SEEN"

_MAX_SHOWN = 4
_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two signed heads that cannot both be of one log that only grew.

    Attributes:
        held: The head of the log under check, or another that contradicts `other`.
        other: The head it was compared with.
        code: `rollback` or `split-view`.
    """

    held: Head
    other: Head
    code: str

    def describe(self) -> str:
        """Return what is wrong, naming both."""
        ours, theirs = self.held.checkpoint, self.other.checkpoint
        if self.code == "rollback":
            return (
                f"ROLLBACK: {self.other.name} holds size {theirs.size}, "
                f"{self.held.name} ends at {ours.size}"
            )
        if ours.size == theirs.size:
            return (
                f"SPLIT VIEW: two signed roots for size {ours.size}: "
                f"{self.held.name} and {self.other.name}"
            )
        return (
            f"SPLIT VIEW: {self.other.name} is signed with another root for size "
            f"{theirs.size} than the entries under {self.held.name} have"
        )


@dataclass(frozen=True, slots=True)
class LinkedLog:
    """The log under check, as far as it was shown.

    Attributes:
        head: Its newest head.
        roots: Roots by size that are shown to be of this log; its own among them.
    """

    head: Head
    roots: Mapping[int, bytes]

    def is_linked(self, other: Head) -> bool:
        """Tell whether a head is shown to be one of this log."""
        found = other.checkpoint
        return self.roots.get(found.size) == found.root

    def text_of(self, size: int) -> bytes | None:
        """Return the text of this log's checkpoint of a size, if its root is shown."""
        root = self.roots.get(size)
        if root is None:
            return None
        return Checkpoint(self.head.checkpoint.origin, size, root).text

    def contradictions(self, others: Sequence[Head]) -> list[Contradiction]:
        """Return which of the heads do not fit this log, or each other."""
        found = []
        by_size: dict[int, Head] = {self.head.checkpoint.size: self.head}
        for other in others:
            theirs = other.checkpoint
            if theirs.size > self.head.checkpoint.size:
                found.append(Contradiction(self.head, other, "rollback"))
            first = by_size.setdefault(theirs.size, other)
            root = self.roots.get(theirs.size, first.checkpoint.root)
            if root != theirs.root:
                has_other_note = first.checkpoint.root != theirs.root
                held = first if has_other_note else self.head
                found.append(Contradiction(held, other, "split-view"))
        return found


def report_earlier(
    log: LinkedLog,
    earlier: Sequence[Head],
    findings: Findings,
) -> list[Contradiction]:
    """Report whether the log only grew from its own earlier heads."""
    if not earlier:
        text = "no earlier checkpoints in the folder"
        findings.info(EARLIER_SUBJECT, text, "no-earlier")
        return []
    sizes = sorted({other.checkpoint.size for other in earlier})
    shown = [f"{size}→{log.head.checkpoint.size}" for size in sizes[:_MAX_SHOWN]]
    if len(sizes) > _MAX_SHOWN:
        shown.append("…")
    text = f"{', '.join(shown)} ({_count(earlier, 'earlier checkpoint')})"
    return _report(log, earlier, subject=EARLIER_SUBJECT, text=text, findings=findings)


def report_seen(
    log: LinkedLog,
    seen: Sequence[Head],
    findings: Findings,
) -> list[Contradiction]:
    """Report whether what others hold of the log is part of it."""
    if not seen:
        return []
    largest = max(other.checkpoint.size for other in seen)
    text = (
        f"{_count(seen, 'checkpoint')} held by others, largest {largest}: "
        "all consistent"
    )
    return _report(log, seen, subject=SEEN_SUBJECT, text=text, findings=findings)


def _report(
    log: LinkedLog,
    others: Sequence[Head],
    *,
    subject: str,
    text: str,
    findings: Findings,
) -> list[Contradiction]:
    wrong = log.contradictions(others)
    for contradiction in wrong:
        findings.failed(subject, contradiction.describe(), contradiction.code)
    if wrong:
        return wrong
    left = [other.name for other in others if not log.is_linked(other)]
    if left:
        more = ", …" if len(left) > _MAX_SHOWN else ""
        text = (
            f"{', '.join(left[:_MAX_SHOWN])}{more}: not compared, nothing here shows "
            "that one tree grew from the other"
        )
        findings.incomplete(subject, text, "not-compared")
    else:
        findings.ok(subject, text, "append-only")
    return []


def write_conflicts(
    folder: Path,
    contradictions: Iterable[Contradiction],
    findings: Findings,
) -> None:
    """Write both notes of each contradiction, as they were signed.

    Raises:
        UsageError: The folder can't be written.
    """
    for found in contradictions:
        origin = found.held.checkpoint.origin
        log = hashlib.sha256(origin.encode()).hexdigest()[:_HASH_DIGITS]
        for head in (found.held, found.other):
            digest = hashlib.sha256(head.note).hexdigest()[:_HASH_DIGITS]
            name = f"conflict-{log}-{head.checkpoint.size}-{digest}.note"
            # Its name holds its digest: if there is one of that name, it is the same.
            with suppress(ConflictError):
                NewFolder(folder).write(name, head.note)
            findings.info("CONFLICT", f"{head.name} kept as {name}", "conflict-written")


def _count(items: Sequence[object], noun: str) -> str:
    return f"{len(items)} {noun}" + ("s" if len(items) > 1 else "")
