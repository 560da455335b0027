"""Putting the lost end of our log back, in one transaction: all of it, or nothing.

What others kept comes first, exactly as it was hashed. What only this database has
was never released: it is logged again after it, with new places and running numbers,
and rows that named an entry name it where it is now (specification, section 8.11).
"""

import base64
from sqlite3 import Connection as Engine

from gateway.core import canonical
from gateway.core.canonical import JsonObject, Wire
from gateway.core.delivery import InboundState, OutboundState
from gateway.core.entries.disclosures import DisclosureClass, read_disclosure
from gateway.core.entries.kinds import PRUNING_KIND
from gateway.core.entries.leaf import EntryDraft, Leaf, parse_leaf
from gateway.core.errors import ConflictError, LogProofError
from gateway.core.translog.encoding import decode_hash
from gateway.core.translog.merkle import Frontier, leaf_hash
from gateway.core.values import NEVER, AuthorityId, MessageId, UnixMs
from gateway.ports.keys import DisclosureVault
from gateway.ports.witness import WitnessedState
from gateway.storage.appending import fill_tiles
from gateway.storage.rewriting import KnownLog, LostMessage, Restored
from gateway.storage.sqlite.again import (
    RECOVERY_ACT,
    Told,
    entries_beyond,
    log_again,
    told,
)
from gateway.storage.sqlite.moving import move_rows
from gateway.storage.sqlite.offline import at_once, unguarded
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader
from gateway.storage.sqlite.renumbering import Renumbering
from gateway.storage.sqlite.transaction import SqliteTransaction
from gateway.storage.transaction import Transaction

RECOVERED = "tail"
"""`res` of the `log.recover` entry."""

_LOST = "backup"
_KEPT = ("m", "peer", "dig", "seq")
_AT_A_TIME = 4096
_ARRIVALS = frozenset({"msg.send", "msg.receive", "msg.hold"})
_ERASED = frozenset({InboundState.ERASED, OutboundState.ERASED})
_ENDS_OF_ROWS = frozenset({"msg.lost", "msg.erase"})


def restore_end(
    engine: Engine,
    known: KnownLog,
    *,
    vault: DisclosureVault,
    now: UnixMs,
) -> Restored:
    """Make our log what others kept of it, and log what only we have after that.

    Raises:
        ConflictError: There is nothing to put back, or it is not our log's end.
        GatewayError: What was kept is not what its head says.
        StoreError: The database failed; nothing was changed.
    """
    return at_once(engine, _Restoring(engine, known, vault, now).run)


class _Named(Wire, frozen=True, kw_only=True):
    """The `cp` field of an entry."""

    n: int
    o: str
    r: str


class _Transaction(SqliteTransaction):
    """A transaction that can also take entries as they were hashed before."""

    def adopt(self, raw: bytes, disclosed: tuple[str, ...]) -> Leaf:
        """Take the next entry of the log that is put back."""
        return self._appender.adopt(raw, disclosed)


