"""Incidents of peers: one person stops both directions, two allow them again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from gateway.core.delivery import InboundState, OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.errors import NeedsApprovalError, UsageError
from gateway.core.values import NEVER, AuthorityId, UnixMs
from gateway.flows.approvals import Approvals, needs
from gateway.flows.bulk import every_message
from gateway.flows.exchange import Exchange
from gateway.flows.peers import PeerCare
from gateway.ports.approvals import ApprovalKind, NewApproval
from gateway.ports.halts import Incident
from gateway.ports.messages import Box, MessageFilter

log = structlog.get_logger()

_OPENED_HERE = frozenset({InboundState.OPENED, InboundState.HANDED_OVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What went between us and a peer since some moment.

    Attributes:
        states: Messages by box and state.
        opened_here: Of theirs, opened by a person here.
        opened_there: Of ours, proven to have been opened there.
        with_files: Messages with evidence files, either way.
    """

    since: UnixMs
    states: Mapping[tuple[Box, str], int]
    opened_here: int
    opened_there: int
    with_files: int


class Incidents:
    """Begins and ends incidents, and says what is concerned."""

    def __init__(
        self, exchange: Exchange, peers: PeerCare, approvals: Approvals
    ) -> None:
        self._exchange = exchange
        self._peers = peers
        self._approvals = approvals

    async def begin(self, peer: AuthorityId, since: UnixMs, act: Act) -> Incident:
        """Stop both directions with a peer, at once and by one person.

        Args:
            peer: Whom.
            since: From when on what came from it is suspect; `NEVER` for all of it.
            act: Who, and why.

        Raises:
            NotFoundError: Not a configured peer.
            UsageError: That moment has not come.
        """
        now = self._exchange.clock.now()
        if since > now:
            raise UsageError("since: expected a moment that has been")
        self._peers.find(peer)
        incident = await self._exchange.store.begin_incident(peer, since, act, now)
        await self._exchange.halts.load(self._exchange.store)
        log.error("peer_stopped", peer=peer, incident=incident.number, by=act.actor)
        # It stays stopped in the trust files, too, whatever becomes of the database.
        await self._peers.pause(peer, act)
        return incident

    async def resume(self, peer: AuthorityId, act: Act) -> None:
        """Send to a peer again; after an incident a second person has to agree.

        Raises:
            NotFoundError: Not a configured peer.
            NeedsApprovalError: It is asked for now.
        """
        self._peers.find(peer)
        if self._exchange.halts.incident_of(peer) is not None:
            await self._end(peer, act)
        await self._peers.resume(peer, act)

    async def _end(self, peer: AuthorityId, act: Act) -> None:
        store, now = self._exchange.store, self._exchange.clock.now()
        kind = ApprovalKind.REENABLE
        is_binding = self._approvals.is_binding(kind, act.actor)
        try:
            incident = await store.end_incident(
                peer, act, now, uses_approval=is_binding
            )
        except NeedsApprovalError:
            new = NewApproval(kind=kind, subject=peer, peer=peer)
            raise needs(await self._approvals.ask(new, act)) from None
        await self._exchange.halts.load(store)
        log.warning("peer_allowed_again", peer=peer, incident=incident.number)

    async def exchanged(self, peer: AuthorityId, since: UnixMs) -> Exchanged:
        """Return what went between us and a peer.

        Raises:
            NotFoundError: Not a configured peer, and never an incident of one.
        """
        if not self._exchange.halts.all_of(peer):
            self._peers.find(peer)
        states: Counter[tuple[Box, str]] = Counter()
        opened_here = opened_there = with_files = 0
        wanted = MessageFilter(peer=peer, since=since if since != NEVER else None)
        async for row in every_message(self._exchange, wanted):
            states[row.box, row.state] += 1
            is_theirs = row.box is Box.IN
            opened_here += is_theirs and row.state in _OPENED_HERE
            opened_there += not is_theirs and row.state is OutboundState.OPENED
            with_files += row.attachments > 0
        return Exchanged(
            since=since,
            states=states,
            opened_here=opened_here,
            opened_there=opened_there,
            with_files=with_files,
        )
