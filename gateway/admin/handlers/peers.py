"""The peers: trust in them, exchange with them, our own card."""

import base64
import re
from dataclasses import replace

import msgspec

from gateway.admin.asked import Asked
from gateway.admin.legal_rendering import published_of
from gateway.admin.node_shapes import (
    AddPeerRequest,
    OwnCard,
    Peer,
    PeerLimits,
    PeerList,
    PeerPing,
    UpdateCardRequest,
)
from gateway.admin.peer_shapes import PeerProxy, RemovePeerQuery
from gateway.admin.rendering import incident_of, peer_of, statement_of
from gateway.admin.services import AdminServices
from gateway.core.addresses import parse_way
from gateway.core.canonical import parse_base64
from gateway.core.errors import MalformedError, UsageError
from gateway.core.hours import HOURS_PATTERN
from gateway.core.identity import parse_card
from gateway.core.limits import MIN_UPLOAD_KIB_S
from gateway.core.values import AuthorityId
from gateway.flows.enrolment import Comparison


class PeerHandlers:
    """Answers about peers and changes them."""

    def __init__(self, services: AdminServices) -> None:
        self._peers = services.peers
        self._two_persons = services.two_persons
        self._our_card = services.our_card
        self._legal = services.legal
        self._proxy_of = services.proxy_of
        self._incidents = services.incidents
        self._halts = services.exchange.halts

    async def list(self, asked: Asked) -> PeerList:
        """Return all peers."""
        found = [await self._show(one.authority) for one in self._peers.all()]
        return PeerList(items=tuple(_without_counts(one, asked) for one in found))

    async def show(self, asked: Asked) -> Peer:
        """Return one peer."""
        return _without_counts(await self._show(asked.peer_id()), asked)

    async def add(self, asked: Asked) -> Peer:
        """Enrol a peer."""
        form = asked.form(AddPeerRequest)
        enrolled = await self._two_persons.add_peer(
            _card_bytes(form.card),
            Comparison(form.fingerprint, form.how),
            asked.act(form.how),
        )
        return await self._show(enrolled.authority)

    async def limit(self, asked: Asked) -> Peer:
        """Change how evidence may travel to and from a peer."""
        authority = asked.peer_id()
        form = asked.form(PeerLimits)
        if not re.match(HOURS_PATTERN, form.upload_hours or ""):
            raise UsageError("upload_hours: expected like 20:00-06:00, in UTC")
        if 0 < (form.upload_kib_s or 0) < MIN_UPLOAD_KIB_S:
            raise UsageError(
                f"upload_kib_s: at least {MIN_UPLOAD_KIB_S}, or 0 for no limit: a part "
                "has to be through in ten minutes",
            )
        changes = {
            name: value
            for name in ("upload_kib_s", "upload_hours", "max_evidence_gib")
            if (value := getattr(form, name)) is not None
        }
        policy = replace(self._peers.find(authority).peer.policy, **changes)
        await self._peers.set_policy(authority, policy, asked.act())
        return await self._show(authority)

    async def set_proxy(self, asked: Asked) -> Peer:
        """Change through which proxy a peer is called."""
        authority = asked.peer_id()
        try:
            proxy = parse_way(asked.form(PeerProxy).proxy)
        except MalformedError as error:
            raise UsageError(str(error)) from error
        policy = replace(self._peers.find(authority).peer.policy, proxy=proxy)
        await self._peers.set_policy(authority, policy, asked.act())
        return await self._show(authority)

    async def update_card(self, asked: Asked) -> Peer:
        """Take a newer card of the peer that the path names."""
        authority = asked.peer_id()
        card = _card_bytes(asked.form(UpdateCardRequest).card)
        self._peers.find(authority)
        named = parse_card(card).card.authority
        if named != authority:
            raise UsageError(f"card: of {named}, expected one of {authority}")
        await self._two_persons.update_card(card, asked.act())
        return await self._show(authority)

    async def pause(self, asked: Asked) -> Peer:
        """Send a peer nothing for now."""
        await self._peers.pause(asked.peer_id(), asked.act())
        return await self._show(asked.peer_id())

    async def resume(self, asked: Asked) -> Peer:
        """Send to a peer again; after an incident a second person has to agree."""
        await self._incidents.resume(asked.peer_id(), asked.act())
        return await self._show(asked.peer_id())

    async def remove(self, asked: Asked) -> None:
        """Trust a peer no longer."""
        await self._peers.remove(
            asked.peer_id(),
            asked.act(),
            is_forced=asked.filters(RemovePeerQuery).force,
        )

    async def ping(self, asked: Asked) -> PeerPing:
        """Call a peer's node."""
        result = await self._peers.ping(asked.peer_id())
        return PeerPing(
            peer=result.reply.authority,
            duration_ms=result.duration_ms,
            clock_offset_ms=result.clock_offset_ms,
            seen=result.reply.seen.size,
            problem=result.problem,
        )

    async def own_card(self, _asked: Asked) -> OwnCard:
        """Return our card."""
        card = self._our_card.verified()
        return OwnCard(
            authority=card.authority,
            fingerprint=card.fingerprint,
            number=card.number,
            card=base64.b64encode(card.raw).decode(),
            history=tuple(
                statement_of(proof, card) for proof in await self._our_card.statements()
            ),
        )

    async def _show(self, authority: AuthorityId) -> Peer:
        standing = await self._peers.standing(authority)
        peer = standing.enrolled.peer
        service = published_of(peer, self._legal.conflicts(peer))
        through = self._proxy_of(peer.policy.proxy)
        open_ = self._halts.incident_of(authority)
        return msgspec.structs.replace(
            peer_of(standing),
            service=service,
            through=through,
            incident=incident_of(open_) if open_ else None,
        )


def _without_counts(peer: Peer, asked: Asked) -> Peer:
    """Return a peer without what counts messages that the caller may not see."""
    if asked.scope is None:
        return peer
    return msgspec.structs.replace(
        peer,
        queued=0,
        held=0,
        highest_seq=0,
        missing=(),
        holes=(),
        missing_there=(),
        evidence_bytes=0,
        oldest_queued_at="",
    )


def _card_bytes(text: str) -> bytes:
    try:
        return parse_base64(text)
    except MalformedError as error:
        raise UsageError("card: expected the card file in base64") from error
