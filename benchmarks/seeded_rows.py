"""Writing what `seeded_messages` tells into a database, block by block."""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
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
from benchmarks.seeded_trees import Disclosing, RightEdge, SeededPeer, Speller
from gateway.core.canonical import JsonObject
from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import DisclosureClass
from gateway.core.entries.leaf import FIRST_PREV
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.tiles import TILE_WIDTH
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.keys import DisclosureSealer, DisclosureVault, RingId
from gateway.ports.messages import Box
from gateway.storage.appending import case_scope, disclosure_context, duty_scope
from gateway.storage.operations.steps import checkpoint_field
from gateway.storage.rows import (
    NO_INDEX,
    CheckState,
    PeerRow,
    RangeKind,
    RingKey,
    Sealed,
    StoredMessage,
)
from gateway.storage.sqlite.mapping import (
    Params,
    message_columns,
    peer_columns,
    sealed_columns,
)
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader

_BLOCK = 200
_PAST_MS = 20 * 86_400_000
_LAST_AGO_MS = 60_000
_ARCHIVED_KEY_BYTES = 60
# What is made faster when all rows are there; keys of tables are not among them.
_INDICES = """
SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
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
        peers: With whom; blocks of messages go round among them.
        now: The newest is a minute older, the oldest twenty days.
        envelope_bytes: Of one message.
        queued: How many of the newest still wait for their peer.
    """

    messages: int
    peers: tuple[AuthorityId, ...]
    now: UnixMs
    envelope_bytes: int = 1024
    queued: int = 0

    def fate(self, number: int) -> int:
        """Return the place in the pattern of a message; -1 stands for queued."""
        is_queued = number >= self.messages - self.queued
        return -1 if is_queued else number % len(PATTERN)

    def moment(self, number: int) -> UnixMs:
        """Return when a message was there; the last entries are recent."""
        age_ms = _PAST_MS * (self.messages - number) // self.messages
        return UnixMs(self.now - _LAST_AGO_MS - age_ms)


