"""Methods of whoever checks the store (port `CheckStore`)."""

from collections.abc import Sequence

from gateway.ports.checking import CheckedMessage, Counts, LogPage, StoredHead
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import checking


class CheckMethods(StoreMethods):
    """Rows as they are stored."""

    async def stored_head(self) -> StoredHead:
        """Return the end of our log as it is stored."""
        return await self._runner.read(checking.stored_head)

    async def log_page(self, start: int, limit: int) -> LogPage:
        """Return entries from `start` on with all that is stored about them."""
        return await self._runner.read(lambda tx: checking.log_page(tx, start, limit))

    async def checked_messages(self, after: int, limit: int) -> list[CheckedMessage]:
        """Return messages stored after the one of a number, in order."""
        return await self._runner.read(
            lambda tx: checking.checked_messages(tx, after, limit)
        )

    async def checked_messages_of(self, ids: Sequence[str]) -> list[CheckedMessage]:
        """Return the messages there are with these ids."""
        return await self._runner.read(lambda tx: checking.checked_messages_of(tx, ids))

    async def counts(self) -> Counts:
        """Return counters and rows counted; reads the whole index of messages."""
        return await self._runner.read(checking.counts)
