"""What a database must be able to do for witnessing: narrow verbs on rows.

As in `gateway.storage.transaction`, of which these are a part.
"""

from collections.abc import Sequence
from typing import Protocol

from gateway.core.conflicts import LogConflict
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosignature, Cosigned, KeptConflict, WitnessedState


class WitnessLookup(Protocol):
    """What can be read in any transaction."""

    def checkpoint_at(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint that was signed for a size."""
        ...

    def witnessed(self, origin: str) -> WitnessedState | None:
        """Return what was cosigned of a log."""
        ...

    def conflicts(self, origin: str) -> list[KeptConflict]:
        """Return what is kept against a log, or against all without an origin."""
        ...


class WitnessReader(WitnessLookup, Protocol):
    """What is only read."""

    def rounds(self, before_size: int, limit: int) -> list[SignedCheckpoint]:
        """Return round checkpoints below a size, newest first."""
        ...

    def newest_round(self) -> int:
        """Return the size of the newest round checkpoint; 0 if there is none."""
        ...

    def grew_by_more(self, size: int) -> bool:
        """Tell whether entries from `size` on are of more than cosigning."""
        ...

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Return the cosignatures of a tree, by witness and key."""
        ...

    def cosigned_after(self, index: int) -> SignedCheckpoint | None:
        """Return the first cosigned checkpoint of a tree that holds an entry."""
        ...

    def cosigned_by(self, witness: str) -> Cosigned:
        """Return the largest tree that a witness cosigned."""
        ...

    def witnessed_logs(self, limit: int) -> list[WitnessedState]:
        """Return what was cosigned of all logs, the newest cosignature first."""
        ...


class WitnessWrites(WitnessLookup, Protocol):
    """What changes rows."""

    def add_round(self, size: int, at: UnixMs) -> None:
        """Mark a checkpoint as one of a round; again does nothing."""
        ...

    def add_cosignatures(self, size: int, lines: Sequence[Cosignature]) -> None:
        """Keep cosignatures; the first of a key for a tree stays."""
        ...

    def put_witnessed(self, state: WitnessedState) -> None:
        """Store what was cosigned of a log."""
        ...

    def add_conflict(self, conflict: LogConflict) -> None:
        """Keep a conflict that is not kept yet."""
        ...

    def settle_conflicts(self, origin: str) -> None:
        """Settle what does not prove a fork by itself."""
        ...