class _Restoring:
    """One recovery under way."""

    def __init__(
        self,
        engine: Engine,
        known: KnownLog,
        vault: DisclosureVault,
        now: UnixMs,
    ) -> None:
        self._engine = engine
        self._known = known
        self._vault = vault
        self._now = now
        self._cosigned: dict[str, WitnessedState] = {}
        self._arrived: dict[MessageId, tuple[int, Leaf]] = {}

    def run(self) -> Restored:
        """Do it all; the caller commits."""
        hashes = [leaf_hash(raw) for raw in self._known.leaves()]
        if (len(hashes), Frontier().extend(hashes).root()) != (
            self._known.size,
            self._known.root,
        ):
            raise LogProofError("log: its entries do not lead to its signed root")
        common = self._common(hashes)
        moving = told(
            self._engine,
            [
                one
                for one in entries_beyond(self._engine, common)
                if one.data and hashes[one.index : one.index + 1] != [one.leaf_hash]
            ],
            origin=self._known.origin,
            vault=self._vault,
        )
        leaves = [one.leaf for one in moving]
        numbers = Renumbering(self._engine, self._known.origin, common)
        with unguarded(self._engine):
            disowned = self._cut(common, hashes)
            self._put_back(common, numbers)
            tx = self._begin()
            for cosigned in self._cosigned.values():
                _remember(tx, cosigned)
            moved = self._log_again(tx, moving, numbers)
            lost = self._log_lost(tx)
            numbers.finish(tx, leaves)
            tx.finish()
            move_rows(self._engine, common, moved)
            self._engine.execute(QUERIES["end_recovery"])
        return Restored(
            common=common,
            restored=self._known.size - common,
            moved=len(moved),
            disowned=disowned,
            lost=lost,
        )

    def _begin(self) -> _Transaction:
        return _Transaction(self._engine, self._known.origin, self._vault)

    def _common(self, hashes: list[bytes]) -> int:
        """Return how many entries both begin with.

        Raises:
            ConflictError: They do not even begin alike, or there is nothing to do.
        """
        common = 0
        rows = self._engine.execute(QUERIES["entries_beyond"], (0,))
        for (index, stored, data, *_), theirs in zip(rows, hashes, strict=False):
            hashed = leaf_hash(data) if data else stored
            if (index, hashed) != (common, theirs):
                break
            common += 1
        rows.close()
        if not common:
            raise ConflictError("log: begins with another entry than ours")
        if common == len(hashes):
            raise ConflictError(
                f"log: our own has these {common} entries already; nothing to put back",
            )
        return common

    def _cut(self, common: int, hashes: list[bytes]) -> int:
        """Take off what differs; return how many signed checkpoints went with it."""
        run = self._engine.execute
        signed = run(QUERIES["checkpoints_beyond"], (common,)).fetchall()
        roots = _roots(hashes, {row[0] for row in signed})
        disowned = [row for row in signed if roots.get(row[0]) != row[1]]
        for row in disowned:
            run(QUERIES["disown_checkpoint"], row)
        run(QUERIES["cut_checkpoints"], (common,))
        for name in ("cut_stamps", "cut_rounds", "cut_cosignatures"):
            run(QUERIES[name], (common,))
        run(QUERIES["cut_disclosures"], (common,))
        run(QUERIES["cut_entries"], (common,))
        run(QUERIES["cut_minima"], (common,))
        run(QUERIES["cut_tiles"])
        for tile in fill_tiles(0, hashes[:common], _NoRows()):
            row = (tile.level, tile.index, tile.hashes, tile.root)
            run(QUERIES["add_tile_again"], row)
        frontier = Frontier().extend(hashes[:common])
        head = (common, hashes[common - 1], self._time_of(common - 1))
        run(QUERIES["cut_head"], (*head, frontier.to_bytes()))
        notes = {row[0]: row for row in signed if row not in disowned}
        for one in self._known.checkpoints:
            if one.size > common:
                notes.setdefault(one.size, (one.size, one.root, one.note, one.at))
        for _, row in sorted(notes.items()):
            run(QUERIES["add_checkpoint"], row)
        return len(disowned)

    def _time_of(self, index: int) -> UnixMs:
        (entry,) = SqliteReader(self._engine).entries(index, 1)
        if not entry.data:  # pruned by law
            return NEVER
        return parse_leaf(entry.data, log=self._known.origin).at

    def _put_back(self, common: int, numbers: Renumbering) -> None:
        tx = self._begin()
        for index, raw in enumerate(self._known.leaves()):
            if index < common:
                continue
            leaf = tx.adopt(raw, self._disclosed(tx, index, raw))
            numbers.note_given(leaf)
            if leaf.kind == PRUNING_KIND:
                tx.prune(index, leaf.number("min"))
            self._note_cosigned(leaf)
            self._note_arrival(index, leaf)
            if (index - common) % _AT_A_TIME == _AT_A_TIME - 1:
                tx.finish()
                tx = self._begin()
        tx.finish()

    def _disclosed(self, tx: _Transaction, index: int, raw: bytes) -> tuple[str, ...]:
        """Return what an entry disclosed, without case data of an erased message."""
        told = tuple(self._known.disclosures(index))
        if not told:
            return ()
        named = str(parse_leaf(raw, log=self._known.origin).fields.get("m", ""))
        message = tx.message(MessageId(named))
        if message is None or message.view.state not in _ERASED:
            return told
        duty = DisclosureClass.DUTY
        return tuple(one for one in told if read_disclosure(one).ring is duty)

    def _note_cosigned(self, leaf: Leaf) -> None:
        """Take notice of what we cosigned of another log: never less of it again."""
        if leaf.kind != "wit.cosign" or "peer" not in leaf.fields:
            return
        named = canonical.convert(leaf.fields["cp"], _Named)
        self._cosigned[named.o] = WitnessedState(
            origin=named.o,
            authority=AuthorityId(leaf.text("peer")),
            size=named.n,
            root=decode_hash(named.r, what="root"),
            note=b"",  # the lines themselves are lost
            time_s=leaf.at // 1000,
        )

    def _note_arrival(self, index: int, leaf: Leaf) -> None:
        if "m" not in leaf.fields:
            return
        message_id = MessageId(leaf.text("m"))
        if leaf.kind in _ENDS_OF_ROWS:
            self._arrived.pop(message_id, None)
        elif leaf.kind in _ARRIVALS:
            self._arrived.setdefault(message_id, (index, leaf))

    def _log_again(
        self,
        tx: _Transaction,
        moving: list[Told],
        numbers: Renumbering,
    ) -> dict[int, int]:
        """Log what only this database has after the rest; return where it went."""
        fields = _recovered(self._known)
        act = RECOVERY_ACT.disclosures()
        tx.append_entry(EntryDraft("log.recover", self._now, fields, act))
        numbers.begin(one.leaf for one in moving)

        def fields_of(leaf: Leaf, moved: dict[int, int]) -> JsonObject:
            again = numbers.fields(leaf)
            if "ref" not in again:
                return again
            ref = leaf.number("ref")
            return again | {"ref": moved.get(ref, ref)}

        return log_again(tx, moving, fields_of)

    def _log_lost(self, tx: _Transaction) -> tuple[LostMessage, ...]:
        """Log every message that arrived in what was put back and has no row."""
        lost = []
        for message_id, (index, leaf) in self._arrived.items():
            if tx.has_message(message_id):
                continue
            tx.append_entry(EntryDraft("msg.lost", self._now, _lost(leaf, index)))
            peer = AuthorityId(leaf.text("peer"))
            lost.append(LostMessage(message_id, peer, leaf.kind))
        return tuple(lost)


