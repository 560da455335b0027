"""Methods that tell what is owed (port `OwedStore`)."""

from gateway.ports.owed import Owed, OwedQuestion
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import owed


class OwedMethods(StoreMethods):
    """What is owed between us and the peers."""

    async def owed(
        self, question: OwedQuestion, *, after: int, limit: int
    ) -> list[Owed]:
        """Return what is owed of a kind, after a place, in order."""
        return await self._runner.read(
            lambda tx: owed.owed(tx, question, after=after, limit=limit)
        )
