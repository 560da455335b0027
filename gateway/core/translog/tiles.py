"""Tiles: the tree and its entries cut into files that never change once full.

A tile of level L holds up to 256 hashes of complete subtrees of height 8 * L, so a
reader fetches eight rows of the tree at once. Specification, section 8.3.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gateway.core.errors import LogProofError, MalformedError, TooLargeError
from gateway.core.translog.encoding import MAX_SIZE
from gateway.core.translog.merkle import (
    HASH_BYTES,
    Node,
    NodeReader,
    subtree_rows,
)

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_BUNDLE_ENTRY_BYTES = 65_535

_LENGTH_BYTES = 2
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/"
    r"(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?\Z",
)

Place: TypeAlias = tuple[int, int]
"""Level and index of a tile."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Which hashes of the tree a hash tile holds.

    Attributes:
        level: 0 holds leaf hashes, each level above the roots of full tiles below.
        index: Position in its level.
        width: How many hashes, 1 to 256; below 256 the tile is partial.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Return where it lies below the prefix of its log."""
        return tile_path(self.level, self.index, self.width)


@dataclass(frozen=True, slots=True, order=True)
class Bundle:
    """Which entries an entry bundle holds: those of the level-0 tile at its index."""

    index: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Return where it lies below the prefix of its log."""
        return entries_path(self.index, self.width)


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a hash tile, below the prefix of its log."""
    return f"tile/{level}/{_number_path(index)}{_width_path(width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of an entry bundle, below the prefix of its log."""
    return f"tile/entries/{_number_path(index)}{_width_path(width)}"


def parse_path(path: str) -> Tile | Bundle:
    """Return what lies at a path that `tile_path` or `entries_path` wrote.

    Raises:
        MalformedError: Not such a path, or beyond the largest tree.
    """
    match = _PATH.match(path)
    if not match:
        raise MalformedError(f"tile path: {path[:80]!r}, expected like 'tile/0/000'")
    level, width = match["level"], int(match["width"] or TILE_WIDTH)
    index = int(match["number"].replace("x", "").replace("/", ""))
    found: Tile | Bundle = Bundle(index, width)
    if level != "entries":
        found = Tile(int(level), index, width)
    # Writing it again refuses needless groups of zeros and a width of 256.
    if found.path() != path or width > TILE_WIDTH or index > MAX_SIZE // TILE_WIDTH:
        raise MalformedError(f"tile path: {path[:80]!r} is out of range")
    return found


def _number_path(index: int) -> str:
    index, last = divmod(index, 1000)
    path = f"{last:03d}"
    while index:
        index, group = divmod(index, 1000)
        path = f"x{group:03d}/{path}"
    return path


def _width_path(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield the tiles of a tree, level by level; each level ends with its partial."""
    level, hashes = 0, size
    while hashes:
        full, rest = divmod(hashes, TILE_WIDTH)
        for index in range(full):
            yield Tile(level, index)
        if rest:
            yield Tile(level, full, rest)
        level, hashes = level + 1, full


def bundles_of(size: int) -> Iterator[Bundle]:
    """Yield the entry bundles of a log of `size` entries; the last may be partial."""
    full, rest = divmod(size, TILE_WIDTH)
    for index in range(full):
        yield Bundle(index)
    if rest:
        yield Bundle(full, rest)


def tiles_filled(old_size: int, new_size: int) -> Iterator[Tile]:
    """Yield the tiles that are full at the new size and were not at the old one.

    In the order in which they can be built: lower levels first.
    """
    level, old, new = 0, old_size // TILE_WIDTH, new_size // TILE_WIDTH
    while new:
        for index in range(old, new):
            yield Tile(level, index)
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH


def _locate(height: int, index: int) -> tuple[Place, int, int]:
    """Return the tile of a complete subtree, and row and position within it."""
    level, row = divmod(height, TILE_HEIGHT)
    tile, position = divmod(index, TILE_WIDTH >> row)
    return (level, tile), row, position


def tiles_for(nodes: Iterable[Node], size: int) -> tuple[Tile, ...]:
    """Return the tiles of a tree that hold the given complete subtrees, in order.

    Raises:
        LogProofError: A subtree is not complete at this size.
    """
    places = set()
    for height, index in nodes:
        if (index + 1) << height > size:
            raise LogProofError(f"tiles: no subtree {index} of height {height}")
        places.add(_locate(height, index)[0])
    return tuple(_tile_at(level, index, size) for level, index in sorted(places))


def _tile_at(level: int, index: int, size: int) -> Tile:
    hashes = size >> TILE_HEIGHT * level
    return Tile(level, index, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


class TileReader:
    """Reads complete subtrees from the hashes of tiles.

    The rows within a tile are computed when the tile is first used, once.
    """

    def __init__(self, tiles: Mapping[Place, Sequence[bytes]]) -> None:
        self._tiles = tiles
        self._rows: dict[Place, list[list[bytes]]] = {}

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of a complete subtree.

        Raises:
            LogProofError: Its tile is missing or too short.
        """
        place, row, position = _locate(height, index)
        rows = self._rows_of(place)
        if row >= len(rows) or position >= len(rows[row]):
            raise LogProofError(f"{tile_path(*place)}: too short")
        return rows[row][position]

    def _rows_of(self, place: Place) -> list[list[bytes]]:
        rows = self._rows.get(place)
        if rows is None:
            hashes = self._tiles.get(place)
            if hashes is None:
                raise LogProofError(f"{tile_path(*place)}: missing")
            rows = self._rows[place] = subtree_rows(hashes)
        return rows


def build_tile(tile: Tile, reader: NodeReader) -> bytes:
    """Return the content of a tile, full or partial."""
    height, start = TILE_HEIGHT * tile.level, TILE_WIDTH * tile.index
    positions = range(start, start + tile.width)
    return b"".join(reader.node(height, position) for position in positions)


def split_tile(raw: bytes, width: int) -> tuple[bytes, ...]:
    """Return the hashes in the content of a tile of `width` hashes.

    Raises:
        MalformedError: The content has another length.
    """
    if len(raw) != width * HASH_BYTES:
        raise MalformedError(f"tile: {len(raw)} bytes, expected {width} hashes")
    starts = range(0, len(raw), HASH_BYTES)
    return tuple(raw[at : at + HASH_BYTES] for at in starts)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return the content of an entry bundle.

    Raises:
        TooLargeError: An entry is over 65,535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_BUNDLE_ENTRY_BYTES:
            raise TooLargeError(f"entry: {len(entry)} bytes, at most 65,535")
        parts += (len(entry).to_bytes(_LENGTH_BYTES, "big"), entry)
    return b"".join(parts)


def decode_bundle(raw: bytes, width: int) -> tuple[bytes, ...]:
    """Return the entries in the content of a bundle of `width` entries.

    Raises:
        MalformedError: More or fewer bytes than those entries take.
    """
    entries = []
    at = 0
    for _ in range(width):
        start = at + _LENGTH_BYTES
        end = start + int.from_bytes(raw[at:start], "big")
        if end > len(raw):
            raise MalformedError(f"entry bundle: ends before its {width} entries do")
        entries.append(raw[start:end])
        at = end
    if at != len(raw):
        raise MalformedError(f"entry bundle: goes on after its {width} entries")
    return tuple(entries)
