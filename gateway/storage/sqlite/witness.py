"""Rows of witnessing: rounds, cosignatures, cosigned logs, conflicts."""

from collections.abc import Sequence
from sqlite3 import Cursor

from gateway.core.conflicts import ConflictKind, LogConflict
from gateway.core.values import AuthorityId, UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosignature, Cosigned, KeptConflict, WitnessedState
from gateway.storage.sqlite.running import Running


class WitnessLookupSql(Running):
    """Verbs of `gateway.storage.witness_verbs.WitnessLookup`."""

    def checkpoint_at(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint that was signed for a size."""
        for row in self._rows("checkpoint_at", (size,)):
            return SignedCheckpoint(*row)
        return None

    def witnessed(self, origin: str) -> WitnessedState | None:
        """Return what was cosigned of a log."""
        return next(iter(_witnessed(self._rows("witnessed", (origin,)))), None)

    def conflicts(self, origin: str) -> list[KeptConflict]:
        """Return what is kept against a log, or against all without an origin."""
        if origin:
            return _conflicts(self._rows("conflicts_of", (origin,)))
        return _conflicts(self._rows("conflicts"))


class WitnessReaderSql(WitnessLookupSql):
    """Verbs of `gateway.storage.witness_verbs.WitnessReader`."""

    def rounds(self, before_size: int, limit: int) -> list[SignedCheckpoint]:
        """Return round checkpoints below a size, newest first."""
        rows = self._rows("rounds", (before_size, limit))
        return [SignedCheckpoint(*row) for row in rows]

    def newest_round(self) -> int:
        """Return the size of the newest round checkpoint; 0 if there is none."""
        return int(self._rows("newest_round").fetchone()[0])

    def grew_by_more(self, size: int) -> bool:
        """Tell whether entries from `size` on are of more than cosigning."""
        return any(self._rows("grew_by_more", (size,)))

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Return the cosignatures of a tree, by witness and key."""
        return [Cosignature(*row) for row in self._rows("cosignatures", (size,))]

    def cosigned_after(self, index: int) -> SignedCheckpoint | None:
        """Return the first cosigned checkpoint of a tree that holds an entry."""
        for row in self._rows("cosigned_after", (index,)):
            return SignedCheckpoint(*row)
        return None

    def cosigned_by(self, witness: str) -> Cosigned:
        """Return the largest tree that a witness cosigned."""
        for row in self._rows("cosigned_by", (witness,)):
            return Cosigned(*row)
        return Cosigned()

    def witnessed_logs(self, limit: int) -> list[WitnessedState]:
        """Return what was cosigned of all logs, the newest cosignature first."""
        return _witnessed(self._rows("witnessed_logs", (limit,)))


class WitnessWritesSql(WitnessLookupSql):
    """Verbs of `gateway.storage.witness_verbs.WitnessWrites`."""

    def add_round(self, size: int, at: UnixMs) -> None:
        """Mark a checkpoint as one of a round; again does nothing."""
        self._write("add_round", (size, at))

    def add_cosignatures(self, size: int, lines: Sequence[Cosignature]) -> None:
        """Keep cosignatures; the first of a key for a tree stays."""
        for one in lines:
            row = (size, one.witness, one.key_id, one.line, one.time_s)
            self._write("add_cosignature", row)

    def put_witnessed(self, state: WitnessedState) -> None:
        """Store what was cosigned of a log."""
        self._write(
            "put_witnessed",
            (
                state.origin,
                state.authority,
                state.size,
                state.root,
                state.note,
                state.time_s,
            ),
        )

    def add_conflict(self, conflict: LogConflict) -> None:
        """Keep a conflict that is not kept yet."""
        self._write(
            "add_conflict",
            (
                conflict.origin,
                conflict.authority,
                conflict.kind,
                conflict.held,
                conflict.offered,
                conflict.source,
                conflict.at,
                0,
            ),
        )

    def settle_conflicts(self, origin: str) -> None:
        """Settle what does not prove a fork by itself."""
        self._write("settle_conflicts", (origin,))


def _witnessed(rows: Cursor) -> list[WitnessedState]:
    return [WitnessedState(row[0], AuthorityId(row[1]), *row[2:]) for row in rows]


def _conflicts(rows: Cursor) -> list[KeptConflict]:
    return [
        KeptConflict(
            number=row[0],
            conflict=LogConflict(
                origin=row[1],
                authority=AuthorityId(row[2]),
                kind=ConflictKind(row[3]),
                held=row[4],
                offered=row[5],
                source=AuthorityId(row[6]),
                at=UnixMs(row[7]),
            ),
            is_settled=bool(row[8]),
        )
        for row in rows
    ]