class Filling:
    """One run over a database.

    Attributes:
        to_sign: Checkpoints that the node would have signed on the way.
    """

    def __init__(self, engine: Engine, target: Target, amount: Amount) -> None:
        self._engine = engine
        self._target = target
        self._amount = amount
        self._ourselves = target.origin.partition("/")[0]
        reader = SqliteReader(engine)
        self._edge = _right_edge(reader)
        head = self._edge.head
        prev = head.last.hex() if head.size else FIRST_PREV
        self._last_at = head.last_at
        self._speller = Speller(target.origin, prev)
        self._disclosing = Disclosing()
        self._peers = [
            SeededPeer(peer, number) for number, peer in enumerate(amount.peers, 1)
        ]
        self._peer_rows = {peer: reader.peer(peer) for peer in amount.peers}
        self._pending: dict[AuthorityId, tuple[int, int]] = {}
        self._counts: Counter[Params] = Counter()
        self._number, self._change = engine.execute(QUERIES["counters"]).fetchone()
        self._waiting: defaultdict[str, list[Params]] = defaultdict(list)
        self._hashes: list[bytes] = []
        self._rings: dict[str, RingKey] = {}
        self._sealers: dict[RingId, DisclosureSealer] = {}
        self.to_sign: list[Checkpoint] = []

    def run(self) -> None:
        """Put all messages in; indices are taken off before and made again."""
        indices = self._engine.execute(_INDICES).fetchall()
        for name, _ in indices:
            self._engine.execute(f"DROP INDEX {name}")
        for count, first in enumerate(range(0, self._amount.messages, _BLOCK)):
            size = min(_BLOCK, self._amount.messages - first)
            self._block(self._peers[count % len(self._peers)], first, size)
        for _, statement in indices:
            self._engine.execute(statement)
        self._target.vault.flush()

    def end(self, signed: Sequence[tuple[Checkpoint, bytes]]) -> None:
        """Write the ends of everything, and make all of it durable."""
        head, execute = self._edge.head, self._engine.execute
        many = self._engine.executemany
        columns = (head.size, head.last, head.last_at, head.frontier)
        execute(QUERIES["set_head"], columns)
        many(
            QUERIES["add_checkpoint"],
            [(one.size, one.root, note, head.last_at) for one, note in signed],
        )
        execute(QUERIES["set_counters"], (self._number, self._change))
        counts = [(*key, count) for key, count in self._counts.items()]
        many(QUERIES["add_count"], counts)
        many(QUERIES["put_peer"], map(peer_columns, self._peer_rows.values()))
        spans = [
            (peer, RangeKind.PENDING, *span, 0) for peer, span in self._pending.items()
        ]
        many(QUERIES["put_range"], spans)
        execute("COMMIT")
        execute("PRAGMA locking_mode = NORMAL").fetchall()
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA journal_mode = WAL").fetchall()
        with self._target.path.open("rb") as file:
            os.fsync(file.fileno())

    def _block(self, peer: SeededPeer, first: int, size: int) -> None:
        """Put in messages of one peer, which lie under one checkpoint of its log."""
        messages = self._messages(peer.authority, first, size)
        said = [
            (kind, one.at_text, fields)
            for one in messages
            for kind, fields in one.said_by_peer(self._ourselves)
        ]
        proofs = iter(peer.attest(said))
        link = peer.link
        cross = checkpoint_field(link)
        for one in messages:
            self._store(one, cross)
            for role, _ in one.fate.theirs:
                proof = next(proofs)
                where = (one.id, peer.authority, role, peer.origin, link.size)
                path = b"".join(proof.path)
                row = (*where, proof.index, proof.leaf, path)
                self._waiting["add_proof"].append(row)
        note = (link.origin, link.size, link.root, link.note)
        self._waiting["keep_peer_note"].append(note)
        self._write(messages[-1].at)

    def _messages(self, peer: AuthorityId, first: int, size: int) -> list[Seeded]:
        found = []
        row = self._peer_rows[peer]
        for number in range(first, first + size):
            at = self._amount.fate(number)
            fate = QUEUED if at < 0 else PATTERN[at]
            row, seq = _counted(row, fate.box, fate.state)
            if at < 0:
                begun, _ = self._pending.get(peer, (seq, seq))
                self._pending[peer] = (begun, seq)
            moment = self._amount.moment(number)
            found.append(new_seeded(number, moment, fate, peer, seq))
        self._peer_rows[peer] = row
        return found

    def _store(self, one: Seeded, cross: JsonObject) -> None:
        indices: list[int] = []
        opened = NO_INDEX
        for kind in one.fate.ours:
            arrival = indices[0] if indices else 0
            indices.append(self._log(one, kind, one.fields(kind, arrival, cross)))
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
        noise = random.randbytes(size)  # noqa: S311 - stands for ciphertext
        sealed = Sealed(noise, noise[:_ARCHIVED_KEY_BYTES])
        if one.fate.state is OutboundState.HELD:
            sealed = Sealed(draft=noise)
        self._gather(one, stored, sealed, indices[-1])

    def _log(self, one: Seeded, kind: str, fields: JsonObject) -> int:
        """Log an entry with what it discloses."""
        index = self._edge.head.size + len(self._hashes)
        if one.at < self._last_at:
            fields["clk"] = 1  # what was there before is younger
        self._last_at = one.at
        told = self._disclosing.of(one.act(kind))
        sd = [disclosure.digest for disclosure in told]
        raw, hashed = self._speller.spell(kind, one.at_text, index, fields, sd)
        self._hashes.append(hashed)
        self._waiting["add_entry"].append((index, hashed, raw, kind, one.id))
        for disclosure in told:
            is_case = disclosure.ring is DisclosureClass.CASE
            scope = case_scope(one.index.case_id) if is_case else duty_scope(one.at)
            key = self._ring(scope)
            digest = disclosure.digest
            if key.ring not in self._sealers:
                self._sealers[key.ring] = self._target.vault.sealer(key.ring)
            sealed = self._sealers[key.ring](
                disclosure.encoded.encode(),
                disclosure_context(self._target.origin, index, digest),
            )
            row = (index, digest, disclosure.ring.value, key.key_id, sealed)
            self._waiting["add_disclosure"].append(row)
        return index

    def _ring(self, scope: str) -> RingKey:
        """Return the ring of a scope, made now if there is none."""
        if found := self._rings.get(scope):
            return found
        row = self._engine.execute(QUERIES["ring_key"], (scope,)).fetchone()
        if row:
            key = RingKey(row[0], RingId(row[1]))
        else:
            ring = self._target.vault.new_ring(self._edge.head.size)
            added = self._engine.execute(QUERIES["add_ring_key"], (scope, ring))
            key = RingKey(added.lastrowid or 0, ring)
        self._rings[scope] = key
        return key

    def _gather(
        self, one: Seeded, stored: StoredMessage, sealed: Sealed, last: int
    ) -> None:
        view, waiting = stored.view, self._waiting
        waiting["add_message"].append(message_columns(stored))
        waiting["put_sealed"].append(sealed_columns(stored.number, sealed))
        self._change += 1
        change = (self._change, view.updated_at, view.box, view.id, view.peer)
        waiting["add_change"].append((*change, view.state, last))
        self._counts[view.peer, view.box, view.state] += 1
        if view.idempotency_key:
            used = ("clerk", view.idempotency_key, one.digest, view.id)
            row = (*used, OutboundState.QUEUED, view.log_index)
            waiting["add_used_key"].append(row)
        if one.index.case_seq == MESSAGES_A_CASE:
            head = (one.index.case_id, view.peer, MESSAGES_A_CASE, one.digest, Box.OUT)
            waiting["put_case_head"].append(head)

    def _write(self, last_at: UnixMs) -> None:
        for tile in self._edge.grow(self._hashes, last_at):
            row = (tile.level, tile.index, tile.hashes, tile.root)
            self._waiting["add_tile"].append(row)
        for name, rows in self._waiting.items():
            self._engine.executemany(QUERIES[name], rows)
        self._waiting.clear()
        self._hashes = []
        # Only the cases of one block are open at a time.
        self._rings.clear()
        self.to_sign.append(self._edge.checkpoint(self._target.origin))


def _counted(row: PeerRow, box: Box, state: str) -> tuple[PeerRow, int]:
    """Return a peer's counters after one more message, and its running number."""
    if box is Box.IN:
        seq = row.highest_seq + 1
        return replace(row, highest_seq=seq), seq
    accepted = row.accepted + 1
    if state == OutboundState.HELD:
        return replace(row, accepted=accepted), 0
    seq = row.last_seq + 1
    return replace(row, accepted=accepted, last_seq=seq), seq


def _right_edge(reader: SqliteReader) -> RightEdge:
    """Return the right edge of a log as it is stored."""
    head = reader.head()
    size = head.size
    edge = RightEdge(head, reader.leaf_hashes(size - size % TILE_WIDTH, size))
    level, full = 0, size // TILE_WIDTH
    while full:
        edge.keep_roots(level, reader.tile_roots(level, 0, full))
        level, full = level + 1, full // TILE_WIDTH
    return edge
