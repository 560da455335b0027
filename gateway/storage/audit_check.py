"""Checking a store against itself: the log hashed again, messages against entries.

Reads page by page and trusts no stored hash: comparing roots alone is not a check.
Specification, section 8.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from gateway.core.entries.leaf import FIRST_PREV, parse_leaf
from gateway.core.errors import GatewayError
from gateway.core.translog.merkle import Frontier, leaf_hash
from gateway.core.values import HexDigest, MessageId
from gateway.ports.log import SignedCheckpoint, StoredEntry
from gateway.ports.messages import Box, MessageFilter, MessageRow
from gateway.ports.outbox import Conservation
from gateway.ports.store import Store

_PAGE = 512
_MAX_FINDINGS = 100

# The first entry of a message decides to what it must belong.
_FIRST_KINDS = {
    Box.OUT: frozenset({"msg.send", "msg.hold"}),
    Box.IN: frozenset({"msg.receive", "msg.hold"}),
}

# The entry that a state rests on.
_ENTRY_OF_STATE = {
    "queued": "msg.send",
    "delivered": "msg.deliver",
    "refused": "msg.refused",
    "expired": "msg.expire",
    "cancelled": "msg.cancel",
    "quarantined": "msg.reject",
    "handed_over": "msg.confirm",
}
# The entry that took a message over from the log before this one.
_CARRIED = "msg.carry"
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a check found.

    Attributes:
        entries: Entries that were hashed again.
        messages: Messages that were compared with their entries.
        findings: What is wrong, in the order it was found; at most 100 sentences.
    """

    entries: int
    messages: int
    findings: tuple[str, ...]


async def check_store(store: Store, *, origin: str) -> AuditReport:
    """Check a store: chain, tree, checkpoint, and each message against the log.

    Entries and messages that are added meanwhile are left for the next check.

    Args:
        store: What to check.
        origin: The log it must hold.
    """
    check = _Check(store, origin)
    await check.log()
    await check.messages()
    return check.report()


