"""Telling peers what third logs showed us, and comparing what they were shown.

Off unless a peer's policy allows it: it tells partners whom we deal with. A log that
shows two histories to two of us is found out when their notes meet (section 8.9).
"""

import structlog

from gateway.core import canonical
from gateway.core.errors import (
    GatewayError,
    LogForkError,
    LogProofError,
    NotAllowedError,
)
from gateway.core.gossip import (
    MAX_GOSSIP,
    GossipReply,
    GossipRequest,
    parse_gossip,
)
from gateway.core.translog.checkpoint import parse_checkpoint, verify_checkpoint
from gateway.core.translog.note import parse_note
from gateway.flows.binding import Binding, log_owner
from gateway.flows.exchange import Exchange
from gateway.ports.peers import Peer

log = structlog.get_logger()


class Gossip:
    """Both sides of it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._binding = Binding(exchange)

    async def take(self, caller: Peer, body: bytes) -> GossipReply:
        """Compare what a peer was shown of third logs with what we were shown.

        Raises:
            NotAllowedError: We do not gossip with that peer.
            MalformedError: Not gossip.
        """
        if not caller.policy.may_gossip:
            raise NotAllowedError("gossip: not agreed with this peer")
        found = []
        for note in parse_gossip(body).checkpoints:
            origin = await self._compare(caller, note.encode())
            if origin:
                found.append(origin)
        return GossipReply(conflicts=found)

    async def tell(self) -> int:
        """Tell every peer that we gossip with; return how many took it."""
        told = 0
        for peer in self._exchange.directory.peers():
            if peer.policy.may_gossip and not peer.policy.is_paused:
                told += await self._tell(peer)
        return told

    async def _tell(self, peer: Peer) -> bool:
        notes = await self._notes_for(peer)
        if not notes:
            return False
        body = canonical.encode(GossipRequest(checkpoints=notes))
        try:
            reply = await self._exchange.transport.gossip(peer.authority, body)
        except GatewayError as error:
            log.warning("gossip_not_taken", peer=peer.authority, code=error.code)
            return False
        for origin in reply.conflicts:
            log.error("log_conflict_told", origin=origin, source=peer.authority)
        return True

    async def _notes_for(self, peer: Peer) -> list[str]:
        """Return notes of third logs: what contradicts first, then the newest."""
        kept = [one.conflict for one in await self._exchange.store.conflicts()]
        accused = [
            note
            for one in kept
            if one.authority != peer.authority
            for note in (one.offered, one.held)
        ]
        newest = await self._exchange.store.witnessed_logs(MAX_GOSSIP + 1)
        third = [one.note for one in newest if one.authority != peer.authority]
        wanted = [*accused, *third]
        return [note.decode() for note in dict.fromkeys(wanted)][:MAX_GOSSIP]

    async def _compare(self, caller: Peer, note: bytes) -> str:
        """Return the origin of a log if a note shows that it contradicts itself."""
        try:
            origin = parse_checkpoint(parse_note(note).text).origin
            owner = log_owner(self._exchange, origin)
            if owner is None:
                return ""
            keys = owner.card.log_keys
            checkpoint = verify_checkpoint(note, origin=origin, keys=keys)
        except GatewayError as error:
            # Nobody's word: the log has not signed it.
            log.info("gossip_refused", peer=caller.authority, code=error.code)
            return ""
        try:
            await self._binding.check(
                owner,
                checkpoint,
                note,
                source=caller.authority,
            )
        except (LogForkError, LogProofError):
            return origin
        except GatewayError as error:
            log.info("gossip_not_compared", peer=caller.authority, code=error.code)
        return ""
