"""Time stamps of the log: those there are, and a new one."""

import base64

from gateway.admin.asked import Asked
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.stamp_shapes import LogStamp, LogStamps, StampsQuery
from gateway.ports.stamps import KeptStamp


class StampHandlers:
    """Answers about time stamps."""

    def __init__(self, services: AdminServices) -> None:
        self._store = services.exchange.store
        self._stamping = services.stamping

    async def list(self, asked: Asked) -> LogStamps:
        """Return stamps, the largest checkpoint first."""
        query = asked.filters(StampsQuery)
        found = await self._store.stamps(query.before, query.limit)
        standing = await self._stamping.standing()
        return LogStamps(
            items=tuple(map(_render, found)),
            configured=self._stamping.is_configured,
            failure=standing.failure,
        )

    async def stamp(self, _asked: Asked) -> LogStamp:
        """Get a stamp now."""
        return _render(await self._stamping.stamp_now())


def _render(kept: KeptStamp) -> LogStamp:
    return LogStamp(
        size=kept.size,
        at=when(kept.stamp.at),
        authority=kept.stamp.authority,
        valid_until=when(kept.stamp.valid_until),
        index=kept.index,
        digest=kept.stamp.digest,
        text=kept.text.decode(),
        response=base64.b64encode(kept.stamp.response).decode(),
    )
