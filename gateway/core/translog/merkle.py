"""The Merkle tree of RFC 6962: growing it, proving in it, checking proofs.

A *complete* subtree of height h and index k holds exactly the leaves k * 2^h up to
(k + 1) * 2^h; its hash never changes again, so complete subtrees are all a store has
to keep. Specification, section 8.4.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gateway.core.errors import LogProofError, MalformedError

HASH_BYTES = 32

Path: TypeAlias = tuple[bytes, ...]
"""Hashes that lead from a leaf or an older tree to a root, lowest first."""

Node: TypeAlias = tuple[int, int]
"""Height and index of a complete subtree."""

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""

# Copying a started hash is a sixth cheaper than starting one, and the prefix is in it.
_start_leaf = hashlib.sha256(b"\x00").copy
_start_node = hashlib.sha256(b"\x01").copy


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf that holds `data`."""
    state = _start_leaf()
    state.update(data)
    return state.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the parent of two 32-byte hashes."""
    state = _start_node()
    state.update(left + right)
    return state.digest()


def _join(row: Sequence[bytes]) -> list[bytes]:
    """Return the parents of a row; a last one without a partner has none yet."""
    return list(map(node_hash, row[::2], row[1::2]))


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over adjoining subtrees, largest first; at least one."""
    root = hashes[-1]
    for left in hashes[-2::-1]:
        root = node_hash(left, root)
    return root


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to append to a tree and to know its root.

    Attributes:
        size: Number of leaves.
        hashes: Hashes of the largest complete subtrees, left to right; one for each
            1-bit of `size`.
    """

    size: int = 0
    hashes: Path = ()

    def push(self, leaf: bytes) -> "Frontier":
        """Return the frontier after one more leaf, given by its hash."""
        kept, low_bits = len(self.hashes), self.size
        while low_bits & 1:
            kept -= 1
            leaf = node_hash(self.hashes[kept], leaf)
            low_bits >>= 1
        return Frontier(self.size + 1, (*self.hashes[:kept], leaf))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the frontier after more leaves, given by their hashes.

        Works a whole row at a time: far cheaper than pushing one by one.
        """
        row = list(leaves)
        size = self.size + len(row)
        waiting = list(self.hashes)  # the smallest is last
        unpaired: list[bytes] = []
        height = 0
        while row or waiting:
            if self.size >> height & 1:
                row.insert(0, waiting.pop())
            if len(row) & 1:
                unpaired.append(row.pop())
            row = _join(row)
            height += 1
        return Frontier(size, tuple(reversed(unpaired)))

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT

    def to_bytes(self) -> bytes:
        """Return the hashes back to back; the size has to be kept beside them."""
        return b"".join(self.hashes)

    @staticmethod
    def from_bytes(size: int, raw: bytes) -> "Frontier":
        """Return the frontier of a tree of `size` leaves that `to_bytes` wrote.

        Raises:
            MalformedError: `raw` does not hold one hash for each 1-bit of `size`.
        """
        if size < 0 or len(raw) != HASH_BYTES * size.bit_count():
            raise MalformedError(f"frontier: {len(raw)} bytes do not fit size {size}")
        starts = range(0, len(raw), HASH_BYTES)
        return Frontier(size, tuple(raw[at : at + HASH_BYTES] for at in starts))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree with these leaf hashes."""
    return Frontier().extend(leaves).root()


class NodeReader(Protocol):
    """Where hashes of complete subtrees come from."""

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of the leaves [index * 2^height, (index + 1) * 2^height)."""
        ...


