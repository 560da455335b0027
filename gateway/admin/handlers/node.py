"""The node itself: figures, health, and the description of this API."""

from gateway.admin.asked import Asked
from gateway.admin.contract import ROUTES
from gateway.admin.node_shapes import Health, PeerStats, Stats
from gateway.admin.openapi import openapi_document
from gateway.admin.rendering import when
from gateway.admin.services import AdminServices
from gateway.admin.waiting import Waiting
from gateway.core.delivery import OutboundState
from gateway.core.errors import MaintenanceError
from gateway.core.values import NEVER, AuthorityId
from gateway.ports.messages import Box
from gateway.ports.outbox import Conservation

# Whoever asks more often gets the last result: strangers on this machine may ask, and
# each look is a flush to disk.
_READY_FOR_S = 1.0


class NodeHandlers:
    """Answers about the node."""

    def __init__(self, services: AdminServices, waiting: Waiting) -> None:
        self._services = services
        self._store = services.exchange.store
        self._clock = services.exchange.clock
        self._waiting = waiting
        self._written_at_s = float("-inf")

    async def stats(self, asked: Asked) -> Stats:
        """Return figures, with invariant I3 overall and for each peer.

        None to whom sees only some of the messages.
        """
        if asked.scope is not None:
            return Stats(
                authority=self._services.exchange.ourselves,
                log_size=0,
                accepted=0,
                states={},
                balanced=True,
                peers=(),
                started_at=when(self._services.started_at),
                version=self._services.version,
            )
        head = await self._store.log_head()
        whole = await self._store.conservation(None)
        return Stats(
            authority=self._services.exchange.ourselves,
            log_size=head.size,
            accepted=whole.accepted,
            states=dict(whole.by_state),
            balanced=_balances(whole),
            peers=tuple(
                [
                    await self._peer(peer.authority)
                    for peer in self._services.exchange.directory.peers()
                ],
            ),
            started_at=when(self._services.started_at),
            version=self._services.version,
        )

    async def livez(self, _asked: Asked) -> Health:
        """Say that the process answers."""
        return Health(status="live")

    async def readyz(self, _asked: Asked) -> Health:
        """Say that a durable write just worked, or fail.

        Raises:
            MaintenanceError: The node is stopping.
            StoreError: Writing does not work.
        """
        if self._waiting.is_stopping:
            raise MaintenanceError("node: is stopping", retry_after_s=5)
        now_s = self._clock.monotonic_s()
        if now_s - self._written_at_s >= _READY_FOR_S:
            await self._store.probe()
            self._written_at_s = now_s
        if self._services.exchange.recovery.is_on:
            # It takes messages, so it is ready; but who looks is to see it.
            return Health(status="recovery")
        until = self._services.exchange.halts.maintained_until(self._clock.now())
        if until != NEVER:
            # What the own systems submit is taken, and waits.
            return Health(status="maintenance", until=when(until))
        return Health(status="ready")

    async def metrics(self, _asked: Asked) -> bytes:
        """Return the figures, those of the store as they are now."""
        metrics = self._services.exchange.metrics
        whole = await self._store.conservation(None)
        counts = dict(whole.by_state)
        for state in OutboundState:
            metrics.gauge(
                "mla_messages",
                counts.get(state.value, 0),
                box=Box.OUT.value,
                state=state.value,
            )
        head = await self._store.log_head()
        metrics.gauge("mla_log_size", head.size)
        return self._services.expose_metrics()

    async def openapi(self, _asked: Asked) -> bytes:
        """Return the OpenAPI document."""
        return openapi_document(ROUTES, version=self._services.version)

    async def _peer(self, authority: AuthorityId) -> PeerStats:
        counts = await self._store.conservation(authority)
        return PeerStats(
            peer=authority,
            accepted=counts.accepted,
            states=dict(counts.by_state),
            balanced=_balances(counts),
        )


def _balances(counts: Conservation) -> bool:
    return counts.accepted == sum(count for _, count in counts.by_state)
