"""Later events of messages between the two: told, and taken (section 10.5).

An opening by a person, a later rejection, an expiry, a withdrawal. Each is a leaf of
the teller's log, proven like a delivery; known ones are noted again without harm.
"""

from gateway.core import canonical
from gateway.core.entries.leaf import Leaf
from gateway.core.errors import GatewayError, LogOutOfStepError, QuotaError
from gateway.core.exchange import OfferedLeaf, offered_leaf, verify_leaf
from gateway.core.protocol import (
    EventItem,
    EventReply,
    EventsReply,
    EventsRequest,
    hashes_to_text,
    parse_events,
)
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.values import AuthorityId, MessageId, format_time, parse_time
from gateway.flows.agreement import check_clock
from gateway.flows.bad_items import BadItems
from gateway.flows.exchange import Exchange
from gateway.ports.inbox import EventStanding, PeerEvent
from gateway.ports.messages import PeerProof
from gateway.ports.outbox import OutboundEventItem
from gateway.ports.peers import Peer

_EVENT_KINDS = ("msg.access", "msg.reject", "msg.expire", "msg.cancel", "msg.restrict")
_EVENTS_A_CALL = 128
_PROOF_ATTEMPTS = 4


class EventTelling:
    """Tells peers what happened here to messages between the two."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def tell_due(self, peer: Peer) -> int:
        """Tell a peer all events it has not acknowledged; return how many.

        Raises:
            GatewayError: The call failed; the events stay due.
        """
        told = 0
        while due := await self._exchange.store.events_due(
            peer.authority, _EVENTS_A_CALL
        ):
            await self._exchange.agreement.ensure(peer.authority)
            reply = await self._call(peer.authority, due)
            acknowledged = [
                event.log_index
                for event, answer in zip(due, reply.items, strict=False)
                if answer.status != "later"
            ]
            await self._exchange.store.events_told(peer.authority, acknowledged)
            told += len(acknowledged)
            if len(acknowledged) < len(due):
                break
        return told

    async def _call(
        self,
        peer: AuthorityId,
        due: list[OutboundEventItem],
    ) -> EventsReply:
        base: int | None = None
        for attempt in range(_PROOF_ATTEMPTS):
            body, size = await self._frame(peer, due, base)
            try:
                reply = await self._exchange.transport.events(peer, body)
            except LogOutOfStepError as error:
                if attempt == _PROOF_ATTEMPTS - 1:
                    raise
                self._exchange.our_log_seen.reset(peer, error.seen)
                base = error.seen
            else:
                self._exchange.our_log_seen.told(peer, size)
                return reply
        raise AssertionError("internal: the last attempt returns or raises")

    async def _frame(
        self,
        peer: AuthorityId,
        due: list[OutboundEventItem],
        base: int | None,
    ) -> tuple[bytes, int]:
        indices = [event.log_index for event in due]
        checkpoint = await self._exchange.checkpoints.covering(1 + max(indices))
        inclusions = await self._exchange.store.prove(indices, checkpoint.size)
        consistency, links = await self._exchange.our_log_seen.proofs_for(
            peer,
            checkpoint.size,
            base=base,
        )
        request = EventsRequest(
            checkpoint=checkpoint.note.decode(),
            consistency=consistency,
            items=[
                EventItem(
                    index=inclusion.index,
                    leaf=inclusion.data.decode(),
                    path=hashes_to_text(inclusion.path),
                )
                for inclusion in inclusions
            ],
            links=links,
            now=format_time(self._exchange.clock.now()),
            seen=await self._exchange.peer_logs.seen_size(peer),
        )
        return canonical.encode(request), checkpoint.size


class EventTaking:
    """Takes what peers tell of messages between the two."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._unproven = BadItems(exchange, "unproven_item")

    async def take(self, peer: Peer, body: bytes) -> EventsReply:
        """Verify and store the events in `body`.

        Raises:
            GatewayError: Framing, clock or linking failed; nothing is stored.
        """
        request = parse_events(body)
        check_clock(self._exchange.clock.now(), parse_time(request.now))
        self._exchange.our_log_seen.told(peer.authority, request.seen)
        async with self._exchange.peer_logs.turn(peer.authority):
            linked = await self._exchange.peer_logs.link(
                peer,
                request.checkpoint,
                request.consistency,
                request.links,
            )
            judged = [
                self._judge(peer.authority, item, linked.checkpoint)
                for item in request.items
            ]
            events = [one for one in judged if isinstance(one, PeerEvent)]
            known = await self._exchange.store.commit_events(
                linked.link,
                events,
                self._exchange.clock.now(),
            )
            seen = linked.checkpoint.size
        answers = iter(known)
        replies = [
            _REPLIES[next(answers)] if isinstance(one, PeerEvent) else one
            for one in judged
        ]
        return EventsReply(
            items=replies,
            now=format_time(self._exchange.clock.now()),
            seen=seen,
        )

    def _judge(
        self,
        peer: AuthorityId,
        item: EventItem,
        checkpoint: Checkpoint,
    ) -> PeerEvent | EventReply:
        """Return the believed event of an item, or the reply that refuses it."""
        try:
            offered = offered_leaf(index=item.index, leaf=item.leaf, path=item.path)
            leaf = verify_leaf(
                offered,
                checkpoint,
                kinds=_EVENT_KINDS,
                peer=self._exchange.ourselves,
            )
        except GatewayError as error:
            if not self._unproven.spend(peer, error.code):
                return EventReply(status="later", code=QuotaError.code)
            return EventReply(status="refused", code=error.code)
        return _event(leaf, offered)


def _event(leaf: Leaf, offered: OfferedLeaf) -> PeerEvent:
    fields = leaf.fields
    return PeerEvent(
        kind=leaf.kind,
        message_id=MessageId(leaf.text("m")),
        proof=PeerProof(offered.index, offered.data, offered.path),
        digest=leaf.text("dig") if "dig" in fields else "",
        code=leaf.text("res") if "res" in fields else "",
        seq=leaf.number("seq") if "seq" in fields else 0,
    )


_REPLIES = {
    EventStanding.NOTED: EventReply(status="noted"),
    EventStanding.EARLY: EventReply(status="later"),
    EventStanding.UNKNOWN: EventReply(status="refused", code="no-such-message"),
}
