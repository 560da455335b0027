"""Checking one entry bundle: every entry hashed, read, and linked to the one before.

A bundle needs no other bundle, only the hash before its first entry, so processes
share the work (`workers`).
"""

from dataclasses import dataclass
from functools import lru_cache

from gateway.core.entries.leaf import Leaf, parse_leaf
from gateway.core.entries.scan import LeafScanner
from gateway.core.errors import GatewayError
from gateway.core.identity import INIT_KIND, KEYS_KIND
from gateway.core.translog.merkle import leaf_hash
from gateway.core.translog.tiles import (
    TILE_WIDTH,
    Bundle,
    Tile,
    decode_bundle,
    split_tile,
)
from gateway.verifier.report import failure

ENTRIES_SUBJECT = "ENTRIES"

_PRUNED = "log.prune"
_ABOUT_KEYS = frozenset({INIT_KIND, KEYS_KIND})


@dataclass(frozen=True, slots=True)
class BundleTask:
    """One bundle to check.

    Attributes:
        origin: The log.
        bundle: Which entries.
        tile: Content of the level-0 tile beside it.
        previous: Leaf hash before the first entry, as its tile has it.
    """

    origin: str
    bundle: Bundle
    tile: bytes
    previous: bytes

    @property
    def start(self) -> int:
        """Index of the first entry."""
        return TILE_WIDTH * self.bundle.index


@dataclass(frozen=True, slots=True)
class Found:
    """What the entries of a bundle say that matters to the log as a whole.

    Attributes:
        minima: `min` of each `log.prune` entry.
        about_keys: Each entry that says which keys sign the log.
    """

    minima: tuple[int, ...]
    about_keys: tuple[bytes, ...]


def check_bundle(task: BundleTask, raw: bytes) -> Found:
    """Check the entries of a bundle's file against its tile and each other.

    Returns:
        What is said in it about the log as a whole.

    Raises:
        FailedCheckError: The first entry that is not what the tile or the entry
            before it says, or that is no entry of this log.
    """
    entries, expected = _split(task, raw)
    follows = _scanner(task.origin).follows
    minima = []
    about_keys = []
    previous = task.previous
    for index, (data, hashed) in enumerate(
        zip(entries, expected, strict=True),
        task.start,
    ):
        if leaf_hash(data) != hashed:
            tile = Tile(0, task.bundle.index, task.bundle.width)
            text = f"hash differs from {tile.path()}[{index - task.start}]"
            raise failure(f"ENTRY {index}", text, "entry-hash")
        # Nearly all pass here; whatever does not is read, and judged, in full.
        if not follows(data, index=index, prev=previous.hex()):
            leaf = _read(data, index=index, previous=previous, origin=task.origin)
            if leaf.kind == _PRUNED:
                minima.append(leaf.number("min"))
            elif leaf.kind in _ABOUT_KEYS:
                about_keys.append(data)
        previous = hashed
    return Found(tuple(minima), tuple(about_keys))


def _split(
    task: BundleTask,
    raw: bytes,
) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return the entries of a bundle and the hashes its tile has of them."""
    try:
        width = task.bundle.width
        return decode_bundle(raw, width), split_tile(task.tile, width)
    except GatewayError as error:
        text = f"{task.bundle.path()}: {error}"
        raise failure(ENTRIES_SUBJECT, text, error.code) from error


@lru_cache(maxsize=4)
def _scanner(origin: str) -> LeafScanner:
    return LeafScanner(origin)


def _read(data: bytes, *, index: int, previous: bytes, origin: str) -> Leaf:
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
    return leaf
