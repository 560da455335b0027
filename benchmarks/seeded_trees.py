"""The two sorts of logs that seeding needs: our own, which grows, and the peers'.

Both are real: chained leaves under roots that are computed. Leaves are spelled here
without the checks of the core, which would take most of the time; the first of each
kind is read back by the core, so that another form of it is noticed.

A peer's log has no other entries than those about our messages, in blocks of 256 with
a checkpoint after each: every path is eight hashes of the block and then the left edge
of the tree.
"""

from collections.abc import Sequence

import msgspec

from gateway.core.canonical import JsonObject, JsonValue
from gateway.core.entries.disclosures import Act, SealedDisclosure, seal_disclosure
from gateway.core.entries.leaf import FIRST_PREV, parse_leaf
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import Frontier, leaf_hash, subtree_rows
from gateway.core.translog.tiles import TILE_WIDTH
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.log import PeerLogLink
from gateway.ports.messages import PeerProof
from gateway.storage.appending import fill_tiles
from gateway.storage.rows import FullTile, Head

_FILLER = bytes(32)
_encode = msgspec.json.Encoder(order="sorted").encode


class Speller:
    """Spells the leaves of one log.

    Attributes:
        prev: What the next leaf names as the one before it.
    """

    def __init__(self, origin: str, prev: str) -> None:
        self._origin = origin
        self.prev = prev
        self._seen: set[str] = set()

    def spell(
        self, kind: str, at: str, index: int, fields: JsonObject, sd: Sequence[str] = ()
    ) -> tuple[bytes, bytes]:
        """Return the next leaf, and its hash.

        Args:
            kind: Of the entry.
            at: Its time.
            index: Its place.
            fields: What it says.
            sd: Digests of its disclosures.
        """
        leaf: JsonObject = {
            **fields,
            "v": 1,
            "log": self._origin,
            "i": index,
            "prev": self.prev,
            "t": at,
            "k": kind,
            "r": f"{index:021}A",
        }
        if sd:
            leaf["sd"] = list[JsonValue](sorted(sd))
        raw = _encode(leaf)
        if kind not in self._seen:
            parse_leaf(raw, log=self._origin)
            self._seen.add(kind)
        hashed = leaf_hash(raw)
        self.prev = hashed.hex()
        return raw, hashed


class Disclosing:
    """Acts as they are disclosed; one that repeats has the same salts."""

    def __init__(self) -> None:
        self._known: dict[Act, tuple[SealedDisclosure, ...]] = {}

    def of(self, act: Act | None) -> tuple[SealedDisclosure, ...]:
        """Return what an act discloses."""
        if act is None:
            return ()
        if act not in self._known:
            if len(self._known) > TILE_WIDTH:
                self._known.clear()
            self._known[act] = tuple(map(seal_disclosure, act.disclosures()))
        return self._known[act]


class RightEdge:
    """The end of our log, and all of it that the next full tiles are made of.

    Implements `gateway.storage.appending.TreeRows` without reading anything back.
    """

    def __init__(self, head: Head, hashes: Sequence[bytes]) -> None:
        self.head = head
        self._start = head.size - len(hashes)
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

    def grow(self, hashes: list[bytes], last_at: UnixMs) -> tuple[FullTile, ...]:
        """Append leaves; return the tiles that they complete."""
        size, frontier = self.head.size, self.head.frontier
        tiles = fill_tiles(size, hashes, self)
        grown = Frontier.from_bytes(size, frontier).extend(hashes)
        self.head = Head(grown.size, hashes[-1], last_at, grown.to_bytes())
        self._hashes += hashes
        kept = grown.size % TILE_WIDTH
        self._start = grown.size - kept
        self._hashes = self._hashes[len(self._hashes) - kept :]
        for tile in tiles:
            self._roots.setdefault(tile.level, []).append(tile.root)
        return tiles

    def checkpoint(self, origin: str) -> Checkpoint:
        """Return the head as it is signed."""
        tree = Frontier.from_bytes(self.head.size, self.head.frontier)
        return Checkpoint(origin, tree.size, tree.root())


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
        self._speller = Speller(self.origin, FIRST_PREV)
        self.link = PeerLogLink(authority, self.origin, 0, 0, bytes(32), b"")

    def attest(self, said: Sequence[tuple[str, str, JsonObject]]) -> list[PeerProof]:
        """Log at most 256 entries, sign the tree, and prove each of them.

        Args:
            said: Kind, time and fields of each.
        """
        start, left_edge = self._frontier.size, self._frontier.hashes[::-1]
        leaves, hashes = [], []
        for offset, (kind, at, fields) in enumerate(said):
            raw, hashed = self._speller.spell(kind, at, start + offset, fields)
            leaves.append(raw)
            hashes.append(hashed)
        hashes += [_FILLER] * (TILE_WIDTH - len(hashes))
        rows = subtree_rows(hashes)
        self._frontier = self._frontier.extend(hashes)
        tree = Checkpoint(self.origin, self._frontier.size, self._frontier.root())
        note = self._signer.sign(tree)
        self.link = PeerLogLink(
            self.authority, self.origin, start, tree.size, tree.root, note
        )
        return [
            PeerProof(start + at, raw, (*_path_in(rows, at), *left_edge))
            for at, raw in enumerate(leaves)
        ]


def _path_in(rows: Sequence[Sequence[bytes]], at: int) -> list[bytes]:
    """Return the siblings on the way from a leaf to the root of its block."""
    return [row[(at >> height) ^ 1] for height, row in enumerate(rows[:-1])]
