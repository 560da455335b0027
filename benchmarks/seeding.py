"""Filling a node's encrypted database with as many messages as a node sees in years.

    python -m benchmarks.seeding HOME --messages 1000000

The node must be stopped. What is written is what the node would have written: leaves,
disclosures, tiles and checkpoints by the code of the node, rows by its statements, so
that it starts on it and finds nothing wrong with it. Only the envelopes are noise, and
nothing is durable before the end: whoever is interrupted begins with a new home.
"""

import argparse
import asyncio
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection as Engine

from benchmarks.seeded_messages import (
    MESSAGES_A_CASE,
    PATTERN,
    QUEUED,
    Seeded,
    new_seeded,
)
from benchmarks.seeded_trees import RightEdge, SeededPeer
from gateway.config.reading import load_settings
from gateway.core.canonical import JsonObject
from gateway.core.delivery import OutboundState
from gateway.core.entries.leaf import EntryDraft
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import Frontier
from gateway.core.translog.tiles import TILE_WIDTH
from gateway.core.values import AuthorityId, UnixMs
from gateway.keystore.keyring import open_keyring
from gateway.ports.keys import DisclosureVault, RingId
from gateway.ports.messages import Box
from gateway.storage.appending import Appender
from gateway.storage.operations.steps import checkpoint_field, linked_state
from gateway.storage.rows import (
    NO_INDEX,
    CheckState,
    FullTile,
    NewDisclosure,
    NewEntry,
    RangeKind,
    RingKey,
    Sealed,
    StoredMessage,
)
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.mapping import (
    Params,
    message_columns,
    peer_columns,
    sealed_columns,
)
from gateway.storage.sqlite.migrate import migrate
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader

