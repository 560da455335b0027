"""One writing transaction: changes are gathered and written kind by kind.

A batch of operations shares a transaction, and one `executemany` a kind costs far
less than one statement a change. What is read while changes wait is read after they
were written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from sqlite3 import Connection as Engine
from sqlite3 import Cursor

from msgspec.structs import replace as changed

from gateway.core.entries.leaf import EntryDraft
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.keys import DisclosureVault
from gateway.ports.log import PeerLogState, SignedCheckpoint
from gateway.ports.outbox import CaseHead, OutboundEventItem
from gateway.storage.appending import Appender
from gateway.storage.rows import (
    ChangeDraft,
    PeerRow,
    ProofRow,
    RangeKind,
    Refusal,
    RingKey,
    Sealed,
    SeqRange,
    StoredMessage,
    UsedKey,
)
from gateway.storage.sqlite.lookup import SqliteLookup
from gateway.storage.sqlite.mapping import (
    RARE_CHANGES,
    Params,
    SqlValue,
    as_json,
    attempt_columns,
    message_columns,
    peer_columns,
    progress_columns,
    sealed_columns,
    standing_columns,
)
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader
from gateway.storage.sqlite.rooms import RoomsWrites

# Kinds of gathered changes, in the order in which they are written: a message before
# its changes, and of its changes the one that ends an attempt last.
_ORDER = (
    "add_message",
    "put_sealed",
    "set_seal",
    "set_index",
    "set_key",
    "set_check",
    "set_pending",
    "set_attempt",
    "set_progress",
    "add_proof",
    "add_refusal",
    "add_event",
    "drop_event",
    "add_change",
)
# Reads of tables in which nothing waits to be written.
_NEVER_WAITING = frozenset(
    {
        "used_key",
        "case_head",
        "peer",
        "range_before",
        "ranges",
        "ring_key",
        "counters",
        "peer_log",
        "peer_log_of",
        "newest_checkpoint",
        "upload",
        "upload_by_key",
        "unused_uploads",
        "attachments",
        "grant",
        "has_export",
        "findings",
        "originals",
        "failed_attempts",
        "recovery_notes",
        "case_row",
        "docket_entries",
        "has_kept_facts",
        "docket_entry",
        "subject_tags",
        "tagged",
        "holds",
        "subject_request",
        "count_subject_requests",
    },
)


class SqliteTransaction(SqliteLookup, RoomsWrites):
    """Verbs of `gateway.storage.transaction.Transaction`."""

    def __init__(self, engine: Engine, origin: str, vault: DisclosureVault) -> None:
        super().__init__(engine)
        self._stored = SqliteReader(engine)
        self._vault = vault
        self._appender = Appender(
            origin,
            self._stored.head(),
            vault=vault,
            rings=self,
        )
        self._last_message, self._last_change = self._counters()
        self._waiting: dict[str, list[Params]] = {name: [] for name in _ORDER}
        self._new_ids: set[str] = set()
        self._peers: dict[AuthorityId, PeerRow] = {}
        self._rings: dict[str, RingKey] = {}
        self._minima: list[tuple[int, int]] = []
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._kept_notes: set[tuple[str, int]] = set()
        self._changes_made = 0

    def _counters(self) -> tuple[int, int]:
        last_message, last_change = self._engine.execute(
            QUERIES["counters"],
        ).fetchone()
        return int(last_message), int(last_change)

    @property
    def changes_made(self) -> int:
        """Count of changes so far, to tell an operation that changed nothing."""
        return self._changes_made

    def _rows(self, name: str, params: Params | Mapping[str, SqlValue] = ()) -> Cursor:
        if name not in _NEVER_WAITING:
            self._flush()
        return super()._rows(name, params)

    def _gather(self, name: str, params: Params) -> None:
        self._changes_made += 1
        self._waiting[name].append(params)

    def _write(self, name: str, params: Params = ()) -> Cursor:
        self._changes_made += 1
        return self._engine.execute(QUERIES[name], params)

    def _flush(self) -> None:
        for name in _ORDER:
            if rows := self._waiting[name]:
                self._engine.executemany(QUERIES[name], rows)
                self._waiting[name] = []

    def finish(self) -> None:
        """Write all that was gathered; the transaction is ready to be committed."""
        self._flush()
        self._write_log()
        self._write_minima()
        self._write_peers()
        execute_many = self._engine.executemany
        if changed := [(*key, count) for key, count in self._counts.items() if count]:
            execute_many(QUERIES["add_count"], changed)
        if (self._last_message, self._last_change) != self._counters():
            self._write("set_counters", (self._last_message, self._last_change))
        # No row may name a ring whose key is not on disk.
        self._vault.flush()

    def _write_log(self) -> None:
        if not self._appender.entries:
            return
        growth = self._appender.grow(self._stored)
        many = self._engine.executemany
        many(
            QUERIES["add_entry"],
            [
                (one.index, one.leaf_hash, one.data, one.kind, one.message_id)
                for one in self._appender.entries
            ],
        )
        many(
            QUERIES["add_disclosure"],
            [
                (one.index, one.digest, one.ring.value, one.key_id, one.sealed)
                for one in self._appender.disclosures
            ],
        )
        many(
            QUERIES["add_tile"],
            [(one.level, one.index, one.hashes, one.root) for one in growth.tiles],
        )
        head = growth.head
        self._write("set_head", (head.size, head.last, head.last_at, head.frontier))

    def _write_peers(self) -> None:
        rows = [peer_columns(row) for row in self._peers.values()]
        self._engine.executemany(QUERIES["put_peer"], rows)
        self._peers = {}

    def append_entry(self, draft: EntryDraft, *, case_id: str = "") -> int:
        """Log an entry and return its index."""
        self._changes_made += 1
        return self._appender.append(draft, case_id=case_id)

    def has_message(self, message_id: str) -> bool:
        """Tell whether an id names a message already."""
        return message_id in self._new_ids or any(
            self._engine.execute(QUERIES["has_message"], (message_id,)),
        )

    def add_message(self, message: StoredMessage, sealed: Sealed) -> StoredMessage:
        """Store a new message and return it with its number."""
        self._last_message += 1
        stored = changed(message, number=self._last_message)
        self._new_ids.add(stored.view.id)
        self._gather("add_message", message_columns(stored))
        self._gather("put_sealed", sealed_columns(stored.number, sealed))
        self._count(stored, 1)
        return stored

    def _count(self, message: StoredMessage, amount: int) -> None:
        view = message.view
        self._counts[view.peer, view.box.value, view.state.value] += amount

    def update_message(self, before: StoredMessage, after: StoredMessage) -> None:
        """Store the changed fields of a message, touching few indices."""
        number: Params = (after.number,)
        if standing_columns(before) != standing_columns(after):
            self._gather("set_progress", progress_columns(after) + number)
            self._count(before, -1)
            self._count(after, 1)
        elif (attempt := attempt_columns(after)) != attempt_columns(before):
            self._gather("set_attempt", attempt + number)
        for name, columns in RARE_CHANGES:
            if (changed := columns(after)) != columns(before):
                self._gather(name, changed + number)

    def replace_sealed(self, number: int, sealed: Sealed) -> None:
        """Store other sealed bytes for a message: a held one was sealed."""
        self._gather("put_sealed", sealed_columns(number, sealed))

    def add_change(self, change: ChangeDraft) -> None:
        """Add a step to the change feed."""
        self._last_change += 1
        self._gather(
            "add_change",
            (
                self._last_change,
                change.at,
                change.box.value,
                change.id,
                change.peer,
                change.state.value,
                change.log_index,
            ),
        )

    def prune_changes(self, before: UnixMs, limit: int) -> int:
        """Drop the oldest steps of the feed while they are older than `before`."""
        old = list(
            takewhile(
                lambda row: row[1] < before,
                self._rows("oldest_changes", (limit,)),
            ),
        )
        if old:
            self._write("drop_changes", (old[-1][0],))
        return len(old)

    def add_proof(self, row: ProofRow) -> None:
        """Keep a proof; the first one of its role stays."""
        proof = row.proof
        self._gather(
            "add_proof",
            (
                row.message_id,
                row.peer,
                row.role.value,
                row.origin,
                row.size,
                proof.index,
                proof.leaf,
                b"".join(proof.path),
            ),
        )

    def add_refusal(self, peer: AuthorityId, refusal: Refusal) -> None:
        """Remember a refused message."""
        self._gather(
            "add_refusal",
            (peer, refusal.id, refusal.digest, refusal.log_index, refusal.code),
        )

    def add_used_key(self, submitter: str, key: str, used: UsedKey) -> None:
        """Remember an idempotency key."""
        self._write(
            "add_used_key",
            (
                submitter,
                key,
                used.request_digest,
                used.message_id,
                used.state.value,
                used.log_index,
            ),
        )

    def put_case_head(self, head: CaseHead, peer: AuthorityId) -> None:
        """Store the end of our messages in a case."""
        opener = head.opener.value if head.opener else ""
        self._write(
            "put_case_head",
            (head.case_id, peer, head.case_seq, head.digest, opener),
        )

    def peer(self, peer: AuthorityId) -> PeerRow:
        """Return the counters of a peer; fresh ones if there are none."""
        return self._peers.get(peer) or super().peer(peer)

    def put_peer(self, row: PeerRow) -> None:
        """Store the counters of a peer."""
        self._changes_made += 1
        self._peers[row.peer] = row

    def clear_back_off(self, peer: AuthorityId | None) -> None:
        """Let a peer, or all, be tried at once."""
        self._write_peers()
        self._write("clear_back_off", (self._names(peer),))

    def make_due(self, peer: AuthorityId | None) -> int:
        """Make waiting queued messages of a peer, or of all, due; return how many."""
        self._write_peers()
        self._flush()
        return self._write("make_due", (self._names(peer),)).rowcount

    def _names(self, peer: AuthorityId | None) -> str:
        if peer:
            return as_json([peer])
        return as_json([row[0] for row in self._rows("peer_names")])

    def release_leases(self) -> int:
        """Make messages due whose attempt was under way; return how many."""
        self._flush()
        return self._write("release_leases").rowcount

    def restart_checks(self) -> int:
        """Let checks that were begun wait again; return how many."""
        self._flush()
        return self._write("restart_checks").rowcount

    def put_range(self, peer: AuthorityId, kind: RangeKind, span: SeqRange) -> None:
        """Store a range of running numbers; one with the same `first` is replaced."""
        self._write("put_range", (peer, kind.value, span.first, span.last, span.since))

    def drop_range(self, peer: AuthorityId, kind: RangeKind, first: int) -> None:
        """Remove the range that begins at `first`."""
        self._write("drop_range", (peer, kind.value, first))

    def put_peer_log(self, authority: AuthorityId, state: PeerLogState) -> None:
        """Store the newest linked checkpoint of a peer's log."""
        self._write(
            "put_peer_log",
            (authority, state.origin, state.size, state.root, state.note),
        )

    def keep_peer_note(self, state: PeerLogState) -> None:
        """Keep a checkpoint that proofs lie under, once per origin and size."""
        # All proofs of a batch lie under the same one.
        if (state.origin, state.size) not in self._kept_notes:
            self._kept_notes.add((state.origin, state.size))
            self._write(
                "keep_peer_note",
                (state.origin, state.size, state.root, state.note),
            )

    def add_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint of our log."""
        self._write(
            "add_checkpoint",
            (checkpoint.size, checkpoint.root, checkpoint.note, checkpoint.at),
        )

    def add_event(self, peer: AuthorityId, event: OutboundEventItem) -> None:
        """Remember an event that a peer is to be told of."""
        self._gather("add_event", (peer, event.log_index, event.message_id))

    def drop_events(self, peer: AuthorityId, indices: Iterable[int]) -> None:
        """Forget events that a peer has acknowledged."""
        for index in indices:
            self._gather("drop_event", (peer, index))

    def probe(self) -> None:
        """Write something."""
        self._write("probe")
