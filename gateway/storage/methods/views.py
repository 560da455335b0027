"""Methods that read both boxes (port `MessageViews`)."""

from gateway.core.entries.disclosures import Act
from gateway.core.units import Scope
from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.messages import (
    Cause,
    Change,
    MessageFilter,
    MessageRow,
    Page,
    SealedMessage,
    StoredProof,
)
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import views

# Steps of the feed that one transaction drops: short enough to hold up nobody.
_PRUNED_AT_ONCE = 2_000


class ViewMethods(StoreMethods):
    """Both boxes, read."""

    async def log_access(
        self,
        message_id: MessageId,
        act: Act,
        now: UnixMs,
        *,
        refusal: str = "",
        grant_until: UnixMs = NEVER,
        uses_approval: bool = False,
    ) -> SealedMessage:
        """Log a person's access before any plaintext exists; both boxes."""
        return await self._runner.write(
            lambda tx: views.log_access(
                tx,
                message_id,
                act,
                now,
                refusal=refusal,
                grant_until=grant_until,
                uses_approval=uses_approval,
            )
        )

    async def look_first(self, message_id: MessageId, now: UnixMs) -> SealedMessage:
        """Log `msg.check` for a message that the node itself has to read now."""
        return await self._runner.write(
            lambda tx: views.look_first(tx, message_id, now)
        )

    async def message(self, message_id: MessageId) -> MessageRow:
        """Return the metadata of a message of either box."""
        return await self._runner.read(lambda tx: views.message(tx, message_id))

    async def messages(
        self,
        wanted: MessageFilter,
        *,
        cursor: str,
        limit: int,
        scope: Scope | None = None,
    ) -> Page:
        """Return a page of messages, newest first."""
        return await self._runner.read(
            lambda tx: views.messages(
                tx, wanted, cursor=cursor, limit=limit, scope=scope
            )
        )

    async def causes(self, since: UnixMs, *, limit: int) -> list[Cause]:
        """Return why messages accepted since then wait or have failed."""
        return await self._runner.read(lambda tx: tx.causes(since, limit))

    async def proofs(self, message_id: MessageId) -> list[StoredProof]:
        """Return every proof of the peer's log that is stored for a message."""
        return await self._runner.read(lambda tx: tx.proofs(message_id))

    async def envelope(self, message_id: MessageId) -> bytes:
        """Return the sealed bytes of a message (empty while held)."""
        return await self._runner.read(lambda tx: views.envelope(tx, message_id))

    async def log_indices(self, message_id: MessageId) -> list[int]:
        """Return the indices of all entries of our log about a message, in order."""
        return await self._runner.read(lambda tx: tx.entry_indices(message_id))

    async def changes(self, after: int, limit: int) -> list[Change]:
        """Return the change feed after a cursor."""
        return await self._runner.read(lambda tx: tx.changes(after, limit))

    async def prune_changes(self, before: UnixMs) -> int:
        """Drop feed entries older than `before`; return how many."""
        total = 0
        while True:
            dropped = await self._runner.write(
                lambda tx: tx.prune_changes(before, _PRUNED_AT_ONCE),
            )
            total += dropped
            if dropped < _PRUNED_AT_ONCE:
                return total
