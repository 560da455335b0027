"""Checking the entries and tiles of a log folder up to the signed root.

Every byte is hashed, every link followed. Of pruned entries only the leaf hashes are
left, in the tiles: the tree is rebuilt from these, and the chain starts at the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.entries.leaf import FIRST_PREV, parse_leaf
from gateway.core.errors import GatewayError
from gateway.core.identity import SigningKeys
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.encoding import encode_base64
from gateway.core.translog.merkle import HASH_BYTES
from gateway.core.translog.tiles import (
    TILE_WIDTH,
    Bundle,
    Tile,
    bundles_of,
    split_tile,
)
from gateway.verifier.bundle_check import ENTRIES_SUBJECT, BundleTask, Found
from gateway.verifier.files import EvidenceFiles
from gateway.verifier.options import Progress
from gateway.verifier.report import FailedCheckError, Line, Outcome, failure
from gateway.verifier.tree import TileTree
from gateway.verifier.workers import check_in_order

_NO_PREVIOUS = bytes.fromhex(FIRST_PREV)


@dataclass(frozen=True, slots=True)
class EntriesToCheck:
    """What a folder holds of its log's entries.

    Attributes:
        checkpoint: The signed head that the entries must lead to.
        start: Index of the first entry that is in the folder; the log's size if none.
        sizes: Sizes of the smaller trees whose roots are wanted.
    """

    checkpoint: Checkpoint
    start: int = 0
    sizes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckedEntries:
    """What one pass over all entries has shown.

    Attributes:
        line: What to report.
        roots: By size, the roots of the smaller trees that were asked for; none if
            the entries do not hold, for then they are not the log's.
        signing: What the entries say of the keys that sign the log.
    """

    line: Line
    roots: Mapping[int, bytes] = field(default_factory=dict)
    signing: SigningKeys = field(default_factory=SigningKeys)

    @property
    def has_failed(self) -> bool:
        """Whether the entries are not those that were signed."""
        return self.line.outcome is Outcome.FAILED


def check_entries(
    files: EvidenceFiles,
    wanted: EntriesToCheck,
    progress: Progress | None = None,
) -> CheckedEntries:
    """Check all entries and tiles of a folder in constant memory."""
    check = _EntriesPass(files, wanted, progress)
    try:
        return check.run()
    except FailedCheckError as error:
        return CheckedEntries(error.line)


@dataclass(slots=True)
class _EntriesPass:
    files: EvidenceFiles
    wanted: EntriesToCheck
    progress: Progress | None
    tree: TileTree = field(default_factory=TileTree)
    roots: dict[int, bytes] = field(default_factory=dict)
    previous: bytes = _NO_PREVIOUS
    pruned_below: int = 0
    signing: SigningKeys = field(default_factory=SigningKeys)

    def run(self) -> CheckedEntries:
        size, start = self.wanted.checkpoint.size, self.wanted.start
        waiting = sorted(self.wanted.sizes, reverse=True)
        # A bundle at the start may be there in part of a log that ended within it.
        absent = (bundle for bundle in bundles_of(size) if _at(bundle) < start)
        for bundle in absent:
            self._grow(self._tile_of(bundle), bundle.width, waiting)
        present = [bundle for bundle in bundles_of(size) if _at(bundle) >= start]
        tasks = map(self._task, present)
        for task, found in check_in_order(self.files, tasks, count=len(present)):
            if isinstance(found, Line):
                raise FailedCheckError(found)
            self.pruned_below = max(self.pruned_below, *found.minima, 0)
            self._read_keys(found)
            self._grow(task.tile, task.bundle.width, waiting)
            if self.progress:
                self.progress(self.tree.size, size)
        self._check_tiles(self.tree.partial())
        self._check_root()
        line = self._conclude(len(present))
        return CheckedEntries(line, self.roots, self.signing)

    def _read_keys(self, found: Found) -> None:
        try:
            for raw in found.about_keys:
                self.signing.read(parse_leaf(raw, log=self.wanted.checkpoint.origin))
        except GatewayError as error:
            raise failure(ENTRIES_SUBJECT, str(error), error.code) from error

    def _task(self, bundle: Bundle) -> BundleTask:
        hashes, previous = self._tile_of(bundle), self.previous
        self.previous = hashes[-HASH_BYTES:]
        return BundleTask(self.wanted.checkpoint.origin, bundle, hashes, previous)

    def _tile_of(self, bundle: Bundle) -> bytes:
        tile = Tile(0, bundle.index, bundle.width)
        hashes = self._read(tile.path(), HASH_BYTES * tile.width)
        if _at(bundle) < self.wanted.start:
            self.previous = hashes[-HASH_BYTES:]
        return hashes

    def _grow(self, tile: bytes, width: int, waiting: list[int]) -> None:
        """Add the hashes of a bundle to the tree, and take the roots on the way."""
        try:
            hashes = split_tile(tile, width)
        except GatewayError as error:
            raise failure(ENTRIES_SUBJECT, str(error), error.code) from error
        tree = self.tree
        while waiting and waiting[-1] <= tree.size + width:
            size = waiting.pop()
            self.roots[size] = tree.root_after(hashes[: size - tree.size])
        self._check_tiles(tree.add(hashes))

    def _read(self, name: str, max_bytes: int) -> bytes:
        try:
            return self.files.read(name, max_bytes=max_bytes)
        except GatewayError as error:
            raise failure(ENTRIES_SUBJECT, str(error), error.code) from error

    def _check_tiles(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        for tile, content in tiles:
            # The lowest tiles are what the tree is rebuilt from.
            if tile.level and self._read(tile.path(), len(content)) != content:
                raise failure(
                    ENTRIES_SUBJECT,
                    f"{tile.path()} is not what its entries hash to",
                    "tile",
                )

    def _check_root(self) -> None:
        root = self.tree.root_after()
        if root != self.wanted.checkpoint.root:
            raise failure(
                ENTRIES_SUBJECT,
                f"hash to root {encode_base64(root)}, not to the one signed",
                "root",
            )

    def _conclude(self, bundles: int) -> Line:
        size, start = self.wanted.checkpoint.size, self.wanted.start
        if not bundles:
            text = f"none in the folder; root recomputed from {size} leaf hashes"
            return Line(ENTRIES_SUBJECT, text, Outcome.INFO, "no-entries")
        if start > self.pruned_below:
            raise failure(
                ENTRIES_SUBJECT,
                f"{start} before entry {start} are missing, and no log.prune entry "
                f"lets go of more than {self.pruned_below}",
                "not-found",
            )
        chain = f"chain prev {max(0, start - 1)}→{size - 1}"
        return Line(
            ENTRIES_SUBJECT,
            f"{size - start} present, {start} pruned; leaf hashes, {chain}, "
            "tiles and root recomputed",
            Outcome.OK,
            "entries",
        )


def _at(bundle: Bundle) -> int:
    return TILE_WIDTH * bundle.index
