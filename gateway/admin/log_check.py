"""Hashing the whole log again: every leaf, the chain, the tree, the signed root.

Comparing stored roots would verify nothing, so everything is computed from the leaves
(specification, section 8). A page at a time in a thread, so that the loop is free.
"""

import asyncio
import base64
from dataclasses import dataclass

import msgspec

from gateway.core.entries.leaf import FIRST_PREV
from gateway.core.translog.merkle import Frontier, leaf_hash
from gateway.ports.log import LogStore, SignedCheckpoint, StoredEntry

_ENTRIES_A_PAGE = 512


class _Link(msgspec.Struct):
    """What of a leaf ties it to its place."""

    log: str
    i: int
    prev: str
    k: str
    m: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCheckResult:
    """What the check has shown.

    Attributes:
        root: Root computed from the leaves.
        pruned: Entries of which only the hash is left.
        checkpoint_size: Size of the newest signed checkpoint.
        problem: The first thing that does not agree, or empty.
    """

    size: int
    root: bytes
    pruned: int
    checkpoint_size: int
    problem: str


class LogCheck:
    """One run over a log."""

    def __init__(self, store: LogStore, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._frontier = Frontier()
        self._previous: bytes | None = None
        self._pruned = 0
        self._signed_root: bytes | None = None

    async def run(self) -> LogCheckResult:
        """Check every entry that is committed now."""
        head = await self._store.log_head()
        signed = await self._store.newest_checkpoint()
        problem = ""
        while self._frontier.size < head.size and not problem:
            wanted = min(_ENTRIES_A_PAGE, head.size - self._frontier.size)
            entries = await self._store.entries(self._frontier.size, wanted)
            if not entries:
                problem = f"entry {self._frontier.size}: missing"
                break
            problem = await asyncio.to_thread(self._page, entries, signed)
        if not problem:
            problem = self._compare(head.root, signed)
        return LogCheckResult(
            size=self._frontier.size,
            root=self._frontier.root(),
            pruned=self._pruned,
            checkpoint_size=signed.size if signed else 0,
            problem=problem,
        )

    def _page(
        self,
        entries: list[StoredEntry],
        signed: SignedCheckpoint | None,
    ) -> str:
        """Take in one page; return what is wrong with it, or nothing."""
        for entry in entries:
            problem = self._entry(entry)
            if problem:
                return f"entry {self._frontier.size}: {problem}"
            self._frontier = self._frontier.push(entry.leaf_hash)
            self._previous = entry.leaf_hash
            if signed is not None and self._frontier.size == signed.size:
                self._signed_root = self._frontier.root()
        return ""

    def _entry(self, entry: StoredEntry) -> str:
        if entry.index != self._frontier.size:
            return f"missing, the next one is {entry.index}"
        if not entry.data:
            self._pruned += 1
            return ""
        if leaf_hash(entry.data) != entry.leaf_hash:
            return "its bytes do not have the hash that is in the tree"
        return self._link(entry)

    def _link(self, entry: StoredEntry) -> str:
        """Return what is wrong with how an entry names itself, or nothing."""
        try:
            link = msgspec.json.decode(entry.data, type=_Link)
        except msgspec.MsgspecError:
            return "cannot be read"
        previous = self._previous.hex() if self._previous is not None else FIRST_PREV
        if link.prev != previous:
            return "the chain is broken before it"
        named = (link.log, link.i, link.k, link.m)
        if named != (self._origin, entry.index, entry.kind, entry.message_id):
            return "names another log, place, kind or message than it is listed under"
        return ""

    def _compare(self, head_root: bytes, signed: SignedCheckpoint | None) -> str:
        if self._frontier.root() != head_root:
            return "root: not the one that the database holds"
        if signed is None or signed.size == 0:
            return ""
        if signed.size > self._frontier.size:
            return f"log: ends before the checkpoint signed for size {signed.size}"
        if self._signed_root != signed.root:
            found = base64.b64encode(self._signed_root or b"").decode()
            return f"root: {found} at size {signed.size}, another one was signed"
        return ""
