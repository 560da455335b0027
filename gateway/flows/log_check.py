"""Hashing entries again: every leaf, the chain, the times, the tiles, what was signed.

Comparing stored roots would show nothing, so everything is computed from the leaves,
read as strictly as a verifier would (specification, section 8.12). Pure and flat in
memory: a page at a time, from the first entry on or from where a check had come to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gateway.core.entries.kinds import is_pruned_kind
from gateway.core.entries.leaf import FIRST_PREV
from gateway.core.entries.scan import LeafScanner
from gateway.core.errors import GatewayError
from gateway.core.translog.checkpoint import Checkpoint, parse_checkpoint
from gateway.core.translog.merkle import Frontier, leaf_hash, root_of
from gateway.core.translog.note import parse_note
from gateway.core.translog.tiles import TILE_WIDTH, Place
from gateway.flows.findings import Finding, FindingCode
from gateway.ports.checking import LogPage, StoredHead, StoredTile
from gateway.ports.log import SignedCheckpoint, StoredEntry

ReadNote = Callable[[bytes], Checkpoint]
"""Returns the checkpoint of a note once the log's signatures hold, or raises."""


class LogCheck:
    """A walk over a log, page by page.

    Args:
        origin: The log it must be.
        read_note: Verifies signed notes; without it, kept notes are not looked into.
        start: Where an earlier walk had come to, and the leaf hash before it.

    Attributes:
        pruned: Entries of which only the hash is left.
        is_broken: An entry is missing, so the tree after it can't be computed.
    """

    def __init__(
        self,
        origin: str,
        *,
        read_note: ReadNote | None = None,
        start: Frontier | None = None,
        last_leaf: bytes = b"",
    ) -> None:
        self._origin = origin
        self._read_note = read_note
        self._frontier = start or Frontier()
        self._last_leaf = last_leaf
        self._last_at = ""
        self._scanner = LeafScanner(origin)
        self._tiles = _TileCheck(self._frontier.size)
        self.pruned = 0
        self.is_broken = False

    @property
    def size(self) -> int:
        """Entries that were walked over."""
        return self._frontier.size

    @property
    def root(self) -> bytes:
        """Root computed from the leaves."""
        return self._frontier.root()

    def onward(self) -> "LogCheck":
        """Return a walk of its own that goes on from here."""
        return LogCheck(
            self._origin,
            read_note=self._read_note,
            start=self._frontier,
            last_leaf=self._last_leaf,
        )

    def take(self, page: LogPage) -> list[Finding]:
        """Take in the page that begins where this walk is; return what is wrong."""
        findings: list[Finding] = []
        signed = page.head.signed_size
        for place, entry in enumerate(page.entries, self.size):
            if entry.index != place:
                self.is_broken = True
                return [*findings, _missing(place, signed)]
            findings += self._entry(entry, page.head)
            self._last_leaf = entry.leaf_hash
        if not page.entries and self.size < page.head.size:
            self.is_broken = True
            return [_missing(self.size, signed)]
        hashes = [entry.leaf_hash for entry in page.entries]
        findings += map(_tile, self._tiles.add(hashes, page.tiles))
        findings += self._checkpoints(page, hashes)
        self._frontier = self._frontier.extend(hashes)
        findings += [
            _of_entry(FindingCode.MESSAGE_MISSING, index, f"message {one} is not there")
            for index, one in page.strays
        ]
        findings += [
            _of_entry(FindingCode.ENTRY_EXCESS, index, "lies beyond the end")
            for index in page.excess
        ]
        return findings

    def finish(self, head: StoredHead) -> list[Finding]:
        """Compare the end with what is stored; only where this walk is at the end."""
        if head.signed_size > head.size:
            text = f"ends at {head.size}, {head.signed_size} was signed"
            return [
                Finding(
                    FindingCode.LOG_CUT,
                    f"size {head.size}",
                    text,
                    contradicts_signed=True,
                )
            ]
        if self.is_broken or head.size != self.size:
            return []
        computed = (self._frontier.to_bytes(), self._last_leaf)
        if (head.frontier, head.last_leaf) == computed:
            return []
        text = "the stored end is not the one of these entries"
        place = f"size {head.size}"
        return [Finding(FindingCode.HEAD_CHANGED, place, text, contradicts_signed=True)]

    def _entry(self, entry: StoredEntry, head: StoredHead) -> Iterator[Finding]:
        """Yield what is wrong with one entry."""
        previous = self._last_leaf.hex() or FIRST_PREV
        is_signed = entry.index < head.signed_size
        last_at, self._last_at = self._last_at, ""
        if not entry.data:
            self.pruned += 1
            if entry.index >= head.pruned_below or not is_pruned_kind(entry.kind):
                text = "its bytes are gone, and no log.prune entry allows that"
                yield _of_entry(
                    FindingCode.ENTRY_CHANGED, entry.index, text, is_signed=is_signed
                )
            return
        if leaf_hash(entry.data) != entry.leaf_hash:
            text = "its bytes do not have the hash that is in the tree"
            yield _of_entry(
                FindingCode.ENTRY_CHANGED, entry.index, text, is_signed=is_signed
            )
            return
        try:
            leaf = self._scanner.read(entry.data)
        except GatewayError as error:
            yield _of_entry(FindingCode.ENTRY_UNREADABLE, entry.index, str(error))
            return
        self._last_at = leaf.at
        if leaf.prev != previous:
            text = "does not name the entry before it"
            yield _of_entry(
                FindingCode.CHAIN_BROKEN, entry.index, text, is_signed=is_signed
            )
        named = (leaf.index, leaf.kind, leaf.message_id)
        if named != (entry.index, entry.kind, entry.message_id):
            text = f"is listed as entry {entry.index}, {entry.kind}"
            yield _of_entry(FindingCode.ENTRY_MISPLACED, entry.index, text)
        if last_at and (leaf.at < last_at) != leaf.is_clock_behind:
            text = "its time against the one before is not what clk says"
            yield _of_entry(FindingCode.TIME_UNMARKED, entry.index, text)

    def _checkpoints(self, page: LogPage, hashes: Sequence[bytes]) -> Iterator[Finding]:
        """Yield what is wrong with the checkpoints signed for sizes of this page."""
        tree, taken = self._frontier, 0
        for signed in page.checkpoints:
            upto = signed.size - page.start
            tree, taken = tree.extend(hashes[taken:upto]), upto
            place = f"size {signed.size}"
            if tree.root() != signed.root:
                text = "another root was signed than these entries have"
                yield Finding(
                    FindingCode.CHECKPOINT_DIFFERS, place, text, contradicts_signed=True
                )
            problem = self._note(signed, is_newest=signed.size == page.head.signed_size)
            if problem:
                yield Finding(FindingCode.CHECKPOINT_CHANGED, place, problem)

    def _note(self, signed: SignedCheckpoint, *, is_newest: bool) -> str:
        """Return what is wrong with a kept note; signatures of the newest count."""
        if self._read_note is None:
            return ""
        try:
            said = (
                self._read_note(signed.note)
                if is_newest
                else parse_checkpoint(parse_note(signed.note).text)
            )
        except GatewayError as error:
            return str(error)
        if (said.origin, said.size) != (self._origin, signed.size):
            return "the note is of another log or size"
        return "" if said.root == signed.root else "the note has another root"


