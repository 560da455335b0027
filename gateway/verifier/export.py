"""Writing a log as a folder that every tlog-tiles tool reads.

The folder is complete once `MANIFEST.sha256` is there, which is written last. One page
of entries at a time is in memory, whatever the log's length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeAlias

from gateway.core import canonical
from gateway.core.errors import LogProofError, VerificationError
from gateway.core.translog.checkpoint import Checkpoint, parse_checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.merkle import (
    HASH_BYTES,
    consistency_nodes,
    consistency_proof,
    leaf_hash,
    verify_consistency,
)
from gateway.core.translog.note import VerifierKey, parse_note
from gateway.core.translog.tiles import (
    TILE_WIDTH,
    Bundle,
    Tile,
    TileReader,
    bundles_of,
    encode_bundle,
    split_tile,
    tiles_for,
)
from gateway.verifier.export_folder import ListedFolder
from gateway.verifier.export_texts import keys_text, policy_text, readme_text
from gateway.verifier.files import EvidenceFolder, NewFolder
from gateway.verifier.layout import (
    CHECKPOINT_NAME,
    KEYS_NAME,
    POLICY_NAME,
    README_NAME,
    consistency_name,
    disclosure_name,
    earlier_name,
    tile_at,
)
from gateway.verifier.tree import TileTree

Progress: TypeAlias = Callable[[int, int], None]
"""Takes the number of entries that are done, and of all."""

_TILES_AT_HAND = 256


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """An entry to write.

    Attributes:
        data: The exact bytes that are hashed; empty once it was pruned.
        disclosures: Strings to hand out whose digests stand in the entry.
        hashed: Leaf hash of an entry that was pruned.
    """

    data: bytes
    disclosures: tuple[str, ...] = ()
    hashed: bytes = b""

    def leaf(self) -> bytes:
        """Return the leaf hash; computed wherever the entry itself is there."""
        return leaf_hash(self.data) if self.data else self.hashed


class LogSource(Protocol):
    """Where the log comes from: the admin API, or a store."""

    def keys(self) -> Sequence[VerifierKey]:
        """Return the public keys of the log."""
        ...

    def checkpoint(self) -> bytes:
        """Return the signed note that is exported; asked for once, and first."""
        ...

    def earlier_checkpoints(self) -> Iterable[bytes]:
        """Return signed notes of smaller trees."""
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
        entries: Number of entries that were written; of pruned ones there is none.
        files: Number of files.
    """

    folder: Path
    origin: str
    size: int
    root: bytes
    entries: int
    files: int


def export_log(
    source: LogSource,
    folder: Path,
    *,
    beside: Iterable[tuple[str, bytes]] = (),
    policy: bytes = b"",
    progress: Progress = lambda _done, _total: None,
) -> Exported:
    """Write a log into a new or empty folder.

    Args:
        source: The log.
        folder: Where to.
        beside: Names and contents of further files, such as time stamps.
        policy: The log's own policy; without one, that it is believed alone.
        progress: Told now and then how far it is.

    Raises:
        ConflictError: There is something in the folder; nothing is overwritten.
        UsageError: The folder can't be written.
        VerificationError: The log is empty, its checkpoints contradict each other, or
            its entries are not those that were signed. What was written by then has
            no manifest.
        MalformedError: A checkpoint is not one.
        TooLargeError: An entry does not fit the format.
    """
    writer = ListedFolder(NewFolder.create(folder))
    note = source.checkpoint()
    checkpoint = parse_checkpoint(parse_note(note).text)
    if not checkpoint.size:
        raise VerificationError("export: the log is empty, there is nothing to prove")
    pruned = _Entries(source, checkpoint, writer, progress).write()
    _write_earlier(source.earlier_checkpoints(), checkpoint, writer)
    for name, content in beside:
        writer.write(name, content)
    keys = tuple(source.keys())
    writer.write(KEYS_NAME, keys_text(checkpoint.origin, keys))
    writer.write(POLICY_NAME, policy or policy_text(checkpoint.origin, keys))
    writer.write(README_NAME, readme_text(checkpoint, keys, pruned=pruned))
    writer.write(CHECKPOINT_NAME, note)
    return Exported(
        folder=folder,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        entries=checkpoint.size - pruned,
        files=writer.finish(),
    )


