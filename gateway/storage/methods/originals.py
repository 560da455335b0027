"""Methods of sealed originals (port `OriginalStore`)."""

from gateway.core.entries.disclosures import Act
from gateway.core.values import MessageId, UnixMs
from gateway.ports.originals import KeptOriginal, OriginalsAccess
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import originals


class OriginalMethods(StoreMethods):
    """Originals of redacted copies."""

    async def open_originals(
        self,
        message_id: MessageId,
        act: Act,
        now: UnixMs,
        *,
        grant_until: UnixMs,
        uses_approval: bool,
    ) -> OriginalsAccess:
        """Log `msg.access`, then return the originals; the account may fetch them."""
        return await self._runner.write(
            lambda tx: originals.open_originals(
                tx,
                message_id,
                act,
                now,
                grant_until=grant_until,
                uses_approval=uses_approval,
            )
        )

    async def hand_out_original(
        self, message_id: MessageId, aid: str, act: Act, now: UnixMs
    ) -> KeptOriginal:
        """Return an original to whoever opened them not long ago."""
        return await self._runner.write(
            lambda tx: originals.hand_out_original(tx, message_id, aid, act, now)
        )
