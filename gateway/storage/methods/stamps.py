"""Methods of time stamps (port `StampStore`)."""

from gateway.core.translog.stamps import TimeStamp
from gateway.core.values import UnixMs
from gateway.ports.stamps import KeptStamp
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import stamps


class StampMethods(StoreMethods):
    """Time stamps of our checkpoints."""

    async def add_stamp(self, text: bytes, stamp: TimeStamp, now: UnixMs) -> KeptStamp:
        """Keep a stamp and log `tsa.stamp`; a size that has one keeps the first."""
        return await self._runner.write(
            lambda tx: stamps.add_stamp(tx, text, stamp, now)
        )

    async def stamps(self, before_size: int, limit: int) -> list[KeptStamp]:
        """Return stamps of checkpoints below a size, the largest first."""
        return await self._runner.read(lambda tx: tx.stamps(before_size, limit))