def subtree_rows(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return all complete subtrees over adjoining hashes, row by row from below."""
    rows = [list(hashes)]
    while len(rows[-1]) > 1:
        rows.append(_join(rows[-1]))
    return rows


def frontier_nodes(size: int) -> tuple[Node, ...]:
    """Return the largest complete subtrees of a tree, left to right."""
    heights = reversed(range(size.bit_length()))
    return tuple((h, (size >> h) - 1) for h in heights if size >> h & 1)


def inclusion_nodes(index: int, size: int) -> tuple[Node, ...]:
    """Return the complete subtrees needed to prove a leaf in a tree.

    Raises:
        LogProofError: There is no such leaf in a tree of that size.
    """
    _check_index(index, size)
    return _nodes_above(0, index, size)


def consistency_nodes(old_size: int, new_size: int) -> tuple[Node, ...]:
    """Return the complete subtrees needed to prove that a tree only grew.

    Raises:
        LogProofError: The old size is the larger one.
    """
    _check_sizes(old_size, new_size)
    if old_size in {0, new_size}:
        return ()
    height, index = _last_complete(old_size)
    above = _nodes_above(height, index, new_size)
    return ((height, index), *above) if index else above


def inclusion_path(index: int, size: int, reader: NodeReader) -> Path:
    """Return the inclusion path of a leaf.

    Raises:
        LogProofError: There is no such leaf in a tree of that size.
    """
    _check_index(index, size)
    return _Prover(size, reader).path(0, index)


def inclusion_paths(
    indices: Iterable[int],
    size: int,
    reader: NodeReader,
) -> list[Path]:
    """Return the inclusion paths of many leaves under one root, in order.

    Reads and joins what the paths have in common once only.

    Raises:
        LogProofError: One of the leaves is not in a tree of that size.
    """
    prover = _Prover(size, reader)
    paths = []
    for index in indices:
        _check_index(index, size)
        paths.append(prover.path(0, index))
    return paths


def consistency_proof(old_size: int, new_size: int, reader: NodeReader) -> Path:
    """Return the proof that the larger tree begins with the smaller one.

    Empty from size 0, and between equal sizes.

    Raises:
        LogProofError: The old size is the larger one.
    """
    _check_sizes(old_size, new_size)
    if old_size in {0, new_size}:
        return ()
    height, index = _last_complete(old_size)
    above = _Prover(new_size, reader).path(height, index)
    return (reader.node(height, index), *above) if index else above


class _Prover:
    """Builds paths in a tree of one size and remembers every part of them."""

    def __init__(self, size: int, reader: NodeReader) -> None:
        self._size = size
        self._reader = reader
        self._paths: dict[Node, Path] = {}

    def path(self, height: int, index: int) -> Path:
        """Return the siblings on the way from a subtree to the root."""
        known = self._paths.get((height, index))
        if known is not None:
            return known
        last = self._size - 1 >> height
        if not last:
            return ()
        path = self.path(height + 1, index >> 1)
        sibling = index ^ 1
        if sibling <= last:
            path = (self._subtree(height, sibling), *path)
        self._paths[height, index] = path
        return path

    def _subtree(self, height: int, index: int) -> bytes:
        node = self._reader.node
        return _fold([node(*part) for part in _parts(height, index, self._size)])


def _parts(height: int, index: int, size: int) -> tuple[Node, ...]:
    """Return what a subtree consists of: itself, or several at the right edge."""
    if (index + 1) << height <= size:
        return ((height, index),)
    return tuple(node for node in frontier_nodes(size) if node[0] < height)


def _nodes_above(height: int, index: int, size: int) -> tuple[Node, ...]:
    return tuple(
        part
        for sibling in _siblings(height, index, size)
        for part in _parts(*sibling, size)
    )


def _siblings(height: int, index: int, size: int) -> Iterator[Node]:
    last = size - 1 >> height
    while last:
        if index ^ 1 <= last:  # at the right edge some rows have no partner
            yield height, index ^ 1
        height, index, last = height + 1, index >> 1, last >> 1


def _last_complete(size: int) -> Node:
    """Return the smallest subtree of the frontier: where an older tree ends."""
    height = (size & -size).bit_length() - 1
    return height, (size >> height) - 1


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise LogProofError(f"inclusion: index {index}, expected below size {size}")


def _check_sizes(old_size: int, new_size: int) -> None:
    if not 0 <= old_size <= new_size:
        raise LogProofError(f"consistency: size {old_size} does not precede {new_size}")


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(item) != HASH_BYTES for item in hashes):
        raise LogProofError(f"proof: a hash is not {HASH_BYTES} bytes long")


def verify_inclusion(
    *,
    index: int,
    size: int,
    leaf: bytes,
    path: Sequence[bytes],
    root: bytes,
) -> None:
    """Check that a tree holds a leaf at an index.

    Args:
        index: Position of the leaf, from 0.
        size: Number of leaves of the tree.
        leaf: Leaf hash, to be computed by the caller from the data it holds.
        path: Inclusion path, leaf side first.
        root: Root of the tree.

    Raises:
        LogProofError: The path does not show it.
    """
    _check_index(index, size)
    _check_hashes((leaf, root, *path))
    last = size - 1
    for item in path:
        if not last:
            raise LogProofError(f"inclusion of {index} in {size}: path too long")
        if index & 1 or index == last:
            leaf = node_hash(item, leaf)
            index, last = _skip_unpaired(index, last)
        else:
            leaf = node_hash(leaf, item)
        index, last = index >> 1, last >> 1
    if last or leaf != root:
        raise LogProofError(f"inclusion in {size}: path does not lead to the root")


def verify_consistency(
    *,
    old_size: int,
    new_size: int,
    old_root: bytes,
    new_root: bytes,
    proof: Sequence[bytes],
) -> None:
    """Check that the new tree begins with all leaves of the old one, in order.

    From size 0 anything follows, so the proof must then be empty.

    Raises:
        LogProofError: The proof does not show it.
    """
    _check_sizes(old_size, new_size)
    _check_hashes((old_root, new_root, *proof))
    if old_size in {0, new_size}:
        _check_trivial(old_size, new_size, old_root, new_root, proof)
        return
    height, index = _last_complete(old_size)
    if not proof:
        raise LogProofError(f"consistency {old_size} to {new_size}: proof is empty")
    steps = proof if index else (old_root, *proof)
    last = new_size - 1 >> height
    old = new = steps[0]
    for item in steps[1:]:
        if not last:
            raise LogProofError(f"consistency {old_size} to {new_size}: too long")
        if index & 1 or index == last:
            old, new = node_hash(item, old), node_hash(item, new)
            index, last = _skip_unpaired(index, last)
        else:
            new = node_hash(new, item)
        index, last = index >> 1, last >> 1
    if last or old != old_root or new != new_root:
        raise LogProofError(f"consistency {old_size} to {new_size}: does not hold")


def _skip_unpaired(index: int, last: int) -> Node:
    """Climb past rows in which the last subtree has no partner."""
    while index and not index & 1:
        index, last = index >> 1, last >> 1
    return index, last


def _check_trivial(
    old_size: int,
    new_size: int,
    old_root: bytes,
    new_root: bytes,
    proof: Sequence[bytes],
) -> None:
    if proof:
        raise LogProofError(f"consistency {old_size} to {new_size}: needs no proof")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise LogProofError("consistency: size 0 with a root that is not empty")
    if old_size == new_size and old_root != new_root:
        raise LogProofError(f"consistency: two roots for size {new_size}")
