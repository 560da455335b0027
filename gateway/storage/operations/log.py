"""The audit log: appended, proven, read; and what is held of the peers' logs."""

from collections.abc import Collection, Sequence

from gateway.core.entries.disclosures import SealedDisclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, LogProofError, NotFoundError
from gateway.core.translog.merkle import (
    EMPTY_ROOT,
    Frontier,
    NodeReader,
    consistency_nodes,
    consistency_proof,
    frontier_nodes,
    inclusion_paths,
)
from gateway.core.translog.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Place,
    Tile,
    TileReader,
    split_tile,
    tiles_for,
)
from gateway.ports.keys import DisclosureVault
from gateway.ports.log import Inclusion, LogHead, SignedCheckpoint
from gateway.storage.appending import disclosure_context
from gateway.storage.transaction import Reader, Transaction

MAX_TREE_LEVEL = 6
"""Highest level of tiles that a log of 2^53 entries can have."""


def append(tx: Transaction, drafts: Sequence[EntryDraft]) -> list[int]:
    """Log entries that no message change carries; return their indices."""
    return [tx.append_entry(draft) for draft in drafts]


def log_head(tx: Reader) -> LogHead:
    """Return the committed end of the log."""
    return LogHead(tx.head().size, _frontier(tx).root())


def _frontier(tx: Reader) -> Frontier:
    head = tx.head()
    return Frontier.from_bytes(head.size, head.frontier)


def record_checkpoint(tx: Transaction, checkpoint: SignedCheckpoint) -> None:
    """Keep a signed checkpoint.

    Raises:
        AssertionError: Another root was signed for that size, or a larger size was
            signed before: never to be released.
    """
    newest = tx.newest_checkpoint()
    if newest is None or newest.size < checkpoint.size:
        tx.add_checkpoint(checkpoint)
    elif newest.size > checkpoint.size:
        raise AssertionError("internal: a checkpoint below one signed before")
    elif newest.root != checkpoint.root:
        raise AssertionError("internal: two roots signed for one size")


def prove(tx: Reader, indices: Sequence[int], size: int) -> list[Inclusion]:
    """Return leaves and inclusion paths under the tree of `size`.

    Raises:
        ConflictError: The size is beyond the log, or a leaf beyond the size.
        NotFoundError: A leaf was pruned.
    """
    _check_size(tx, size)
    try:
        tiles = _tiles_around(indices, size)
        paths = inclusion_paths(indices, size, _node_reader(tx, tiles))
    except LogProofError as error:
        raise ConflictError(str(error)) from error
    entries = tx.entries_at(set(indices))
    for entry in entries.values():
        if not entry.data:
            raise NotFoundError(f"log: entry {entry.index} was pruned")
    return [
        Inclusion(index, entries[index].data, path)
        for index, path in zip(indices, paths, strict=True)
    ]


def consistency(tx: Reader, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new_size` extends that of `old_size`.

    Raises:
        ConflictError: A size is beyond the log, or they are in wrong order.
    """
    _check_size(tx, new_size)
    try:
        tiles = tiles_for(consistency_nodes(old_size, new_size), new_size)
        return consistency_proof(old_size, new_size, _node_reader(tx, tiles))
    except LogProofError as error:
        raise ConflictError(str(error)) from error


def root_at(tx: Reader, size: int) -> bytes:
    """Return the root of an earlier tree.

    Raises:
        ConflictError: The size is beyond the log.
    """
    _check_size(tx, size)
    if size == 0:
        return EMPTY_ROOT
    nodes = frontier_nodes(size)
    reader = _node_reader(tx, tiles_for(nodes, size))
    return Frontier(size, tuple(reader.node(*node) for node in nodes)).root()


def _check_size(tx: Reader, size: int) -> None:
    head = tx.head().size
    if not 0 <= size <= head:
        raise ConflictError(f"log: size {size}, expected 0 to {head}")


def _tiles_around(indices: Collection[int], size: int) -> tuple[Tile, ...]:
    """Return the tiles that hold all siblings on the way of some leaves to the root.

    A sibling lies in the tile of its partner, or, at the right edge of the tree, it
    consists of complete subtrees of the frontier. Far cheaper for a batch than to
    name every sibling of every leaf.
    """
    tiles = set(tiles_for(frontier_nodes(size), size))
    level, positions = 0, set(indices)
    while hashes := size >> TILE_HEIGHT * level:
        positions = {position >> TILE_HEIGHT for position in positions}
        tiles.update(
            Tile(level, position, min(TILE_WIDTH, hashes - position * TILE_WIDTH))
            for position in positions
            if position * TILE_WIDTH < hashes
        )
        level += 1
    return tuple(tiles)


def _node_reader(tx: Reader, tiles: Collection[Tile]) -> NodeReader:
    """Return a reader of complete subtrees, fetched in a few queries."""
    full = tx.full_tiles([(tile.level, tile.index) for tile in tiles])
    hashes: dict[Place, Sequence[bytes]] = {}
    for tile in tiles:
        place = (tile.level, tile.index)
        if place in full:
            hashes[place] = split_tile(full[place], TILE_WIDTH)
        else:
            hashes[place] = _partial_row(tx, tile)
    return TileReader(hashes)


def _partial_row(tx: Reader, tile: Tile) -> list[bytes]:
    """Return the hashes of a tile at the right edge, which is not stored."""
    start = tile.index * TILE_WIDTH
    if tile.level == 0:
        return tx.leaf_hashes(start, start + tile.width)
    return tx.tile_roots(tile.level - 1, start, start + tile.width)


def tile(tx: Reader, level: int, index: int, width: int) -> bytes:
    """Return a hash tile of `width` hashes (256 is a full one).

    Raises:
        NotFoundError: The log has no such tile yet.
    """
    wanted = Tile(level, index, width)
    if not (0 <= level <= MAX_TREE_LEVEL and index >= 0 < width <= TILE_WIDTH):
        raise NotFoundError("tile: no such tile")
    if index * TILE_WIDTH + width > tx.head().size >> TILE_HEIGHT * level:
        raise NotFoundError(f"{wanted.path()}: not there yet")
    full = tx.full_tiles([(level, index)]).get((level, index))
    if full is not None:
        return full[: width * len(EMPTY_ROOT)]
    return b"".join(_partial_row(tx, wanted))


def disclosures(
    tx: Reader,
    index: int,
    *,
    origin: str,
    vault: DisclosureVault,
) -> list[SealedDisclosure]:
    """Return what an entry discloses and was not erased."""
    found = []
    for row in tx.disclosures(index):
        context = disclosure_context(origin, index, row.digest)
        opened = vault.open(row.ring_id, row.sealed, context=context)
        if opened is not None:
            disclosure = SealedDisclosure(row.ring, row.digest, opened.decode("ascii"))
            found.append(disclosure)
    return found
