"""A small real log in memory: leaves, signed checkpoints, proofs."""

from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf, chain_hash
from gateway.core.exchange import LogIdentity, OfferedLeaf
from gateway.core.protocol import Consistency, hashes_to_text
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import (
    consistency_proof,
    inclusion_path,
    leaf_hash,
    root_of,
)
from gateway.core.translog.readers import MemoryTree
from gateway.core.values import HexDigest, UnixMs

NOW = UnixMs(1_790_000_000_000)


class SmallLog:
    """A log that signs whatever its test tells it to, forks too."""

    def __init__(self, origin: str, *, seed: int = 1) -> None:
        self.origin = origin
        self.leaves: list[bytes] = []
        self.signer = LogSigner(
            origin,
            ed25519_seed=bytes([seed]) * 32,
            ml_dsa_seed=bytes([seed + 1]) * 32,
        )

    @property
    def identity(self) -> LogIdentity:
        """What a peer of this log's owner is configured with."""
        return LogIdentity(self.origin, self.signer.keys)

    def append(self, draft: EntryDraft) -> int:
        """Append an entry and return its index."""
        prev = chain_hash(self.leaves[-1]) if self.leaves else FIRST_PREV
        raw, _ = build_leaf(
            draft,
            log=self.origin,
            index=len(self.leaves),
            prev=HexDigest(prev),
            previous_at=NOW,
        )
        self.leaves.append(raw)
        return len(self.leaves) - 1

    def grow(self, count: int) -> None:
        """Append entries that matter to nobody."""
        for _ in range(count):
            self.append(EntryDraft("auth.fail", NOW, {"count": 1}))

    def tree(self, size: int | None = None) -> MemoryTree:
        """Return the tree of the first `size` leaves."""
        return MemoryTree([leaf_hash(raw) for raw in self.leaves[:size]])

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` leaves."""
        return root_of(leaf_hash(raw) for raw in self.leaves[:size])

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Return the checkpoint of the first `size` leaves."""
        size = len(self.leaves) if size is None else size
        return Checkpoint(self.origin, size, self.root(size))

    def note(self, size: int | None = None) -> bytes:
        """Return the signed checkpoint of the first `size` leaves."""
        return self.signer.sign(self.checkpoint(size))

    def consistency(self, old_size: int, new_size: int | None = None) -> Consistency:
        """Return the proof from `old_size`, as spelled on the wire."""
        new_size = len(self.leaves) if new_size is None else new_size
        proof = consistency_proof(old_size, new_size, self.tree(new_size))
        return Consistency(from_size=old_size, proof=hashes_to_text(proof))

    def offered(self, index: int, size: int | None = None) -> OfferedLeaf:
        """Return a leaf with its path."""
        size = len(self.leaves) if size is None else size
        path = inclusion_path(index, size, self.tree(size))
        return OfferedLeaf(index, self.leaves[index], path)