class _Check:
    """One check under way."""

    def __init__(self, store: Store, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._prev = FIRST_PREV
        self._size = 0
        self._messages = 0
        self._findings: list[str] = []
        # What the log says of each message, packed: there may be a million of them.
        self._logged: dict[bytes, frozenset[str]] = {}

    def report(self) -> AuditReport:
        """Return what was found."""
        return AuditReport(self._size, self._messages, tuple(self._findings))

    def _find(self, sentence: str) -> None:
        if len(self._findings) < _MAX_FINDINGS:
            self._findings.append(sentence)

    async def log(self) -> None:
        """Hash all entries again and compare with head and newest checkpoint."""
        # The checkpoint first: its tree is then certainly within the head's.
        checkpoint = await self._store.newest_checkpoint()
        head = await self._store.log_head()
        frontier = Frontier()
        while self._size < head.size:
            wanted = min(_PAGE, head.size - self._size)
            page = await self._store.entries(self._size, wanted)
            hashes = [self._check_entry(entry) for entry in page]
            if checkpoint and self._size <= checkpoint.size <= self._size + len(page):
                part = hashes[: checkpoint.size - self._size]
                self._check_checkpoint(checkpoint, frontier.extend(part))
            frontier = frontier.extend(hashes)
            self._size += len(page)
            if len(page) < wanted:
                self._find(f"log: {self._size} entries, the head says {head.size}")
                return
        if frontier.root() != head.root:
            self._find(f"log: the root over {head.size} entries is not the head's")
        if checkpoint and checkpoint.size > head.size:
            self._find(f"log: ends at {head.size}, {checkpoint.size} was signed")

    def _check_entry(self, entry: StoredEntry) -> bytes:
        """Return the hash that the entry's bytes have."""
        if not entry.data:  # pruned by law: its hash is all that is left
            self._prev = HexDigest(entry.leaf_hash.hex())
            return entry.leaf_hash
        hashed = leaf_hash(entry.data)
        if hashed != entry.leaf_hash:
            self._find(f"entry {entry.index}: its hash is not the stored one")
        try:
            leaf = parse_leaf(entry.data, log=self._origin)
        except GatewayError as error:
            self._find(f"entry {entry.index}: {error}")
        else:
            if leaf.index != entry.index or leaf.kind != entry.kind:
                self._find(f"entry {entry.index}: its columns say something else")
            if leaf.prev != self._prev:
                self._find(f"entry {entry.index}: the chain is broken before it")
        if entry.message_id:
            key = _packed(entry.message_id)
            known = self._logged.get(key, _NOTHING)
            self._logged[key] = _with(known, entry.kind)
        self._prev = HexDigest(hashed.hex())
        return hashed

    def _check_checkpoint(self, signed: SignedCheckpoint, tree: Frontier) -> None:
        if tree.root() != signed.root:
            self._find(f"log: the signed root of size {signed.size} is another one")

    async def messages(self) -> None:
        """Compare every message with its entries, and the other way round."""
        before = await self._store.conservation(None)
        rows: Counter[str] = Counter()
        cursor = ""
        while True:
            page = await self._store.messages(
                MessageFilter(),
                cursor=cursor,
                limit=_PAGE,
            )
            for row in page.rows:
                await self._check_message(row)
                if row.box is Box.OUT:
                    rows[row.state.value] += 1
            cursor = page.next_cursor
            if not cursor:
                break
        for key, kinds in self._logged.items():
            # A refused message has no row: its refusal is all there is. One that a
            # restored backup did not have is logged as lost.
            if kinds != {"msg.reject"} and "msg.lost" not in kinds:
                self._find(f"message {UUID(bytes=key)}: is logged, but not there")
        self._check_counts(before, await self._store.conservation(None), rows)

    async def _check_message(self, row: MessageRow) -> None:
        kinds = self._logged.pop(_packed(row.id), _NOTHING)
        if row.log_index >= self._size:
            return  # newer than this check
        self._messages += 1
        if not _rests_on(row, kinds):
            # It may have moved on since the log was read.
            kinds = await self._kinds_now(row.id)
        if not kinds & (_FIRST_KINDS[row.box] | {_CARRIED}):
            self._find(f"message {row.id}: has no entry of its arrival")
        elif not _rests_on(row, kinds):
            self._find(f"message {row.id}: is {row.state} without an entry")

    async def _kinds_now(self, message_id: MessageId) -> frozenset[str]:
        indices = await self._store.log_indices(message_id)
        pages = [await self._store.entries(index, 1) for index in indices]
        return frozenset(entry.kind for page in pages for entry in page)

    def _check_counts(
        self,
        before: Conservation,
        after: Conservation,
        rows: Counter[str],
    ) -> None:
        """Compare the two sides of invariant I3 with each other and with the rows."""
        for counts in (before, after):
            total = sum(count for _, count in counts.by_state)
            if total != counts.accepted:
                self._find(f"messages: {counts.accepted} accepted, {total} counted")
        # While messages move on, the rows were not read at one instant.
        if before == after and +rows != +Counter(dict(after.by_state)):
            self._find("messages: the counters differ from the rows")


def _rests_on(row: MessageRow, kinds: frozenset[str]) -> bool:
    """Tell whether a message arrived, and is in its state, by an entry."""
    if _CARRIED in kinds:
        return True  # the entries that it rests on stand in the log before
    demanded = _ENTRY_OF_STATE.get(row.state.value)
    has_arrived = bool(kinds & _FIRST_KINDS[row.box])
    return has_arrived and (demanded is None or demanded in kinds)


@cache
def _with(kinds: frozenset[str], kind: str) -> frozenset[str]:
    """Return kinds with one more; equal results are one object."""
    return kinds | {kind}


def _packed(message_id: str) -> bytes:
    return UUID(message_id).bytes
