"""Sealing held messages once their reason has gone: a fresh card, a resumed peer."""

from collections.abc import Callable

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError, NotFoundError
from gateway.core.routing import HoldReason
from gateway.core.values import AuthorityId, MessageId, UnixMs
from gateway.flows.exchange import Exchange
from gateway.flows.sealing import Sealer
from gateway.ports.approvals import Approval
from gateway.ports.peers import Peer

log = structlog.get_logger()

_MESSAGES_A_TURN = 64


class Release:
    """Releases held messages: those whose time has come, and those approved."""

    def __init__(
        self,
        exchange: Exchange,
        sealer: Sealer,
        wake: Callable[[AuthorityId], None] = lambda _peer: None,
    ) -> None:
        self._exchange = exchange
        self._sealer = sealer
        self._wake = wake

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

    async def approved(
        self, approval: Approval, act: Act, now: UnixMs, *, is_override: bool
    ) -> Approval:
        """Let a message go that waited for a second person, who approves now.

        Raises:
            NotFoundError: The message or its peer is not there any more.
            ConflictError: The message is not held, or the approval was decided.
            NotAllowedError: It needs another person.
        """
        store = self._exchange.store
        peer = self._exchange.directory.peer(AuthorityId(approval.new.peer))
        if peer is None:
            raise NotFoundError(f"peer: {approval.new.peer} is not enrolled any more")
        message_id = MessageId(approval.new.message_id)
        kept = await store.draft(message_id)
        draft = self._sealer.recall(message_id, kept)
        route = self._sealer.route(peer, created_at=draft.created_at, now=now)
        if isinstance(route, HoldReason):
            settled = await store.release_approved(
                approval.number,
                None,
                act,
                now,
                hold_reason=route.value,
                is_override=is_override,
            )
        else:
            settled = await store.release_approved(
                approval.number,
                self._sealer.seal(draft, peer, route),
                act,
                now,
                is_override=is_override,
            )
        self._wake(peer.authority)
        return settled

    async def _release(self, peer: Peer, message_id: MessageId) -> bool:
        now = self._exchange.clock.now()
        kept = await self._exchange.store.draft(message_id)
        draft = self._sealer.recall(message_id, kept)
        route = self._sealer.route(peer, created_at=draft.created_at, now=now)
        if isinstance(route, HoldReason):
            return False
        sealing = self._sealer.seal(draft, peer, route)
        return await self._exchange.store.release(message_id, sealing, now)