def _recovered(known: KnownLog) -> JsonObject:
    """Return the fields of the entry that says up to where the log was put back."""
    root = base64.b64encode(known.root).decode("ascii")
    cp: JsonObject = {"o": known.origin, "n": known.size, "r": root}
    return {"cp": cp, "res": RECOVERED}


def _lost(leaf: Leaf, index: int) -> JsonObject:
    """Return the fields of the entry that says that a message is gone."""
    kept = {name: leaf.fields[name] for name in _KEPT if name in leaf.fields}
    return {"ref": index, "res": _LOST, **kept}


def _remember(tx: Transaction, cosigned: WitnessedState) -> None:
    known = tx.witnessed(cosigned.origin)
    if known is None or known.size < cosigned.size:
        tx.put_witnessed(cosigned)


class _NoRows:
    """No tree is stored yet: all tiles are made of what is given."""

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return nothing; the range is empty."""
        return list[bytes]()[start:stop]

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        """Return nothing; the range is empty."""
        return list[bytes]()[level + start : level + stop]


def _roots(hashes: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """Return the roots of some smaller trees over hashes."""
    found, frontier = {}, Frontier()
    for size in sorted(sizes):
        if size <= len(hashes):
            frontier = frontier.extend(hashes[frontier.size : size])
            found[size] = frontier.root()
    return found