class _TileCheck:
    """Fills tiles from leaf hashes, level by level, and compares them with stored ones.

    Begun in the middle of a log, it begins with the first whole tile, and leaves the
    levels above to a walk from the start.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._is_whole = size == 0
        self._rows: list[list[bytes]] = [[]]

    def add(
        self,
        hashes: Sequence[bytes],
        stored: Mapping[Place, StoredTile],
    ) -> Iterator[Place]:
        """Take in more leaf hashes; yield the places of tiles that are not right."""
        taken = 0
        while taken < len(hashes):
            room = TILE_WIDTH - self._size % TILE_WIDTH
            chunk = hashes[taken : taken + room]
            self._rows[0] += chunk
            self._size += len(chunk)
            taken += len(chunk)
            if self._size % TILE_WIDTH == 0:
                yield from self._fill(0, self._size // TILE_WIDTH - 1, stored)

    def _fill(
        self,
        level: int,
        index: int,
        stored: Mapping[Place, StoredTile],
    ) -> Iterator[Place]:
        row, self._rows[level] = self._rows[level], []
        if len(row) < TILE_WIDTH:
            return
        root = root_of(row)
        if stored.get((level, index)) != StoredTile(b"".join(row), root):
            yield level, index
        if not self._is_whole:
            return
        if len(self._rows) == level + 1:
            self._rows.append([])
        self._rows[level + 1].append(root)
        if len(self._rows[level + 1]) == TILE_WIDTH:
            yield from self._fill(level + 1, index // TILE_WIDTH, stored)


def _missing(index: int, signed_size: int) -> Finding:
    is_signed = index < signed_size
    return _of_entry(
        FindingCode.ENTRY_MISSING, index, "is not there", is_signed=is_signed
    )


def _of_entry(
    code: FindingCode, index: int, text: str, *, is_signed: bool = False
) -> Finding:
    return Finding(code, f"entry {index}", text, contradicts_signed=is_signed)


def _tile(place: Place) -> Finding:
    level, index = place
    text = "is not the one of these entries"
    return Finding(FindingCode.TILE_CHANGED, f"tile {level}/{index}", text)
