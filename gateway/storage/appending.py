"""Building the entries of one transaction: leaves, disclosures, tiles, head.

Shared by all databases, so that there is one way to spell a leaf and to grow the
tree (specification, sections 8.1, 8.3 and 8.7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from gateway.core.entries.disclosures import (
    DisclosureClass,
    SealedDisclosure,
    disclosure_digest,
    read_disclosure,
)
from gateway.core.entries.leaf import (
    FIRST_PREV,
    EntryDraft,
    Leaf,
    build_leaf,
    parse_leaf,
)
from gateway.core.errors import LogProofError
from gateway.core.translog.merkle import Frontier, leaf_hash, root_of
from gateway.core.translog.tiles import TILE_WIDTH, Tile, tiles_filled
from gateway.core.values import HexDigest, UnixMs
from gateway.ports.keys import DisclosureSealer, DisclosureVault, RingId
from gateway.storage.rows import FullTile, Head, NewDisclosure, NewEntry, RingKey


class TreeRows(Protocol):
    """Stored parts of the tree that the next full tiles are made of."""

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of the stored entries [start, stop)."""
        ...

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return the roots of the stored full tiles [start, stop) of a level."""
        ...


class RingKeys(Protocol):
    """The keys of the disclosure rings."""

    def ring_key(self, scope: str) -> RingKey:
        """Return the key of a scope, made now if there is none."""
        ...


def disclosure_context(origin: str, index: int, digest: str) -> bytes:
    """Return what a sealed disclosure is bound to."""
    return f"{origin}\0{index}\0{digest}".encode("ascii")


@dataclass(frozen=True, slots=True)
class Growth:
    """What the entries of a transaction add to the tree."""

    head: Head
    tiles: tuple[FullTile, ...]


class Appender:
    """The entries of one transaction, in order.

    Attributes:
        origin: Of the log.
        old_size: Size of the log before.
        entries: What was appended and is not stored yet.
        disclosures: The sealed disclosures of those entries.
    """

    def __init__(
        self,
        origin: str,
        head: Head,
        *,
        vault: DisclosureVault,
        rings: RingKeys,
    ) -> None:
        self.origin = origin
        self.old_size = head.size
        self._head = head
        self._prev = HexDigest(head.last.hex()) if head.size else FIRST_PREV
        self._last_at = head.last_at
        self._vault = vault
        self._rings = rings
        self._sealers: dict[RingId, DisclosureSealer] = {}
        self.entries: list[NewEntry] = []
        self.disclosures: list[NewDisclosure] = []

    def append(self, draft: EntryDraft, *, case_id: str) -> int:
        """Build the next entry and return its index.

        Raises:
            AssertionError: The draft does not fit its kind; a defect of ours.
        """
        index = self._head.size + len(self.entries)
        data, disclosures = build_leaf(
            draft,
            log=self.origin,
            index=index,
            prev=self._prev,
            previous_at=self._last_at,
        )
        hashed = leaf_hash(data)
        message_id = draft.fields.get("m", "")
        self.entries.append(
            NewEntry(index, hashed, data, draft.kind, str(message_id)),
        )
        self._prev = HexDigest(hashed.hex())
        self._last_at = draft.at
        for disclosure in disclosures:
            scope = _scope(disclosure, draft.at, case_id)
            self.disclosures.append(self._seal(index, disclosure, scope))
        return index

    def adopt(self, raw: bytes, disclosed: Sequence[str]) -> Leaf:
        """Take the next entry as it was hashed before, with what it disclosed.

        Raises:
            LogProofError: It does not follow the entries there are.
            GatewayError: It is no entry of this log, or discloses something else.
        """
        leaf = parse_leaf(raw, log=self.origin)
        index = self._head.size + len(self.entries)
        if (leaf.index, leaf.prev) != (index, self._prev):
            raise LogProofError(f"log: entry {index} does not follow those before it")
        hashed = leaf_hash(raw)
        message_id = str(leaf.fields.get("m", ""))
        self.entries.append(NewEntry(index, hashed, raw, leaf.kind, message_id))
        self._prev = HexDigest(hashed.hex())
        self._last_at = leaf.at
        for encoded in disclosed:
            digest = disclosure_digest(encoded)
            if digest not in leaf.disclosure_digests:
                raise LogProofError(f"log: entry {index} commits to no such disclosure")
            ring = read_disclosure(encoded).ring
            disclosure = SealedDisclosure(ring, digest, encoded)
            scope = _scope(disclosure, leaf.at, "")
            self.disclosures.append(self._seal(index, disclosure, scope))
        return leaf

    def _seal(
        self, index: int, disclosure: SealedDisclosure, scope: str
    ) -> NewDisclosure:
        key = self._rings.ring_key(scope)
        if key.ring not in self._sealers:
            self._sealers[key.ring] = self._vault.sealer(key.ring)
        sealed = self._sealers[key.ring](
            disclosure.encoded.encode("ascii"),
            disclosure_context(self.origin, index, disclosure.digest),
        )
        return NewDisclosure(
            index,
            disclosure.digest,
            disclosure.ring,
            key.key_id,
            sealed,
        )

    def forget(self, message_id: str) -> int:
        """Drop case data beside entries about a message; return how much it was."""
        about = {one.index for one in self.entries if one.message_id == message_id}
        kept = [
            one
            for one in self.disclosures
            if one.ring is not DisclosureClass.CASE or one.index not in about
        ]
        dropped = len(self.disclosures) - len(kept)
        self.disclosures = kept
        return dropped

    def grow(self, stored: TreeRows) -> Growth:
        """Return the head and the full tiles after all entries appended."""
        hashes = [entry.leaf_hash for entry in self.entries]
        old = Frontier.from_bytes(self._head.size, self._head.frontier)
        new = old.extend(hashes)
        head = Head(new.size, hashes[-1], self._last_at, new.to_bytes())
        return Growth(head, fill_tiles(self._head.size, hashes, stored))


def fill_tiles(
    old_size: int,
    hashes: list[bytes],
    stored: TreeRows,
) -> tuple[FullTile, ...]:
    """Return the tiles that new leaves complete, lower levels first.

    A higher tile is made of the roots of the tiles below it, never of their leaves.
    """
    fresh = {(0, old_size + offset): one for offset, one in enumerate(hashes)}
    tiles = []
    for tile in tiles_filled(old_size, old_size + len(hashes)):
        row = _row_of(tile, fresh, stored)
        filled = FullTile(tile.level, tile.index, b"".join(row), root_of(row))
        fresh[tile.level + 1, tile.index] = filled.root
        tiles.append(filled)
    return tuple(tiles)


def _row_of(
    tile: Tile,
    fresh: dict[tuple[int, int], bytes],
    stored: TreeRows,
) -> list[bytes]:
    start, stop = tile.index * TILE_WIDTH, (tile.index + 1) * TILE_WIDTH
    first_fresh = next(at for at in range(start, stop) if (tile.level, at) in fresh)
    if tile.level == 0:
        known = stored.leaf_hashes(start, first_fresh)
    else:
        known = stored.tile_roots(tile.level - 1, start, first_fresh)
    return known + [fresh[tile.level, at] for at in range(first_fresh, stop)]


def _scope(disclosure: SealedDisclosure, at: UnixMs, case_id: str) -> str:
    """Return which key protects a disclosure: one a quarter, or one a case."""
    if disclosure.ring is DisclosureClass.CASE:
        return case_scope(case_id or read_disclosure(disclosure.encoded).value)
    return duty_scope(at)


def case_scope(case_id: str) -> str:
    """Return the scope of a case's ring."""
    return f"case:{case_id}"


@lru_cache(maxsize=16)
def duty_scope(at: UnixMs) -> str:
    """Return the scope of the ring of a moment's quarter; later ones sort after it."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return f"duty:{moment.year}-Q{(moment.month + 2) // 3}"
