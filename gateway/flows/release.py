"""Sealing held messages once their reason has gone: a fresh card, a resumed peer."""

import structlog

from gateway.core.errors import GatewayError
from gateway.core.routing import HoldReason
from gateway.core.values import MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.sealing import Sealer
from gateway.ports.peers import Peer

log = structlog.get_logger()

_MESSAGES_A_TURN = 64


class Release:
    """Releases held messages."""

    def __init__(self, exchange: Exchange, sealer: Sealer) -> None:
        self._exchange = exchange
        self._sealer = sealer

    async def release_held(self, peer: Peer) -> int:
        """Queue messages held for a peer, sealed now; return how many.

        One that cannot be read or sealed stays held, and holds up no other.
        """
        now = self._exchange.clock.now()
        if isinstance(self._sealer.route(peer, created_at=now, now=now), HoldReason):
            return 0
        released = 0
        held = await self._exchange.store.held(peer.authority, _MESSAGES_A_TURN)
        for message_id in held:
            try:
                released += await self._release(peer, message_id)
            except GatewayError as error:
                log.error(  # noqa: TRY400 - told in full, and people have to look
                    "draft_not_released",
                    message_id=message_id,
                    code=error.code,
                )
        if released:
            log.info("messages_released", peer=peer.authority, released=released)
        return released

    async def _release(self, peer: Peer, message_id: MessageId) -> bool:
        now = self._exchange.clock.now()
        kept = await self._exchange.store.draft(message_id)
        draft = self._sealer.recall(message_id, kept)
        route = self._sealer.route(peer, created_at=draft.created_at, now=now)
        if isinstance(route, HoldReason):
            return False
        sealing = self._sealer.seal(draft, peer, route)
        return await self._exchange.store.release(message_id, sealing, now)
