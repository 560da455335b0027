"""Rows of witnessing in memory: rounds, cosignatures, cosigned logs, conflicts."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.conflicts import ConflictKind, LogConflict
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosignature, Cosigned, KeptConflict, WitnessedState
from gateway.storage.memory.tables import Journal, Tables, WitnessTables

_OF_WITNESSING = frozenset({"wit.cosign", "tsa.stamp"})


class WitnessLookupMemory:
    """Verbs of `gateway.storage.witness_verbs.WitnessLookup`."""

    _tables: Tables

    @property
    def _witness(self) -> WitnessTables:
        return self._tables.witness

    def checkpoint_at(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint that was signed for a size."""
        return self._tables.checkpoints.get(size)

    def witnessed(self, origin: str) -> WitnessedState | None:
        """Return what was cosigned of a log."""
        return self._witness.witnessed.get(origin)

    def conflicts(self, origin: str) -> list[KeptConflict]:
        """Return what is kept against a log, or against all without an origin."""
        return [
            kept
            for kept in self._witness.conflicts.values()
            if origin in {"", kept.conflict.origin}
        ]


class WitnessReaderMemory(WitnessLookupMemory):
    """Verbs of `gateway.storage.witness_verbs.WitnessReader`."""

    def rounds(self, before_size: int, limit: int) -> list[SignedCheckpoint]:
        """Return round checkpoints below a size, newest first."""
        sizes = sorted(self._witness.rounds, reverse=True)
        wanted = [size for size in sizes if size < before_size][:limit]
        return [self._tables.checkpoints[size] for size in wanted]

    def newest_round(self) -> int:
        """Return the size of the newest round checkpoint; 0 if there is none."""
        return max(self._witness.rounds, default=0)

    def grew_by_more(self, size: int) -> bool:
        """Tell whether entries from `size` on are of more than cosigning."""
        return any(
            entry.index >= size and entry.kind not in _OF_WITNESSING
            for entry in self._tables.entries.values()
        )

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Return the cosignatures of a tree, by witness and key."""
        found = sorted(self._witness.cosignatures.items())
        return [one for (of_size, _, _), one in found if of_size == size]

    def cosigned_after(self, index: int) -> SignedCheckpoint | None:
        """Return the first cosigned checkpoint of a tree that holds an entry."""
        sizes = [size for size, _, _ in self._witness.cosignatures if size > index]
        return self._tables.checkpoints.get(min(sizes)) if sizes else None

    def cosigned_by(self, witness: str) -> Cosigned:
        """Return the largest tree that a witness cosigned."""
        found = [
            (size, one.time_s)
            for (size, name, _), one in self._witness.cosignatures.items()
            if name == witness
        ]
        return Cosigned(*max(found)) if found else Cosigned()

    def witnessed_logs(self, limit: int) -> list[WitnessedState]:
        """Return what was cosigned of all logs, the newest cosignature first."""
        states = self._witness.witnessed.values()
        return sorted(states, key=lambda one: (-one.time_s, one.origin))[:limit]


class WitnessWritesMemory(WitnessLookupMemory):
    """Verbs of `gateway.storage.witness_verbs.WitnessWrites`."""

    _journal: Journal

    def add_round(self, size: int, at: UnixMs) -> None:
        """Mark a checkpoint as one of a round; again does nothing."""
        if size not in self._witness.rounds:
            self._journal.put(self._witness.rounds, size, at)

    def add_cosignatures(self, size: int, lines: Sequence[Cosignature]) -> None:
        """Keep cosignatures; the first of a key for a tree stays."""
        for one in lines:
            key = (size, one.witness, one.key_id)
            if key not in self._witness.cosignatures:
                self._journal.put(self._witness.cosignatures, key, one)

    def put_witnessed(self, state: WitnessedState) -> None:
        """Store what was cosigned of a log."""
        self._journal.put(self._witness.witnessed, state.origin, state)

    def add_conflict(self, conflict: LogConflict) -> None:
        """Keep a conflict that is not kept yet."""
        number = 1 + max(self._witness.conflicts, default=0)
        kept = KeptConflict(number, conflict, is_settled=False)
        self._journal.put(self._witness.conflicts, number, kept)

    def settle_conflicts(self, origin: str) -> None:
        """Settle what does not prove a fork by itself."""
        for number, kept in list(self._witness.conflicts.items()):
            if (
                kept.conflict.origin == origin
                and kept.conflict.kind is not ConflictKind.SPLIT_VIEW
            ):
                settled = replace(kept, is_settled=True)
                self._journal.put(self._witness.conflicts, number, settled)
