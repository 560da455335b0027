"""Checking a dispute bundle: every file in it, and that all speak of its messages.

A ZIP file or a folder, read one file at a time within limits; nothing is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gateway.core.errors import GatewayError, UsageError
from gateway.core.translog.stamps import StampRoots
from gateway.core.values import AuthorityId
from gateway.verifier.archive import Archive
from gateway.verifier.bundle import (
    ENVELOPE_NAME,
    by_message,
    is_bundle_folder,
    max_file_bytes,
)
from gateway.verifier.bundle_heads import BundleHeads
from gateway.verifier.bundle_message import MessageCheck, read_file
from gateway.verifier.bundle_shared import SharedCheck
from gateway.verifier.files import EvidenceFiles, EvidenceFolder
from gateway.verifier.manifest import MANIFEST_NAME, check_listed, sha256_hex
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import (
    FailedCheckError,
    Findings,
    Report,
    failure,
    failure_from,
)
from gateway.verifier.stamps import load_roots
from gateway.verifier.trust import load_trust

_FILES = "FILES"


def is_bundle(path: Path) -> bool:
    """Tell a folder that is a bundle from one that is a log."""
    return is_bundle_folder(lambda name: (path / name).exists())


def check_bundle_file(path: Path, options: VerifyOptions) -> Report:
    """Return what checking a dispute bundle has shown, in a folder or a ZIP file.

    Raises:
        UsageError: No keys were given, or a given file can't be used.
    """
    options.demand_keys()
    options.refuse(
        "bundle",
        *("seen", "min_size", "envelope", "manifest", "fingerprint"),
        "conflicts_out",
    )
    trust = load_trust(options.keys, options.policy, options.history)
    stamp_roots = load_roots(options.tsa_ca)
    findings = Findings()
    for file in trust.files:
        findings.info("KEYS", file.describe(), "keys")
    not_shown: list[str] = []
    try:
        with _opened(path) as files:
            shared = SharedCheck(files, files.names(), findings)
            _check_listing(shared)
            heads = BundleHeads(shared.with_history(trust), findings)
            check = _BundleCheck(files, shared, heads, options, findings, stamp_roots)
            not_shown = check.run()
    except FailedCheckError as error:
        findings.add_line(error.line)
    return findings.report("bundle", not_shown=not_shown)


@contextmanager
def _opened(path: Path) -> Iterator[EvidenceFiles]:
    """Open a bundle, whose names are all known by then.

    Raises:
        FailedCheckError: A file that no bundle has, or it is not packed as it must be.
        UsageError: It can't be read.
    """
    if path.is_dir():
        yield _folder(path)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    with file:
        yield _archive(file)


def _archive(file: BinaryIO) -> Archive:
    try:
        return Archive.open(file, max_file_bytes)
    except GatewayError as error:
        raise failure_from(_FILES, error) from error


def _folder(path: Path) -> EvidenceFolder:
    folder = EvidenceFolder(path)
    try:
        for name in sorted(folder.names()):
            max_file_bytes(name)
    except GatewayError as error:
        raise failure_from(_FILES, error) from error
    return folder


def _check_listing(shared: SharedCheck) -> None:
    """Report whether all files are there and undamaged.

    Raises:
        FailedCheckError: There is no list.
    """
    files, findings = shared.files, shared.findings
    if MANIFEST_NAME not in shared.names:
        raise failure(_FILES, f"{MANIFEST_NAME}: missing", "not-found")
    try:
        count = check_listed(
            read_file(files, MANIFEST_NAME),
            shared.names - {MANIFEST_NAME},
            lambda name: sha256_hex(files.chunks(name)),
        )
    except GatewayError as error:
        findings.add_line(failure_from(_FILES, error).line)
        return
    findings.ok(_FILES, f"{count} files as {MANIFEST_NAME} lists them", "files")


@dataclass(slots=True)
class _BundleCheck:
    """One run over the files of a bundle."""

    files: EvidenceFiles
    shared: SharedCheck
    heads: BundleHeads
    options: VerifyOptions
    findings: Findings
    stamp_roots: StampRoots | None

    def run(self) -> list[str]:
        """Check everything there is; return what stays open.

        Raises:
            FailedCheckError: Without what failed there is nothing more to check.
        """
        origin = self.shared.check_heads(self.heads)
        sides, not_shown = self._check_messages()
        self.shared.check_cards(sides, self.heads.trust)
        self.shared.check_links(self.heads, origin)
        self.heads.report()
        self.shared.check_stamps(self.heads, origin, self.stamp_roots)
        self.shared.check_conflicts(self.heads.trust, origin)
        not_shown += ["that the rest of the logs holds", "that their clocks were right"]
        if self.options.policy is None:
            not_shown.append("that witnesses saw the logs (--policy)")
        return not_shown

    def _check_messages(self) -> tuple[frozenset[AuthorityId], list[str]]:
        """Check message by message; return both sides, and what stays open.

        Raises:
            FailedCheckError: There is no message that could be checked.
        """
        folders = self._folders()
        sides: frozenset[AuthorityId] = frozenset()
        not_shown: dict[str, None] = {}
        for folder, names in folders.items():
            if folder:
                self.findings.info("MESSAGE", folder.split("/")[1], "message")
            check = MessageCheck(
                self.files,
                folder,
                names,
                self.heads,
                self.findings,
                self._attachments(folder, is_alone=len(folders) == 1),
            )
            try:
                checked = check.run()
            except FailedCheckError as error:
                self.findings.add_line(error.line)
                continue
            not_shown |= dict.fromkeys(checked.not_shown)
            sides = sides or checked.about.sides
            if checked.about.sides != sides:
                text = f"{checked.about.id}: is between {_named(checked.about.sides)}"
                self.findings.failed("MESSAGE", text, "other-sides")
        if not sides:
            raise failure("MESSAGE", "none could be checked", "no-message")
        return sides, list(not_shown)

    def _folders(self) -> dict[str, frozenset[str]]:
        """Return the folders of all messages and the files in each."""
        try:
            folders = by_message(self.shared.names)
        except GatewayError as error:
            raise failure_from(_FILES, error) from error
        if not folders:
            raise failure(_FILES, f"{ENVELOPE_NAME}: missing", "not-found")
        return folders

    def _attachments(self, folder: str, *, is_alone: bool) -> Path | None:
        """Return where the files that were sent lie; of many messages, by its id."""
        place = self.options.attachments
        return place if place is None or is_alone else place / folder.split("/")[1]


def _named(sides: frozenset[AuthorityId]) -> str:
    return " and ".join(sorted(sides))
