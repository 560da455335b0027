"""The signed heads in a log folder, and those that the user holds beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import GatewayError
from gateway.core.limits import MAX_NOTE_BYTES
from gateway.verifier.compare import EARLIER_SUBJECT, SEEN_SUBJECT
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.heads import Head, add_head, add_retired, load_seen, verify_head
from gateway.verifier.layout import CHECKPOINT_NAME, FolderContent, earlier_name
from gateway.verifier.report import FailedCheckError, Findings, failure, failure_from
from gateway.verifier.trust import Trust

_SUBJECT = "CHECKPOINT"


@dataclass(frozen=True, slots=True)
class FolderHeads:
    """Heads that the log has signed.

    Attributes:
        newest: The head under which the folder is checked.
        earlier: Heads the log signed before.
        seen: Heads that others hold: from the folder, then those the user gave.
    """

    newest: Head
    earlier: tuple[Head, ...]
    seen: tuple[Head, ...]


def read_heads(
    files: EvidenceFiles,
    content: FolderContent,
    *,
    trust: Trust,
    held: Sequence[Path],
    findings: Findings,
) -> FolderHeads:
    """Return the heads, each shown to be signed by the log; report what is not.

    Args:
        files: The folder.
        content: What it holds.
        trust: Whose keys are believed.
        held: Files with heads that the user holds.
        findings: Where to report.

    Raises:
        FailedCheckError: The newest head is missing, or not signed.
        UsageError: A file that the user gave can't be used.
    """
    newest = _newest(files, trust)
    add_head(newest, trust, findings)
    origin = newest.checkpoint.origin

    def in_folder(name: str, size: int, subject: str) -> Callable[[], list[Head]]:
        return lambda: [_named(files, name, (origin, size), trust, subject)]

    def gathered(loads: Sequence[Callable[[], list[Head]]]) -> tuple[Head, ...]:
        """Return what could be loaded; what fails is reported and stops no other."""
        found: list[Head] = []
        for load in loads:
            try:
                found += load()
            except FailedCheckError as error:
                findings.add_line(error.line)
        return tuple(found)

    heads = FolderHeads(
        newest=newest,
        earlier=gathered(
            [
                in_folder(earlier_name(size), size, EARLIER_SUBJECT)
                for (size,) in content.numbers("earlier")
            ],
        ),
        seen=gathered(
            [
                *(
                    in_folder(name, int(name.rpartition("-")[2]), SEEN_SUBJECT)
                    for name in content.names["seen"]
                ),
                *(lambda path=path: load_seen([path], trust, origin) for path in held),
            ],
        ),
    )
    add_retired((*heads.earlier, *heads.seen), findings)
    return heads


def _newest(files: EvidenceFiles, trust: Trust) -> Head:
    head = verify_head(
        _read(files, CHECKPOINT_NAME, _SUBJECT),
        trust,
        name=CHECKPOINT_NAME,
        subject=_SUBJECT,
    )
    if not head.checkpoint.size:
        raise failure(_SUBJECT, "the log is empty: nothing to check", "empty")
    return head


def _named(
    files: EvidenceFiles,
    name: str,
    expected: tuple[str, int],
    trust: Trust,
    subject: str,
) -> Head:
    """Return the head in a file whose name says of which size it is."""
    head = verify_head(_read(files, name, subject), trust, name=name, subject=subject)
    found = head.checkpoint
    if (found.origin, found.size) != expected:
        text = f"{name}: is of {found.origin} at size {found.size}"
        raise failure(subject, text, "checkpoint-name")
    return head


def _read(files: EvidenceFiles, name: str, subject: str) -> bytes:
    try:
        return files.read(name, max_bytes=MAX_NOTE_BYTES)
    except GatewayError as error:
        raise failure_from(subject, error) from error
