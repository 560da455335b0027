"""Logs to export and to spoil: sources in memory, folders on disk."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.entries.disclosures import Disclosure
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf, chain_hash
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import leaf_hash, root_of
from gateway.core.translog.note import VerifierKey
from gateway.verifier.export import ExportEntry, export_log
from gateway.verifier.manifest import MANIFEST_NAME, encode_manifest
from gateway.verifier.options import VerifyOptions
from gateway.verifier.report import Outcome, Report
from gateway.verifier.verify import verify_path
from tests.support.cards import seed
from tests.support.logs import NOW

ORIGIN = "moj.ee/audit/1"


def signer_of(origin: str = ORIGIN) -> LogSigner:
    """Return the one signer of a log; whoever forges it uses the same."""
    return LogSigner(
        origin,
        ed25519_seed=seed(f"{origin} ed25519"),
        ml_dsa_seed=seed(f"{origin} ml-dsa"),
    )


@dataclass
class ListSource:
    """A log in a list, signed whatever it holds.

    Attributes:
        items: The entries.
        earlier_sizes: Of which there are checkpoints.
        page: Most entries given at a time.
    """

    items: Sequence[ExportEntry]
    earlier_sizes: Sequence[int] = ()
    signer: LogSigner = field(default_factory=signer_of)
    page: int = 100
    signed: dict[int, bytes] = field(default_factory=dict)

    def keys(self) -> Sequence[VerifierKey]:
        return self.signer.keys

    def earlier_checkpoints(self) -> list[bytes]:
        return [self.note(size) for size in self.earlier_sizes]

    def checkpoint(self) -> bytes:
        return self.note(len(self.items))

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        return self.items[start : start + min(limit, self.page)]

    def note(self, size: int) -> bytes:
        """Return the signed checkpoint of the first entries, always the same."""
        if size not in self.signed:
            root = root_of(leaf_hash(item.data) for item in self.items[:size])
            checkpoint = Checkpoint(self.signer.origin, size, root)
            self.signed[size] = self.signer.sign(checkpoint)
        return self.signed[size]


def raw_entries(count: int) -> list[ExportEntry]:
    """Return entries that are no leaves: an exporter does not look into them."""
    return [ExportEntry(b"entry %d" % number) for number in range(count)]


def leaves(count: int, *, label: str = "a", origin: str = ORIGIN) -> list[ExportEntry]:
    """Return a chained log; every tenth entry discloses somebody."""
    found: list[ExportEntry] = []
    for index in range(count):
        people = (Disclosure("actor", label),) if index % 10 == 0 else ()
        found.append(next_leaf(found, disclosures=people, origin=origin))
    return found


def next_leaf(
    before: Sequence[ExportEntry],
    *,
    disclosures: tuple[Disclosure, ...] = (),
    origin: str = ORIGIN,
) -> ExportEntry:
    """Return an entry that follows others."""
    raw, sealed = build_leaf(
        EntryDraft("auth.fail", NOW, {"count": 1}, disclosures),
        log=origin,
        index=len(before),
        prev=chain_hash(before[-1].data) if before else FIRST_PREV,
        previous_at=NOW,
    )
    return ExportEntry(raw, tuple(item.encoded for item in sealed))


def write_keys(path: Path, keys: Sequence[VerifierKey]) -> Path:
    """Write a file of vkeys and return it."""
    path.write_text("".join(f"{key.to_text()}\n" for key in keys))
    return path


def relist(folder: Path) -> None:
    """Write the manifest of a folder anew, as any forger would."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    digests = {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes(),
        ).hexdigest()
        for path in files
        if path.name != MANIFEST_NAME
    }
    (folder / MANIFEST_NAME).write_bytes(encode_manifest(digests))


@dataclass(frozen=True)
class Case:
    """A place for one test: an exported folder, and the keys beside it."""

    place: Path
    folder: Path
    keys: Path

    @classmethod
    def make(cls, place: Path, source: ListSource) -> "Case":
        """Export a log into a fresh place."""
        export_log(source, place / "log")
        return cls(
            place,
            place / "log",
            write_keys(place / "vkeys", signer_of().keys),
        )

    def copy(self, place: Path) -> "Case":
        """Return a copy to spoil."""
        shutil.copytree(self.place, place, dirs_exist_ok=True)
        return Case(place, place / "log", place / "vkeys")

    def file(self, name: str, content: bytes) -> Path:
        """Write a file beside the folder and return it."""
        path = self.place / name
        path.write_bytes(content)
        return path

    def verify(
        self,
        *,
        seen: Sequence[Path] = (),
        policy: Path | None = None,
        min_size: int | None = None,
    ) -> Report:
        """Return what checking the folder shows."""
        options = VerifyOptions(
            keys=(self.keys,),
            seen=tuple(seen),
            policy=policy,
            min_size=min_size,
        )
        return verify_path(self.folder, options)


def problems(report: Report) -> dict[str, str]:
    """Return code and `SUBJECT text` of all that is not in order."""
    return {
        line.code: f"{line.subject} {line.text}"
        for line in report.lines
        if line.outcome in {Outcome.FAILED, Outcome.INCOMPLETE}
    }
