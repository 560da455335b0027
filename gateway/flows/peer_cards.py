"""Cards of peers: whether one is newer, and whether it fits what was seen of their log.

What a card may change under an enrolled root is decided in `core.identity`; here it is
compared with what this node remembers.
"""

from dataclasses import replace

import structlog

from gateway.core.conflicts import ConflictKind
from gateway.core.errors import (
    GatewayError,
    LogForkError,
    QuotaError,
    TooLargeError,
)
from gateway.core.identity import VerifiedCard, card_digest, verify_card
from gateway.core.limits import MAX_KEPT_STATEMENTS
from gateway.core.values import AuthorityId, Stage
from gateway.flows.exchange import Exchange
from gateway.ports.log import PeerLogLink
from gateway.ports.peers import Peer, PeerPolicy
from gateway.ports.trust import EnrolledPeer

log = structlog.get_logger()

# A peer changes its card a few times a month. Each change is an entry of our log, so
# what it can cause by changing it without end is bounded.
_CARD_INTERVAL_S = 60.0


def peer_of(card: VerifiedCard, policy: PeerPolicy) -> Peer:
    """Return the peer that a believed card makes."""
    return Peer(card.authority, card, policy, card_digest(card.line))


class PeerCards:
    """Judges the cards that peers, or people for them, bring."""

    def __init__(self, exchange: Exchange, stage: Stage) -> None:
        self._exchange = exchange
        self._stage = stage
        self._taken_at_s: dict[AuthorityId, float] = {}

    async def newer(self, held: EnrolledPeer, raw: bytes) -> EnrolledPeer:
        """Return the peer with a card that a person brings; `held` if it is not newer.

        Raises:
            GatewayError: As `verify_card`; or it contradicts that peer's log.
        """
        verified = self.verify(held, raw)
        if verified.line == held.peer.card.line:
            return held
        await self.link(verified)
        return replace(
            held,
            peer=peer_of(verified, held.peer.policy),
            earlier=_earlier(held, verified),
        )

    async def newer_of_its_own(self, held: EnrolledPeer, raw: bytes) -> EnrolledPeer:
        """Return the peer with a card from its own connection; `held` if not newer.

        Raises:
            QuotaError: The peer has changed its card just now.
            GatewayError: As `newer`.
        """
        try:
            taken = await self.newer(held, raw)
        except GatewayError as error:
            log.error(  # noqa: TRY400 - a refusal is an event, not a defect
                "card_refused",
                peer=held.authority,
                code=error.code,
                reason=str(error),
            )
            raise
        if taken is not held:
            self._count(held.authority)
        return taken

    async def link(self, card: VerifiedCard) -> None:
        """Check a card's checkpoint against what was seen of that log.

        The first one ever seen of a log is where linking begins.

        Raises:
            LogForkError: It is another tree than the one of that size seen before.
        """
        checkpoint = card.checkpoint
        async with self._exchange.peer_logs.turn(card.authority):
            seen = await self._exchange.store.peer_log(card.authority)
            if seen is None or seen.origin != checkpoint.origin:
                link = PeerLogLink(
                    authority=card.authority,
                    origin=checkpoint.origin,
                    seen_size=0,
                    size=checkpoint.size,
                    root=checkpoint.root,
                    note=card.checkpoint_note,
                )
                await self._exchange.store.link_peer_log(link)
            elif seen.size == checkpoint.size and seen.root != checkpoint.root:
                peer = self._exchange.directory.peer(card.authority)
                if peer is not None:
                    await self._exchange.conflicts.found(
                        peer,
                        ConflictKind.SPLIT_VIEW,
                        held=seen.note,
                        offered=card.checkpoint_note,
                    )
                raise LogForkError(
                    f"log {seen.origin}: two roots for size {seen.size}",
                    seen=seen.size,
                )

    def verify(self, held: EnrolledPeer, raw: bytes) -> VerifiedCard:
        """Return a card that may follow the one that is held.

        Raises:
            GatewayError: As `verify_card`.
        """
        return verify_card(
            raw,
            stage=self._stage,
            fingerprint=held.enrolment.fingerprint,
            previous=held.peer.card,
        )

    def _count(self, authority: AuthorityId) -> None:
        """Refuse a second change within the interval."""
        now_s = self._exchange.clock.monotonic_s()
        taken_at_s = self._taken_at_s.get(authority, now_s - _CARD_INTERVAL_S)
        wait_s = taken_at_s + _CARD_INTERVAL_S - now_s
        if wait_s > 0:
            raise QuotaError(
                f"card: {authority} has changed it less than a minute ago",
                retry_after_s=1 + int(wait_s),
            )
        self._taken_at_s[authority] = now_s


def _earlier(held: EnrolledPeer, newer: VerifiedCard) -> tuple[bytes, ...]:
    """Return the statements to keep: evidence is checked with the keys of its time.

    Raises:
        TooLargeError: More than any honest authority makes in a century.
    """
    if newer.proven_statement.leaf == held.peer.card.proven_statement.leaf:
        return held.earlier
    if len(held.statements) >= MAX_KEPT_STATEMENTS:
        raise TooLargeError(
            f"statements: {held.authority} has made {MAX_KEPT_STATEMENTS} already; "
            "remove the peer, and enrol it anew",
        )
    return held.statements
