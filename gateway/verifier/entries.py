"""Checking the entries of a log folder: every byte hashed, every link followed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.core.entries.leaf import FIRST_PREV, parse_leaf
from gateway.core.errors import GatewayError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.merkle import HASH_BYTES, leaf_hash
from gateway.core.translog.tiles import (
    TILE_WIDTH,
    Bundle,
    Tile,
    bundles_of,
    decode_bundle,
    split_tile,
)
from gateway.verifier.files import EvidenceFolder
from gateway.verifier.layout import max_bundle_bytes
from gateway.verifier.report import FailedCheckError, Line, Outcome, failure
from gateway.verifier.tree import TileTree

_SUBJECT = "ENTRIES"
_NO_PREVIOUS = bytes.fromhex(FIRST_PREV)


@dataclass(frozen=True, slots=True)
class BundleTask:
    """One bundle to check; needs no other bundle, so many can be checked at a time.

    Attributes:
        origin: The log.
        bundle: Which entries.
        entries: Content of the bundle's file.
        tile: Content of the level-0 tile beside it.
        previous: Leaf hash before the first entry, as its tile has it.
    """

    origin: str
    bundle: Bundle
    entries: bytes
    tile: bytes
    previous: bytes


def check_bundle(task: BundleTask) -> tuple[bytes, ...]:
    """Return the leaf hashes of a bundle's entries, computed from their bytes.

    Raises:
        FailedCheckError: The first entry that is not what the tile or the entry
            before it says, or that is no entry of this log.
    """
    try:
        entries = decode_bundle(task.entries, task.bundle.width)
        expected = split_tile(task.tile, task.bundle.width)
    except GatewayError as error:
        raise failure(_SUBJECT, f"{task.bundle.path()}: {error}", error.code) from error
    previous = task.previous
    start = TILE_WIDTH * task.bundle.index
    for index, (data, hashed) in enumerate(zip(entries, expected, strict=True), start):
        if leaf_hash(data) != hashed:
            tile = Tile(0, task.bundle.index, task.bundle.width)
            raise failure(
                f"ENTRY {index}",
                f"hash differs from {tile.path()}[{index - start}]",
                "entry-hash",
            )
        _check_leaf(data, index=index, previous=previous, origin=task.origin)
        previous = hashed
    return expected


def _check_leaf(data: bytes, *, index: int, previous: bytes, origin: str) -> None:
    try:
        leaf = parse_leaf(data, log=origin)
    except GatewayError as error:
        raise failure(f"ENTRY {index}", str(error), "entry-malformed") from error
    if leaf.index != index:
        raise failure(f"ENTRY {index}", f"says it is entry {leaf.index}", "entry-index")
    if leaf.prev != previous.hex():
        raise failure(
            f"ENTRY {index}",
            f"CHAIN BROKEN at {index}: it does not name the entry before it",
            "chain-broken",
        )


@dataclass(frozen=True, slots=True)
class CheckedEntries:
    """What one pass over all entries has shown.

    Attributes:
        line: What to report.
        roots: By size, the roots of the smaller trees that were asked for; none if
            the entries do not hold, for then they are not the log's.
    """

    line: Line
    roots: Mapping[int, bytes]


def check_entries(
    folder: EvidenceFolder,
    checkpoint: Checkpoint,
    sizes: Iterable[int],
) -> CheckedEntries:
    """Check all entries and tiles of a folder in constant memory.

    Args:
        folder: The log folder.
        checkpoint: The signed head that the entries must lead to.
        sizes: Whose roots are wanted.
    """
    check = _EntriesPass(folder, checkpoint)
    try:
        return CheckedEntries(*check.run(sizes))
    except FailedCheckError as error:
        return CheckedEntries(error.line, {})


@dataclass(frozen=True, slots=True)
class _EntriesPass:
    folder: EvidenceFolder
    checkpoint: Checkpoint

    def run(self, sizes: Iterable[int]) -> tuple[Line, dict[int, bytes]]:
        tree = TileTree()
        waiting = sorted(set(sizes), reverse=True)
        roots = {}
        for task in self._tasks():
            hashes = check_bundle(task)
            while waiting and waiting[-1] <= tree.size + len(hashes):
                size = waiting.pop()
                roots[size] = tree.root_after(hashes[: size - tree.size])
            self._check_tiles(tree.add(hashes))
        self._check_tiles(tree.partial())
        return self._conclude(tree), roots

    def _tasks(self) -> Iterator[BundleTask]:
        previous = _NO_PREVIOUS
        for bundle in bundles_of(self.checkpoint.size):
            tile = Tile(0, bundle.index, bundle.width)
            hashes = self._read(tile.path(), HASH_BYTES * tile.width)
            yield BundleTask(
                origin=self.checkpoint.origin,
                bundle=bundle,
                entries=self._read(bundle.path(), max_bundle_bytes(bundle)),
                tile=hashes,
                previous=previous,
            )
            previous = hashes[-HASH_BYTES:]

    def _read(self, name: str, max_bytes: int) -> bytes:
        try:
            return self.folder.read(name, max_bytes=max_bytes)
        except GatewayError as error:
            raise failure(_SUBJECT, str(error), error.code) from error

    def _check_tiles(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        for tile, content in tiles:
            # The lowest tiles were compared entry by entry.
            if tile.level and self._read(tile.path(), len(content)) != content:
                raise failure(
                    _SUBJECT,
                    f"{tile.path()} is not what its entries hash to",
                    "tile",
                )

    def _conclude(self, tree: TileTree) -> Line:
        root = tree.root_after()
        if root != self.checkpoint.root:
            raise failure(
                _SUBJECT,
                f"hash to root {encode_base64(root)}, not to the one signed",
                "root",
            )
        return Line(
            _SUBJECT,
            f"{tree.size} present; leaf hashes, chain prev 0→{tree.size - 1}, "
            "tiles and root recomputed",
            Outcome.OK,
            "entries",
        )