_BLOCK = 200
_PAST_MS = 20 * 86_400_000
_LAST_AGO_MS = 60_000
_ARCHIVED_KEY_BYTES = 60
_RINGS_KNOWN = 1_000
# Unlike a node's: much in memory, and nothing durable before the end.
_FAST = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -262144",
)
# Those that a table has beside its key; they are made faster when all rows are there.
_INDICES = """
SELECT name, sql FROM sqlite_schema
WHERE type = 'index' AND sql IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The store that is filled.

    Attributes:
        path: The database file.
        key: 32 bytes that encrypt it.
        origin: The log it holds.
        vault: Seals disclosures.
        sign: Signs checkpoints of that log.
    """

    path: Path
    key: bytes
    origin: str
    vault: DisclosureVault
    sign: Callable[[Checkpoint], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much is put in.

    Attributes:
        messages: Of both boxes.
        peers: With whom; each gets the same number.
        envelope_bytes: Of one.
        queued: How many of the newest still wait for their peer.
        now: The newest is a minute older, the oldest twenty days.
    """

    messages: int
    peers: tuple[AuthorityId, ...]
    now: UnixMs
    envelope_bytes: int = 1024
    queued: int = 0


async def seed_home(home: Path, amount: Amount) -> None:
    """Fill the database of a home whose node is stopped."""
    settings = load_settings(home, os.environ).settings
    keyring = open_keyring(settings, os.environ)
    target = Target(
        path=settings.storage.path,
        key=keyring.database_key.raw,
        origin=keyring.log.origin,
        vault=keyring.disclosures,
        sign=keyring.log.sign,
    )
    await seed(target, amount)


async def seed(target: Target, amount: Amount) -> None:
    """Fill a database, new or with a log in it, that no node has open."""
    connection = await connect(target.path, target.key, Role.WRITER)
    try:
        filling = await connection.run(lambda engine: _fill(engine, target, amount))
        signed = [(one, await target.sign(one)) for one in filling.to_sign]
        await connection.run(lambda engine: filling.end(signed))
    finally:
        await connection.close()


def _fill(engine: Engine, target: Target, amount: Amount) -> "_Filling":
    migrate(engine, origin=target.origin)
    for setting in _FAST:
        engine.execute(setting).fetchall()
    engine.execute("BEGIN")
    filling = _Filling(engine, target, amount)
    filling.run()
    return filling


class _Rings:
    """Rings by scope; implements `gateway.storage.appending.RingKeys`."""

    def __init__(self, engine: Engine, vault: DisclosureVault) -> None:
        self._engine = engine
        self._vault = vault
        self._known: dict[str, RingKey] = {}
        self.made_at = 0

    def ring_key(self, scope: str) -> RingKey:
        """Return the key of a scope, made now if there is none."""
        if found := self._known.get(scope):
            return found
        row = self._engine.execute(QUERIES["ring_key"], (scope,)).fetchone()
        if row:
            key = RingKey(row[0], RingId(row[1]))
        else:
            ring = self._vault.new_ring(self.made_at)
            added = self._engine.execute(QUERIES["add_ring_key"], (scope, ring))
            key = RingKey(added.lastrowid or 0, ring)
        if len(self._known) > _RINGS_KNOWN:
            self._known.clear()
        self._known[scope] = key
        return key


class _Filling:
    """One run over a database.

    Attributes:
        to_sign: Checkpoints that the node would have signed on the way.
    """

    def __init__(self, engine: Engine, target: Target, amount: Amount) -> None:
        self._engine = engine
        self._target = target
        self._amount = amount
        self._ourselves = target.origin.partition("/")[0]
        self._reader = SqliteReader(engine)
        self._head = self._reader.head()
        self._edge = _right_edge(self._reader, self._head.size)
        self._rings = _Rings(engine, target.vault)
        self._peers = [
            SeededPeer(peer, number) for number, peer in enumerate(amount.peers, 1)
        ]
        self._rows = {peer: self._reader.peer(peer) for peer in amount.peers}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._number, self._change = engine.execute(QUERIES["counters"]).fetchone()
        self._pending: dict[AuthorityId, tuple[int, int]] = {}
        self._waiting: defaultdict[str, list[Params]] = defaultdict(list)
        self.to_sign: list[Checkpoint] = []

    def run(self) -> None:
        """Put all messages in, without the indices that can be made afterwards."""
        indices = self._engine.execute(_INDICES).fetchall()
        for name, _ in indices:
            self._engine.execute(f"DROP INDEX {name}")
        blocks = range(0, self._amount.messages, _BLOCK)
        for count, first in enumerate(blocks):
            size = min(_BLOCK, self._amount.messages - first)
            self._block(self._peers[count % len(self._peers)], first, size)
        for _, statement in indices:
            self._engine.execute(statement)
        self._target.vault.flush()

    def _block(self, peer: SeededPeer, first: int, size: int) -> None:
        """Put in messages of one peer, which lie under one checkpoint of its log."""
        messages = list(self._messages(peer.authority, first, size))
        said = [
            (kind, one.at, fields)
            for one in messages
            for kind, fields in one.said_by_peer(self._ourselves)
        ]
        proofs = iter(peer.attest(said))
        self._rings.made_at = self._head.size
        appender = Appender(
            self._target.origin,
            self._head,
            vault=self._target.vault,
            rings=self._rings,
        )
        cross = checkpoint_field(peer.link)
        for one in messages:
            self._store(one, appender, cross)
            for role, _ in one.fate.theirs:
                proof = next(proofs)
                self._waiting["add_proof"].append(
                    (
                        one.id,
                        peer.authority,
                        role,
                        peer.origin,
                        peer.link.size,
                        proof.index,
                        proof.leaf,
                        b"".join(proof.path),
                    ),
                )
        state = linked_state(peer.link)
        self._waiting["keep_peer_note"].append(
            (state.origin, state.size, state.root, state.note)
        )
        self._write(appender)

    def _messages(self, peer: AuthorityId, first: int, size: int) -> Iterator[Seeded]:
        amount = self._amount
        row = self._rows[peer]
        sent, received = row.last_seq, row.highest_seq
        for number in range(first, first + size):
            fate = PATTERN[number % len(PATTERN)]
            is_queued = number >= amount.messages - amount.queued
            if is_queued:
                fate = QUEUED
            seq = 0
            if fate.box is Box.IN:
                seq = received = received + 1
            elif fate.state is not OutboundState.HELD:
                seq = sent = sent + 1
                if is_queued:
                    self._pend(peer, seq)
            age_ms = _PAST_MS * (amount.messages - number) // amount.messages
            at = UnixMs(amount.now - _LAST_AGO_MS - age_ms)
            yield new_seeded(number, at, fate, peer, seq)
        ours = sum(1 for n in range(first, first + size) if self._is_ours(n))
        self._rows[peer] = replace(
            row, last_seq=sent, highest_seq=received, accepted=row.accepted + ours
        )

    def _is_ours(self, number: int) -> bool:
        is_queued = number >= self._amount.messages - self._amount.queued
        return is_queued or PATTERN[number % len(PATTERN)].box is Box.OUT

    def _pend(self, peer: AuthorityId, seq: int) -> None:
        first, _ = self._pending.get(peer, (seq, seq))
        self._pending[peer] = (first, seq)

    def _store(self, one: Seeded, appender: Appender, cross: JsonObject) -> None:
        indices: list[int] = []
        opened = NO_INDEX
        for kind in one.fate.ours:
            arrival = indices[0] if indices else 0
            act = one.act(kind)
            draft = EntryDraft(
                kind,
                one.at,
                one.fields(kind, arrival, cross),
                act.disclosures() if act else (),
            )
            indices.append(appender.append(draft, case_id=one.index.case_id))
            if kind == "msg.access":
                opened = indices[-1]
        size = self._amount.envelope_bytes
        is_in = one.fate.box is Box.IN
        self._number += 1
        stored = StoredMessage(
            number=self._number,
            view=one.row(indices[0], size),
            check=CheckState.DONE if is_in else CheckState.NONE,
            opened_index=opened,
        )
        noise = _noise(size)
        sealed = Sealed(noise, noise[:_ARCHIVED_KEY_BYTES])
        if one.fate.state is OutboundState.HELD:
            sealed = Sealed(draft=noise)
        self._gather(one, stored, sealed, indices[-1])

    def _gather(
        self, one: Seeded, stored: StoredMessage, sealed: Sealed, last: int
    ) -> None:
        view, add = stored.view, self._waiting
        add["add_message"].append(message_columns(stored))
        add["put_sealed"].append(sealed_columns(stored.number, sealed))
        self._change += 1
        change = (self._change, view.updated_at, view.box, view.id, view.peer)
        add["add_change"].append((*change, view.state, last))
        self._counts[view.peer, view.box, view.state] += 1
        if view.box is Box.OUT:
            key = ("clerk", view.idempotency_key, one.digest, view.id)
            add["add_used_key"].append((*key, OutboundState.QUEUED, view.log_index))
        if one.index.case_seq == MESSAGES_A_CASE:
            head = (one.index.case_id, view.peer, MESSAGES_A_CASE, one.digest, Box.OUT)
            add["put_case_head"].append(head)

    def _write(self, appender: Appender) -> None:
        growth = appender.grow(self._edge)
        hashes = [entry.leaf_hash for entry in appender.entries]
        many = self._engine.executemany
        many(QUERIES["add_entry"], map(_entry_columns, appender.entries))
        many(QUERIES["add_disclosure"], map(_sealed_columns, appender.disclosures))
        many(QUERIES["add_tile"], map(_tile_columns, growth.tiles))
        for name, rows in self._waiting.items():
            many(QUERIES[name], rows)
        self._waiting.clear()
        self._edge.add(hashes, growth.tiles)
        self._head = growth.head
        tree = Frontier.from_bytes(growth.head.size, growth.head.frontier)
        self.to_sign.append(
            Checkpoint(self._target.origin, growth.head.size, tree.root())
        )

    def end(self, signed: Sequence[tuple[Checkpoint, bytes]]) -> None:
        """Write the ends of everything, and make it durable."""
        head, execute = self._head, self._engine.execute
        execute(
            QUERIES["set_head"], (head.size, head.last, head.last_at, head.frontier)
        )
        self._engine.executemany(
            QUERIES["add_checkpoint"],
            [(one.size, one.root, note, head.last_at) for one, note in signed],
        )
        execute(QUERIES["set_counters"], (self._number, self._change))
        self._engine.executemany(
            QUERIES["add_count"],
            [(*key, count) for key, count in self._counts.items()],
        )
        self._engine.executemany(
            QUERIES["put_peer"], map(peer_columns, self._rows.values())
        )
        self._engine.executemany(
            QUERIES["put_range"],
            [
                (peer, RangeKind.PENDING, *span, 0)
                for peer, span in self._pending.items()
            ],
        )
        execute("COMMIT")
        execute("PRAGMA locking_mode = NORMAL").fetchall()
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA journal_mode = WAL").fetchall()
        execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        with self._target.path.open("rb") as file:
            os.fsync(file.fileno())


def _right_edge(reader: SqliteReader, size: int) -> RightEdge:
    """Return the right edge of a log as it is stored."""
    edge = RightEdge(reader.leaf_hashes(size - size % TILE_WIDTH, size), size)
    level, full = 0, size // TILE_WIDTH
    while full:
        edge.keep_roots(level, reader.tile_roots(level, 0, full))
        level, full = level + 1, full // TILE_WIDTH
    return edge


def _entry_columns(one: NewEntry) -> Params:
    return (one.index, one.leaf_hash, one.data, one.kind, one.message_id)


def _sealed_columns(one: NewDisclosure) -> Params:
    return (one.index, one.digest, one.ring.value, one.key_id, one.sealed)


def _tile_columns(one: FullTile) -> Params:
    return (one.level, one.index, one.hashes, one.root)


def _noise(size: int) -> bytes:
    """Return bytes that cannot be packed, much faster than from the system."""
    return random.randbytes(size)  # noqa: S311 - stands for ciphertext, hides nothing


def main() -> None:
    """Fill the home that the arguments name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--queued", type=int, default=0)
    parser.add_argument("--envelope-bytes", type=int, default=1024)
    parser.add_argument("--peer", action="append", default=[])
    asked = parser.parse_args()
    began = time.monotonic()
    amount = Amount(
        messages=asked.messages,
        peers=tuple(map(AuthorityId, asked.peer or ["mj.fr", "bmj.de", "pgr.pt"])),
        now=UnixMs(time.time_ns() // 1_000_000),
        envelope_bytes=asked.envelope_bytes,
        queued=asked.queued,
    )
    asyncio.run(seed_home(asked.home, amount))
    print(f"{asked.messages} messages in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
