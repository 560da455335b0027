"""The two sorts of logs that seeding needs: our own, which grows, and the peers'.

Both are real: leaves as the core spells them, chained, under roots that are computed.
A peer's log has no other entries than those about our messages, in blocks of 256 with
a checkpoint after each, so that every path is eight hashes of the block and then the
left edge of the tree.
"""

from collections.abc import Sequence

from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import FIRST_PREV, EntryDraft, build_leaf
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import Frontier, leaf_hash, subtree_rows
from gateway.core.translog.tiles import TILE_WIDTH
from gateway.core.values import NEVER, AuthorityId, HexDigest, UnixMs
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import PeerProof
from gateway.storage.rows import FullTile

_FILLER = bytes(32)


class RightEdge:
    """What of the tree's right edge the next full tiles are made of.

    Implements `gateway.storage.appending.TreeRows` without reading anything back.
    """

    def __init__(self, hashes: Sequence[bytes], size: int) -> None:
        self._start = size - len(hashes)
        self._hashes = list(hashes)
        self._roots: dict[int, list[bytes]] = {}

    def keep_roots(self, level: int, roots: Sequence[bytes]) -> None:
        """Take the roots of all full tiles of a level that are stored."""
        self._roots[level] = list(roots)

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of the stored entries [start, stop)."""
        return self._hashes[start - self._start : stop - self._start]

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return the roots of the stored full tiles [start, stop) of a level."""
        return self._roots.get(level, [])[start:stop]

    def add(self, hashes: Sequence[bytes], tiles: Sequence[FullTile]) -> None:
        """Take what was appended to the log."""
        self._hashes += hashes
        kept = (self._start + len(self._hashes)) % TILE_WIDTH
        self._start += len(self._hashes) - kept
        self._hashes = self._hashes[len(self._hashes) - kept :]
        for tile in tiles:
            self._roots.setdefault(tile.level, []).append(tile.root)


class SeededPeer:
    """A peer whose log says what has to be proven of it.

    Attributes:
        authority: Its id.
        link: The newest checkpoint of its log, once there is one.
    """

    def __init__(self, authority: AuthorityId, number: int) -> None:
        self.authority = authority
        self.origin = f"{authority}/audit/1"
        self._signer = LogSigner(
            self.origin,
            ed25519_seed=number.to_bytes(32),
            ml_dsa_seed=(number + 1).to_bytes(32),
        )
        self._frontier = Frontier()
        self._prev = FIRST_PREV
        self.link = PeerLogLink(authority, self.origin, 0, 0, bytes(32), b"")

    def attest(self, said: Sequence[tuple[str, UnixMs, JsonObject]]) -> list[PeerProof]:
        """Log at most 256 entries, sign the tree, and prove each of them."""
        leaves = [self._leaf(offset, *entry) for offset, entry in enumerate(said)]
        hashes = [leaf_hash(raw) for raw in leaves]
        hashes += [_FILLER] * (TILE_WIDTH - len(hashes))
        start, left_edge = self._frontier.size, self._frontier.hashes[::-1]
        rows = subtree_rows(hashes)
        self._frontier = self._frontier.extend(hashes)
        self._prev = HexDigest(_FILLER.hex())
        tree = Checkpoint(self.origin, self._frontier.size, self._frontier.root())
        note = self._signer.sign(tree)
        self.link = PeerLogLink(
            self.authority, self.origin, start, tree.size, tree.root, note
        )
        return [
            PeerProof(start + at, raw, (*_path_in(rows, at), *left_edge))
            for at, raw in enumerate(leaves)
        ]

    def _leaf(self, offset: int, kind: str, at: UnixMs, fields: JsonObject) -> bytes:
        raw, _ = build_leaf(
            EntryDraft(kind, at, fields),
            log=self.origin,
            index=self._frontier.size + offset,
            prev=self._prev,
            previous_at=NEVER,
        )
        self._prev = HexDigest(leaf_hash(raw).hex())
        return raw


def _path_in(rows: Sequence[Sequence[bytes]], at: int) -> list[bytes]:
    """Return the siblings on the way from a leaf to the root of its block."""
    return [row[(at >> height) ^ 1] for height, row in enumerate(rows[:-1])]
