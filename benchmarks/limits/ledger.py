"""A log with its tree and its database, written straight down.

Formats, signatures and database settings are the gateway's; only what gathers,
schedules and looks up is left out: the tree lies in memory, whole, and one thread does
everything in order.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import nacl.utils

from benchmarks.limits.lean import encode, random_text
from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import FIRST_PREV
from gateway.core.protocol import Consistency, hashes_to_text
from gateway.core.translog.checkpoint import Checkpoint, LogSigner
from gateway.core.translog.merkle import (
    Frontier,
    consistency_proof,
    frontier_nodes,
    inclusion_paths,
    leaf_hash,
    node_hash,
)
from gateway.core.values import UnixMs, format_time
from gateway.storage.sqlite.connection import Role, open_engine

SEED_BYTES = 32

Value: TypeAlias = str | int | bytes
Rows: TypeAlias = Sequence[tuple[Value, ...]]

_LAYOUT = """
CREATE TABLE head (id INTEGER PRIMARY KEY, size INTEGER, frontier BLOB) STRICT;
INSERT INTO head VALUES (1, 0, x'');
CREATE TABLE entry (i INTEGER PRIMARY KEY, leaf BLOB, data BLOB, id TEXT) STRICT;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note BLOB) STRICT;
CREATE TABLE peer_log (id INTEGER PRIMARY KEY, size INTEGER, note BLOB) STRICT;
CREATE TABLE message (
    id TEXT PRIMARY KEY, state TEXT, digest TEXT, log_index INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE sealed (
    number INTEGER PRIMARY KEY, envelope BLOB, archived_key BLOB
) STRICT;
CREATE TABLE proof (number INTEGER PRIMARY KEY, id TEXT, leaf BLOB, path BLOB) STRICT;
"""
ADD_MESSAGE = "INSERT INTO message VALUES (?, ?, ?, ?)"
SET_STATE = "UPDATE message SET state = ? WHERE id = ?"
ADD_SEALED = "INSERT INTO sealed (envelope, archived_key) VALUES (?, ?)"
ADD_PROOF = "INSERT INTO proof (id, leaf, path) VALUES (?, ?, ?)"
SET_PEER_LOG = "INSERT OR REPLACE INTO peer_log VALUES (1, ?, ?)"
ADD_CHECKPOINT = "INSERT INTO checkpoint VALUES (?, ?)"
_ADD_ENTRY = "INSERT INTO entry VALUES (?, ?, ?, ?)"
_SET_HEAD = "UPDATE head SET size = ?, frontier = ? WHERE id = 1"


class Ledger:
    """The log of one side.

    Attributes:
        size: Number of entries.
        signer: Signs its checkpoints with both algorithms.
        commits: Durable commits so far.
    """

    def __init__(self, folder: Path, origin: str, seed: bytes) -> None:
        self.signer = LogSigner(origin, ed25519_seed=seed, ml_dsa_seed=seed)
        self.size = 0
        self.commits = 0
        self._rows: list[list[bytes]] = [[]]
        self._prev: str = FIRST_PREV
        self._entries: list[tuple[Value, ...]] = []
        key = nacl.utils.random(SEED_BYTES)
        self._engine = open_engine(
            folder / f"{origin.partition('/')[0]}.db", key, Role.WRITER
        )
        self._engine.executescript(_LAYOUT)

    def log(self, kind: str, fields: Sequence[JsonObject]) -> list[bytes]:
        """Append entries of one kind and return their leaves; nothing is stored yet."""
        leaves, hashes = [], []
        prev, at = self._prev, format_time(now())
        common: JsonObject = {"k": kind, "log": self.signer.origin, "t": at, "v": 1}
        for index, one in enumerate(fields, self.size):
            leaf = encode(
                {**common, **one, "i": index, "prev": prev, "r": random_text()},
            )
            hashed = leaf_hash(leaf)
            prev = hashed.hex()
            leaves.append(leaf)
            hashes.append(hashed)
            self._entries.append((index, hashed, leaf, str(one["m"])))
        self._prev = prev
        self._grow(hashes)
        return leaves

    def _grow(self, hashes: Sequence[bytes]) -> None:
        """Add leaves to the tree, and every subtree they complete."""
        self.size += len(hashes)
        self._rows[0].extend(hashes)
        height = 0
        while len(self._rows[height]) > 1:
            if len(self._rows) == height + 1:
                self._rows.append([])
            below, row = self._rows[height : height + 2]
            start = 2 * len(row)
            stop = len(below) // 2 * 2
            row.extend(map(node_hash, below[start:stop:2], below[start + 1 : stop : 2]))
            height += 1

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        return self._rows[height][index]

    def _frontier(self) -> Frontier:
        nodes = frontier_nodes(self.size)
        return Frontier(self.size, tuple(self.node(*node) for node in nodes))

    def sign(self) -> bytes:
        """Return the signed checkpoint of all entries; it is not to be sent yet."""
        root = self._frontier().root()
        return self.signer.sign(Checkpoint(self.signer.origin, self.size, root))

    def commit(self, *changes: tuple[str, Rows]) -> None:
        """Store what was logged and these changes, durably, in one transaction."""
        run, run_many = self._engine.execute, self._engine.executemany
        run("BEGIN IMMEDIATE")
        run_many(_ADD_ENTRY, self._entries)
        for statement, rows in changes:
            run_many(statement, rows)
        run(_SET_HEAD, (self.size, self._frontier().to_bytes()))
        run("COMMIT")
        self._entries = []
        self.commits += 1

    def paths(self, start: int) -> list[list[str]]:
        """Return the inclusion paths of all entries from `start` on, as text."""
        indices = range(start, self.size)
        paths = inclusion_paths(indices, self.size, self)
        return list(map(hashes_to_text, paths))

    def consistency(self, seen: int) -> Consistency:
        """Return the proof that the log only grew since `seen`."""
        proof = consistency_proof(seen, self.size, self)
        return Consistency(from_size=seen, proof=hashes_to_text(proof))


def now() -> UnixMs:
    """Return the time."""
    return UnixMs(time.time_ns() // 1_000_000)