@dataclass(slots=True)
class _Entries:
    """Entries and tiles on their way into a folder."""

    source: LogSource
    checkpoint: Checkpoint
    writer: ListedFolder
    progress: Progress

    def write(self) -> int:
        """Write all there are; return how many were pruned."""
        tree, pruned = TileTree(), 0
        for bundle in bundles_of(self.checkpoint.size):
            entries = list(self._read(TILE_WIDTH * bundle.index, bundle.width))
            if all(entry.data for entry in entries):
                self._write_bundle(bundle, entries)
            elif tree.size == pruned and not any(entry.data for entry in entries):
                pruned += len(entries)
            else:
                raise VerificationError(
                    f"export: an entry from {TILE_WIDTH * bundle.index} on was pruned "
                    "in the midst of others",
                )
            self._write_tiles(tree.add([entry.leaf() for entry in entries]))
            self.progress(tree.size, self.checkpoint.size)
        self._write_tiles(tree.partial())
        if tree.root_after() != self.checkpoint.root:
            raise VerificationError(
                f"export: the entries of {self.checkpoint.origin} are not those signed "
                f"at size {self.checkpoint.size}",
            )
        return pruned

    def _read(self, start: int, count: int) -> Iterator[ExportEntry]:
        end = start + count
        while start < end:
            found = self.source.entries(start, end - start)
            if not 0 < len(found) <= end - start:
                raise VerificationError(
                    f"export: {len(found)} entries from {start} on, expected up to "
                    f"{end - start}",
                )
            yield from found
            start += len(found)

    def _write_bundle(self, bundle: Bundle, entries: Sequence[ExportEntry]) -> None:
        content = encode_bundle([entry.data for entry in entries])
        self.writer.write(bundle.path(), content)
        for index, entry in enumerate(entries, TILE_WIDTH * bundle.index):
            if entry.disclosures:
                content = encode_disclosures(entry.disclosures)
                self.writer.write(disclosure_name(index), content)

    def _write_tiles(self, tiles: Iterable[tuple[Tile, bytes]]) -> None:
        for tile, content in tiles:
            self.writer.write(tile.path(), content)


def encode_disclosures(disclosures: Iterable[str]) -> bytes:
    """Return a disclosure file: a JSON string a line."""
    return b"".join(canonical.encode(text) + b"\n" for text in disclosures)


def encode_consistency(hashes: Iterable[bytes]) -> bytes:
    """Return a consistency file: a base64 hash a line."""
    return "".join(f"{encode_base64(one)}\n" for one in hashes).encode()


def _write_earlier(
    notes: Iterable[bytes],
    newest: Checkpoint,
    writer: ListedFolder,
) -> None:
    """Write checkpoints of smaller trees, and that the newest begins with each."""
    tiles = _WrittenTiles(writer, newest.size)
    for note in notes:
        checkpoint = parse_checkpoint(parse_note(note).text)
        if checkpoint.origin != newest.origin or checkpoint.size > newest.size:
            raise VerificationError(
                f"export: checkpoint {checkpoint.origin} {checkpoint.size} does not "
                f"precede {newest.origin} {newest.size}",
            )
        # Twice the same size is a contradiction or nothing new: the write refuses it.
        writer.write(earlier_name(checkpoint.size), note)
        if 0 < checkpoint.size < newest.size:
            hashes = tiles.consistency(checkpoint, newest)
            name = consistency_name(checkpoint.size, newest.size)
            writer.write(name, encode_consistency(hashes))


class _WrittenTiles:
    """The tiles of a log that were just written, read back for proofs."""

    def __init__(self, writer: ListedFolder, size: int) -> None:
        self._files = EvidenceFolder(writer.folder.root)
        self._size = size
        self._row = lru_cache(_TILES_AT_HAND)(self._read_row)

    def consistency(self, old: Checkpoint, new: Checkpoint) -> tuple[bytes, ...]:
        """Return the proof that the log grew from one checkpoint to another.

        Raises:
            VerificationError: It did not: two logs were signed.
        """
        nodes = consistency_nodes(old.size, self._size)
        wanted = tiles_for(nodes, self._size)
        reader = TileReader(
            {
                (one.level, one.index): self._row(one.level, one.index)[: one.width]
                for one in wanted
            },
        )
        hashes = consistency_proof(old.size, self._size, reader)
        try:
            verify_consistency(
                old_size=old.size,
                new_size=new.size,
                old_root=old.root,
                new_root=new.root,
                proof=hashes,
            )
        except LogProofError as error:
            raise VerificationError(f"export: {error}") from error
        return hashes

    def _read_row(self, level: int, index: int) -> tuple[bytes, ...]:
        tile = tile_at(level, index, self._size)
        if tile is None:
            raise AssertionError(f"internal: no tile {level}/{index}")
        raw = self._files.read(tile.path(), max_bytes=HASH_BYTES * TILE_WIDTH)
        return split_tile(raw, tile.width)
