"""Methods of our own log's recovery (port `RecoveryStore`)."""

from collections.abc import Sequence

from gateway.ports.recovery import RecoveryNote
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import recovery


class RecoveryMethods(StoreMethods):
    """What was proven to be missing from our log."""

    async def recovery_notes(self) -> Sequence[RecoveryNote]:
        """Return what is missing, by source."""
        return await self._runner.read(lambda tx: tx.recovery_notes())

    async def keep_recovery_note(self, note: RecoveryNote) -> None:
        """Keep what a source holds; of several the largest."""
        await self._runner.write(lambda tx: recovery.keep_note(tx, note))
