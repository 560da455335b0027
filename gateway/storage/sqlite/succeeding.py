"""Beginning a new log in the database of one whose end is lost, in one transaction.

The tables of the log are begun anew under the next origin. What stood in the old log
goes on in three ways: proofs of messages are kept under its last signed checkpoint,
every message gets an entry of the new log that later ones follow, and what was never
signed is logged again (specification, section 8.11).
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from sqlite3 import Connection as Engine
from typing import NamedTuple

from gateway.core.canonical import JsonObject
from gateway.core.delivery import OutboundState
from gateway.core.entries.kinds import PRUNING_KIND
from gateway.core.entries.leaf import EntryDraft, Leaf, parse_leaf
from gateway.core.errors import ConflictError
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.ports.keys import DisclosureVault
from gateway.ports.log import PeerLogState, SignedCheckpoint, StoredEntry
from gateway.ports.messages import OUR_ROLES, Box, PeerProof, ProofRole
from gateway.storage.operations import log as log_operations
from gateway.storage.rewriting import Begun, NewLog
from gateway.storage.rows import NO_INDEX, ProofRow
from gateway.storage.sqlite.again import (
    RECOVERY_ACT,
    Told,
    entries_beyond,
    log_again,
    told,
)
from gateway.storage.sqlite.offline import at_once, unguarded
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader
from gateway.storage.sqlite.transaction import SqliteTransaction

EPOCH = "epoch"
"""`res` of the `log.recover` entry of a new log."""

CARRY_KIND = "msg.carry"
"""Kind of the entry that takes a message over from the log before."""

_AT_A_TIME = 256
_TRUST_KIND = "config.trust"


def begin_log(
    engine: Engine,
    new: NewLog,
    *,
    vault: DisclosureVault,
    now: UnixMs,
) -> Begun:
    """Begin a new log; what is kept of the old one is in the same transaction.

    Raises:
        ConflictError: The old log was never signed.
        StoreError: The database failed; nothing was changed.
    """
    return at_once(engine, _Succeeding(engine, new, vault, now).run)


class _Row(NamedTuple):
    """What is needed of a message."""

    number: int
    id: MessageId
    box: str
    peer: AuthorityId
    state: str
    digest: str
    content_digest: str
    seq: int
    log_index: int
    opened_index: int
    offer_rank: int | None


@dataclass(slots=True)
class _Kept:
    """What is read of the old log before its tables are begun anew.

    Attributes:
        signed: Its newest signed checkpoint.
        rows: All messages.
        carried: Those that came in under that checkpoint.
        proofs: Of messages, under that checkpoint.
        trust: The newest entry about whom we trust, if it was signed.
        events: Entries that peers are to be told of, if they were signed.
        unsigned: Entries after the checkpoint.
    """

    signed: SignedCheckpoint
    rows: list[_Row]
    carried: set[MessageId]
    proofs: list[ProofRow]
    trust: list[Told]
    events: list[Told]
    unsigned: list[Told]


@dataclass(slots=True)
class _Places:
    """Where things are in the new log.

    Attributes:
        anchors: The entry of each message that was carried over.
        moved: Where each entry went that was logged again, by its old place.
    """

    anchors: dict[MessageId, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)

    def of(self, old: int, message_id: MessageId) -> int:
        """Return where something about a message is now; `NO_INDEX` if nowhere."""
        return self.moved.get(old, self.anchors.get(message_id, NO_INDEX))


class _Succeeding:
    """One beginning under way."""

    def __init__(
        self,
        engine: Engine,
        new: NewLog,
        vault: DisclosureVault,
        now: UnixMs,
    ) -> None:
        self._engine = engine
        self._new = new
        self._vault = vault
        self._now = now
        self._places = _Places()

    def run(self) -> Begun:
        """Do it all; the caller commits."""
        kept = self._read()
        with unguarded(self._engine):
            self._clear(kept)
            tx = self._begin()
            tx.keep_peer_note(
                PeerLogState(
                    self._new.old_origin,
                    kept.signed.size,
                    kept.signed.root,
                    kept.signed.note,
                ),
            )
            for row in kept.proofs:
                tx.add_proof(row)
            tx.append_entry(self._new.init)
            tx.append_entry(self._recovered(kept.signed))
            self._places.moved |= log_again(tx, kept.trust, self._fields_of)
            self._carry(tx, kept)
            refused = self._refuse_again(tx)
            again = [*kept.events, *kept.unsigned]
            self._places.moved |= log_again(tx, again, self._fields_of)
            tx.finish()
        self._move_rows(kept, refused)
        self._engine.execute(QUERIES["end_recovery"])
        return Begun(
            proofs=len(kept.proofs),
            carried=len(self._places.anchors),
            logged_again=len(kept.unsigned),
        )

    def _begin(self) -> SqliteTransaction:
        return SqliteTransaction(self._engine, self._new.origin, self._vault)

    # --- reading the old log ---

    def _read(self) -> _Kept:
        reader = SqliteReader(self._engine)
        signed = reader.newest_checkpoint()
        if signed is None:
            raise ConflictError("log: was never signed, nothing has to be succeeded")
        run = self._engine.execute
        rows = [_Row(*row) for row in run(QUERIES["all_messages"])]
        first = dict(run(QUERIES["first_entries"]).fetchall())
        size = signed.size
        carried = {row.id for row in rows if first.get(row.id, size) < size}
        trust = reader.newest_entry(_TRUST_KIND)
        events = [row[0] for row in run(QUERIES["all_events"]) if row[0] < signed.size]
        entries = reader.entries_at(events)
        return _Kept(
            signed=signed,
            rows=rows,
            carried=carried,
            proofs=list(self._proofs(reader, signed, rows)),
            trust=self._told([trust] if trust and trust.index < signed.size else []),
            events=self._told([entries[index] for index in sorted(entries)]),
            # A minimum is one of the old log: it says nothing of the new one.
            unsigned=self._told(
                one
                for one in entries_beyond(self._engine, signed.size)
                if one.kind != PRUNING_KIND
            ),
        )

    def _told(self, entries: Iterable[StoredEntry]) -> list[Told]:
        return told(
            self._engine,
            [one for one in entries if one.data],
            origin=self._new.old_origin,
            vault=self._vault,
        )

    def _proofs(
        self,
        reader: SqliteReader,
        signed: SignedCheckpoint,
        rows: list[_Row],
    ) -> Iterator[ProofRow]:
        """Yield the proofs of our own entries, of each role the one that counts."""
        by_id = {row.id: row for row in rows}
        chosen: dict[tuple[MessageId, ProofRole], int] = {}
        found = self._engine.execute(QUERIES["evidence_entries"], (signed.size,))
        for index, kind, data, message_id in found:
            row = by_id.get(message_id)
            role = OUR_ROLES.get((Box(row.box), kind)) if row else None
            if row is None or role is None:
                continue
            leaf = parse_leaf(data, log=self._new.old_origin)
            if _counts(leaf, row, index):
                chosen.setdefault((row.id, role), index)
        wanted = list(chosen.items())
        for start in range(0, len(wanted), _AT_A_TIME):
            some = wanted[start : start + _AT_A_TIME]
            proven = log_operations.prove(reader, [at for _, at in some], signed.size)
            for ((message_id, role), _), one in zip(some, proven, strict=True):
                yield ProofRow(
                    message_id,
                    by_id[message_id].peer,
                    role,
                    self._new.old_origin,
                    signed.size,
                    PeerProof(one.index, one.data, one.path),
                )

    # --- writing the new one ---

    def _clear(self, kept: _Kept) -> None:
        run = self._engine.execute
        run(QUERIES["keep_disclosures"], (self._new.old_origin, kept.signed.size))
        for name in ("cut_disclosures", "cut_entries", "cut_minima"):
            run(QUERIES[name], (0,))
        run(QUERIES["keep_stamps"], (self._new.old_origin,))
        for name in ("cut_checkpoints", "cut_stamps", "cut_rounds", "cut_cosignatures"):
            run(QUERIES[name], (NO_INDEX,))
        for name in ("cut_tiles", "drop_grants", "drop_exports", "forget_seen"):
            run(QUERIES[name])
        run(QUERIES["begin_head"], (self._new.origin,))

    def _recovered(self, signed: SignedCheckpoint) -> EntryDraft:
        """Return the entry that says up to where the old log is kept here."""
        root = base64.b64encode(signed.root).decode("ascii")
        cp: JsonObject = {"o": self._new.old_origin, "n": signed.size, "r": root}
        fields: JsonObject = {"cp": cp, "res": EPOCH}
        return EntryDraft("log.recover", self._now, fields, RECOVERY_ACT.disclosures())

    def _carry(self, tx: SqliteTransaction, kept: _Kept) -> None:
        """Give every message of the old log an entry that later ones can follow.

        One that is still to be delivered is sent anew: only under this log can it be
        proven. If the peer has it already, it answers with its first receipt.
        """
        for row in kept.rows:
            if row.id in kept.carried:
                is_again = row.log_index >= kept.signed.size
                self._places.anchors[row.id] = self._take_over(
                    tx, row, is_again=is_again
                )

    def _take_over(self, tx: SqliteTransaction, row: _Row, *, is_again: bool) -> int:
        """Log what a message rests on now, and return where.

        Args:
            tx: The transaction.
            row: The message.
            is_again: Its newest entry was not signed, and is logged again.
        """
        fields: JsonObject = {"m": row.id, "peer": row.peer}
        if is_again:
            return tx.append_entry(EntryDraft(CARRY_KIND, self._now, fields))
        if row.digest:
            fields["dig"] = row.digest
        if row.seq:
            fields["seq"] = row.seq
        index = NO_INDEX
        if row.state != OutboundState.QUEUED.value:
            index = tx.append_entry(EntryDraft(CARRY_KIND, self._now, fields))
        if row.offer_rank is not None:
            sent = fields | {"man": row.content_digest}
            index = tx.append_entry(EntryDraft("msg.send", self._now, sent))
        return index

    def _refuse_again(self, tx: SqliteTransaction) -> dict[tuple[str, str, str], int]:
        """Log what was refused for good: it is answered with a proof whenever asked."""
        places = {}
        for peer, message_id, digest, code in self._engine.execute(
            QUERIES["all_refusals"],
        ).fetchall():
            fields: JsonObject = {
                "m": message_id,
                "peer": peer,
                "dig": digest,
                "res": code,
            }
            places[peer, message_id, digest] = tx.append_entry(
                EntryDraft("msg.reject", self._now, fields),
            )
        return places

    def _fields_of(self, leaf: Leaf, moved: dict[int, int]) -> JsonObject:
        """Return the fields of an entry at its place in the new log."""
        if "ref" not in leaf.fields:
            return leaf.fields
        known = self._places
        message_id = MessageId(str(leaf.fields.get("m", "")))
        ref = moved.get(leaf.number("ref"), known.of(leaf.number("ref"), message_id))
        if ref == NO_INDEX:
            return {name: one for name, one in leaf.fields.items() if name != "ref"}
        return leaf.fields | {"ref": ref}

    def _move_rows(
        self,
        kept: _Kept,
        refused: dict[tuple[str, str, str], int],
    ) -> None:
        run, place = self._engine.execute, self._places.of
        for row in kept.rows:
            opened = row.opened_index
            if opened != NO_INDEX:
                opened = place(opened, row.id)
            run(
                QUERIES["move_message"],
                (place(row.log_index, row.id), opened, row.number),
            )
        for key, index in refused.items():
            run(QUERIES["move_refusal"], (index, *key))
        for old, cursor, message_id in run(QUERIES["all_changes"]).fetchall():
            run(QUERIES["move_change"], (place(old, message_id), cursor))
        for old, *key, message_id in run(QUERIES["all_keys"]).fetchall():
            run(QUERIES["move_key"], (place(old, message_id), *key))
        events = run(QUERIES["all_events"]).fetchall()
        run(QUERIES["cut_events"], (0,))
        for old, peer, message_id in events:
            there = self._places.moved.get(old)
            if there is not None:  # else only its hash is left, and nobody waits
                run(QUERIES["add_event"], (peer, there, message_id))


def _counts(leaf: Leaf, row: _Row, index: int) -> bool:
    """Tell whether an entry is the one of its role that a message rests on."""
    if leaf.kind == "msg.send":
        return leaf.text("dig") == row.digest
    if leaf.kind == "msg.access":
        return index == row.opened_index
    return True
