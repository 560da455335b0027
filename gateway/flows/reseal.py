"""Sealing again what was sealed to a key that the addressee has retired (10.4).

The refusal is proven and stored, and the message is held with its running number. The
card is fetched, the access is logged, and the same message is sealed to fresh keys.
"""

from collections.abc import Awaitable, Callable

import structlog

from gateway.core.envelope import Header, parse_envelope
from gateway.core.errors import GatewayError
from gateway.core.routing import HoldReason, Route
from gateway.core.values import AuthorityId, HexDigest, MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.open import Open
from gateway.flows.sealing import Draft, Sealer
from gateway.ports.peers import Peer

log = structlog.get_logger()

_MESSAGES_A_TURN = 64
# A peer that retires keys its card still names, or whose messages can't be sealed
# again, is asked no more often than this: each time costs entries of our log.
_AGAIN_S = 300.0
# So often a message is sealed again at once; a peer that goes on is made to wait.
_ATTEMPTS_AT_ONCE = 3


class Reseal:
    """Seals refused messages again.

    Args:
        exchange: What every exchange goes through.
        sealer: Seals.
        open_: The one place that opens.
        refresh: Fetches and takes a peer's newest card.
    """

    def __init__(
        self,
        exchange: Exchange,
        sealer: Sealer,
        *,
        open_: Open,
        refresh: Callable[[AuthorityId], Awaitable[bool]],
    ) -> None:
        self._exchange = exchange
        self._sealer = sealer
        self._open = open_
        self._refresh = refresh
        self._refresh_not_before_s: dict[AuthorityId, float] = {}
        self._stuck_at: dict[AuthorityId, HexDigest] = {}
        self._not_before_s: dict[MessageId, float] = {}

    async def reseal_refused(self, peer: Peer) -> int:
        """Queue messages again whose key the peer has retired; return how many."""
        if self._is_stuck(peer):
            return 0
        waiting = await self._exchange.store.to_reseal(peer.authority, _MESSAGES_A_TURN)
        self._forget_the_past()
        resealed = 0
        for message_id in waiting:
            if message_id in self._not_before_s:
                continue
            try:
                resealed += await self._reseal(peer.authority, message_id)
            except GatewayError as error:
                self._put_off(message_id)
                log.warning("not_resealed", message_id=message_id, code=error.code)
        if resealed:
            log.info("messages_resealed", peer=peer.authority, resealed=resealed)
        return resealed

    async def _reseal(self, authority: AuthorityId, message_id: MessageId) -> bool:
        store = self._exchange.store
        row = await store.message(message_id)
        header = parse_envelope(await store.envelope(message_id)).header
        route = await self._fresh_route(authority, header)
        if route is None:
            return False
        peer, fresh = route
        # Put off before it is tried, so that what fails in between is not tried again
        # at once.
        if row.attempts >= _ATTEMPTS_AT_ONCE:
            self._put_off(message_id)
        sealed = await store.begin_reseal(message_id, self._exchange.clock.now())
        if sealed is None:
            return False
        opened = self._open.unseal(sealed)
        draft = Draft(
            id=message_id,
            created_at=header.created,
            priority=header.priority,
            message=opened.message,
            # The files stay as they are: only the keys to them are sealed anew.
            attachments=opened.attachments,
        )
        sealing = self._sealer.seal(draft, peer, fresh)
        return await store.release(message_id, sealing, self._exchange.clock.now())

    async def _fresh_route(
        self,
        authority: AuthorityId,
        header: Header,
    ) -> tuple[Peer, Route] | None:
        """Return a route to keys that the message was not sealed to, if there is one.

        The card that is held is tried first, then a newer one.
        """
        route = self._route(authority, header)
        if route is None and await self._has_newer_card(authority):
            route = self._route(authority, header)
        peer = self._exchange.directory.peer(authority)
        if route is None and peer is not None:
            self._stuck_at[authority] = peer.card_digest
        return route

    def _route(
        self,
        authority: AuthorityId,
        header: Header,
    ) -> tuple[Peer, Route] | None:
        peer = self._exchange.directory.peer(authority)
        if peer is None:
            return None
        now = self._exchange.clock.now()
        route = self._sealer.route(peer, created_at=header.created, now=now)
        if isinstance(route, HoldReason):
            return None
        is_fresh = any(key.kid not in header.keys for key in route.keys)
        return (peer, route) if is_fresh else None

    async def _has_newer_card(self, authority: AuthorityId) -> bool:
        now_s = self._exchange.clock.monotonic_s()
        if now_s < self._refresh_not_before_s.get(authority, 0.0):
            return False
        self._refresh_not_before_s[authority] = now_s + _AGAIN_S
        try:
            return await self._refresh(authority)
        except GatewayError as error:
            log.warning("card_not_refreshed", peer=authority, code=error.code)
            return False

    def _is_stuck(self, peer: Peer) -> bool:
        """Tell whether the card that is held was found to be of no use just now."""
        now_s = self._exchange.clock.monotonic_s()
        return self._stuck_at.get(
            peer.authority
        ) == peer.card_digest and now_s < self._refresh_not_before_s.get(
            peer.authority, 0.0
        )

    def _put_off(self, message_id: MessageId) -> None:
        self._not_before_s[message_id] = self._exchange.clock.monotonic_s() + _AGAIN_S

    def _forget_the_past(self) -> None:
        now_s = self._exchange.clock.monotonic_s()
        self._not_before_s = {
            one: at for one, at in self._not_before_s.items() if at > now_s
        }
