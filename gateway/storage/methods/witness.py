"""Methods of witnessing (port `WitnessStore`)."""

from collections.abc import Sequence

from gateway.core.conflicts import LogConflict
from gateway.core.values import UnixMs
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosignature, Cosigned, KeptConflict, WitnessedState
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import witness


class WitnessMethods(StoreMethods):
    """Rounds, cosignatures and conflicts."""

    async def record_round(self, size: int, at: UnixMs) -> None:
        """Mark a kept checkpoint of ours as one of a round."""
        await self._runner.write(lambda tx: witness.record_round(tx, size, at))

    async def rounds(self, before_size: int, limit: int) -> list[SignedCheckpoint]:
        """Return round checkpoints of trees smaller than that, newest first."""
        return await self._runner.read(lambda tx: tx.rounds(before_size, limit))

    async def checkpoint_at(self, size: int) -> SignedCheckpoint | None:
        """Return the checkpoint of ours that was signed for a size."""
        return await self._runner.read(lambda tx: tx.checkpoint_at(size))

    async def round_is_due(self) -> bool:
        """Tell whether the log grew since the last round by more than cosigning."""
        return await self._runner.read(witness.round_is_due)

    async def record_cosignatures(
        self,
        size: int,
        cosignatures: Sequence[Cosignature],
    ) -> None:
        """Keep verified cosignatures of a tree of ours."""
        await self._runner.write(lambda tx: tx.add_cosignatures(size, cosignatures))

    async def cosignatures(self, size: int) -> list[Cosignature]:
        """Return who cosigned a tree of ours."""
        return await self._runner.read(lambda tx: tx.cosignatures(size))

    async def cosigned_after(self, index: int) -> SignedCheckpoint | None:
        """Return the first cosigned checkpoint of a tree that holds an entry."""
        return await self._runner.read(lambda tx: tx.cosigned_after(index))

    async def cosigned_by(self, witness: str) -> Cosigned:
        """Return the largest tree of ours that a witness cosigned."""
        return await self._runner.read(lambda tx: tx.cosigned_by(witness))

    async def witnessed(self, origin: str) -> WitnessedState | None:
        """Return what this node cosigned of a log."""
        return await self._runner.read(lambda tx: tx.witnessed(origin))

    async def witnessed_logs(self, limit: int) -> list[WitnessedState]:
        """Return what was cosigned of all logs, the newest cosignature first."""
        return await self._runner.read(lambda tx: tx.witnessed_logs(limit))

    async def record_witnessed(
        self,
        state: WitnessedState,
        *,
        old_size: int,
        at: UnixMs,
    ) -> None:
        """Log `wit.cosign` and move the state of a log."""
        await self._runner.write(
            lambda tx: witness.record_witnessed(tx, state, old_size=old_size, at=at),
        )

    async def keep_conflict(self, conflict: LogConflict) -> bool:
        """Log `wit.conflict` and keep the two notes; return whether that was new."""
        return await self._runner.write(lambda tx: witness.keep_conflict(tx, conflict))

    async def conflicts(self, origin: str = "") -> list[KeptConflict]:
        """Return what is kept against a log, or against all, oldest first."""
        return await self._runner.read(lambda tx: tx.conflicts(origin))

    async def settle_conflicts(self, origin: str) -> None:
        """Note that a log has linked again."""
        await self._runner.write(lambda tx: tx.settle_conflicts(origin))
