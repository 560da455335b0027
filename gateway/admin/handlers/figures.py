"""What moved in the last minutes; counts name nobody, so looking is not logged."""

from gateway.admin.asked import Asked
from gateway.admin.figure_shapes import Figures, FiguresQuery
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.flows.pulse import Pulse


class FigureHandlers:
    """Answers with counts."""

    def __init__(self, services: AdminServices) -> None:
        exchange = services.exchange
        self._pulse = Pulse(exchange.store, exchange.clock)

    async def figures(self, asked: Asked) -> Figures:
        """Return counts of the last minutes."""
        if asked.scope is not None:  # they count the messages of everybody
            return Figures(since="", queued=(), delivered=(), failed=(), received=())
        found = await self._pulse.minutes(asked.filters(FiguresQuery).minutes)
        return Figures(
            since=when(found[0].at),
            queued=tuple(one.queued for one in found),
            delivered=tuple(one.delivered for one in found),
            failed=tuple(one.failed for one in found),
            received=tuple(one.received for one in found),
        )
