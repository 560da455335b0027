"""Writing a log as a folder that every tlog-tiles tool reads.

The folder is complete once `MANIFEST.sha256` is there, which is written last.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.core import canonical
from gateway.core.errors import VerificationError
from gateway.core.translog.checkpoint import Checkpoint, parse_checkpoint
from gateway.core.translog.merkle import leaf_hash
from gateway.core.translog.note import VerifierKey, parse_note
from gateway.core.translog.tiles import (
    TILE_WIDTH,
    Tile,
    bundles_of,
    encode_bundle,
)
from gateway.verifier.export_texts import keys_text, policy_text, readme_text
from gateway.verifier.files import NewFolder
from gateway.verifier.layout import (
    CHECKPOINT_NAME,
    KEYS_NAME,
    POLICY_NAME,
    README_NAME,
    disclosure_name,
    earlier_name,
)
from gateway.verifier.manifest import MANIFEST_NAME, encode_manifest
from gateway.verifier.tree import TileTree


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """An entry to write.

    Attributes:
        data: The exact bytes that are hashed.
        disclosures: Strings to hand out whose digests stand in the entry.
    """

    data: bytes
    disclosures: tuple[str, ...] = ()


class LogSource(Protocol):
    """Where the log comes from: the admin API, or a store."""

    def keys(self) -> Sequence[VerifierKey]:
        """Return the public keys of the log."""
        ...

    def earlier_checkpoints(self) -> Iterable[bytes]:
        """Return signed notes of smaller trees; asked for before the newest one."""
        ...

    def checkpoint(self) -> bytes:
        """Return the signed note that is exported."""
        ...

    def entries(self, start: int, limit: int) -> Sequence[ExportEntry]:
        """Return entries from `start` on, at least one and at most `limit`."""
        ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        folder: Where.
        origin: The log.
        size: Number of its entries.
        root: Root of the tree over them.
        files: Number of files.
    """

    folder: Path
    origin: str
    size: int
    root: bytes
    files: int


def export_log(source: LogSource, folder: Path) -> Exported:
    """Write a log into a new or empty folder.

    Raises:
        ConflictError: There is something in the folder; nothing is overwritten.
        UsageError: The folder can't be written.
        VerificationError: The log is empty, its checkpoints contradict each other, or
            its entries are not those that were signed. What was written by then has
            no manifest.
        MalformedError: A checkpoint is not one.
        TooLargeError: An entry does not fit the format.
    """
    writer = _Writer(NewFolder.create(folder))
    earlier = list(source.earlier_checkpoints())
    note = source.checkpoint()
    checkpoint = parse_checkpoint(parse_note(note).text)
    if not checkpoint.size:
        raise VerificationError("export: the log is empty, there is nothing to prove")
    _write_entries(source, checkpoint, writer)
    _write_earlier(earlier, checkpoint, writer)
    keys = tuple(source.keys())
    writer.write(KEYS_NAME, keys_text(checkpoint.origin, keys))
    writer.write(POLICY_NAME, policy_text(checkpoint.origin, keys))
    writer.write(README_NAME, readme_text(checkpoint, keys))
    writer.write(CHECKPOINT_NAME, note)
    writer.finish()
    return Exported(
        folder=folder,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        files=len(writer.digests) + 1,
    )


@dataclass(slots=True)
class _Writer:
    """Writes files and remembers their digests for the manifest."""

    folder: NewFolder
    digests: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, content: bytes) -> None:
        self.folder.write(name, content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def write_tiles(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        for tile, content in tiles:
            self.write(tile.path(), content)

    def finish(self) -> None:
        self.folder.write(MANIFEST_NAME, encode_manifest(self.digests))


def _write_entries(source: LogSource, checkpoint: Checkpoint, writer: _Writer) -> None:
    tree = TileTree()
    for bundle in bundles_of(checkpoint.size):
        start = TILE_WIDTH * bundle.index
        entries = list(_read(source, start, bundle.width))
        data = [entry.data for entry in entries]
        writer.write(bundle.path(), encode_bundle(data))
        writer.write_tiles(tree.add(list(map(leaf_hash, data))))
        for index, entry in enumerate(entries, start):
            if entry.disclosures:
                content = encode_disclosures(entry.disclosures)
                writer.write(disclosure_name(index), content)
    writer.write_tiles(tree.partial())
    if tree.root_after() != checkpoint.root:
        raise VerificationError(
            f"export: the entries of {checkpoint.origin} are not those signed at "
            f"size {checkpoint.size}",
        )


def _read(source: LogSource, start: int, count: int) -> Iterator[ExportEntry]:
    end = start + count
    while start < end:
        found = source.entries(start, end - start)
        if not 0 < len(found) <= end - start:
            raise VerificationError(
                f"export: {len(found)} entries from {start} on, expected up to "
                f"{end - start}",
            )
        yield from found
        start += len(found)


def encode_disclosures(disclosures: Iterable[str]) -> bytes:
    """Return a disclosure file: a JSON string a line."""
    return b"".join(canonical.encode(text) + b"\n" for text in disclosures)


def _write_earlier(
    notes: Iterable[bytes],
    newest: Checkpoint,
    writer: _Writer,
) -> None:
    for note in notes:
        checkpoint = parse_checkpoint(parse_note(note).text)
        if checkpoint.origin != newest.origin or checkpoint.size > newest.size:
            raise VerificationError(
                f"export: checkpoint {checkpoint.origin} {checkpoint.size} does not "
                f"precede {newest.origin} {newest.size}",
            )
        # Twice the same size is a contradiction or nothing new: the write refuses it.
        writer.write(earlier_name(checkpoint.size), note)
