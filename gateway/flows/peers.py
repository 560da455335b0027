"""The peers: enrolling, their cards, pausing, removing, asking whether they are there.

Who somebody is was settled once, by two people who compared a fingerprint; all that
comes later has to follow from that (specification, section 6).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    ConflictError,
    NotFoundError,
    StageMismatchError,
    TryLaterError,
    UntrustedCardError,
)
from gateway.core.identity import (
    VerifiedCard,
    parse_card,
    verify_card,
)
from gateway.core.protocol import PingReply
from gateway.core.values import (
    AuthorityId,
    Stage,
    parse_authority_id,
    parse_time,
)
from gateway.flows.enrolment import Comparison, check_compared, read_comparison
from gateway.flows.exchange import Exchange
from gateway.flows.numbers import NumberWatch
from gateway.flows.peer_cards import PeerCards, peer_of
from gateway.flows.peer_epochs import PeerEpochs
from gateway.flows.peer_standing import PeerStanding
from gateway.flows.trust import TrustChanges, TrustNote
from gateway.ports.peers import PeerPolicy
from gateway.ports.people import NOTHING_BESIDE, Beside
from gateway.ports.trust import EnrolledPeer, Enrolment, TrustChange, TrustEdit


@dataclass(frozen=True, slots=True)
class PingResult:
    """How a peer answered.

    Attributes:
        clock_offset_ms: Its clock minus ours.
        problem: Why nothing is released to it: its memory of our log contradicts the
            log, or the clocks disagree. Empty if all is well.
    """

    reply: PingReply
    duration_ms: int
    clock_offset_ms: int
    problem: str


class PeerCare:
    """Looks after the peers; every change of trust is logged."""

    def __init__(
        self,
        exchange: Exchange,
        changes: TrustChanges,
        *,
        stage: Stage,
        numbers: NumberWatch,
        wake: Callable[[AuthorityId], None],
    ) -> None:
        self._exchange = exchange
        self._changes = changes
        self._stage = stage
        self._numbers = numbers
        self._wake = wake
        self._cards = PeerCards(exchange, stage)
        self._epochs = PeerEpochs(exchange.store, exchange.transport)

    def all(self) -> Sequence[EnrolledPeer]:
        """Return all peers, ordered by id."""
        return self._changes.register.enrolled_peers()

    def find(self, authority: AuthorityId) -> EnrolledPeer:
        """Return a peer.

        Raises:
            NotFoundError: Not a configured peer.
        """
        enrolled = self._changes.register.enrolled(authority)
        if enrolled is None:
            raise NotFoundError(f"peer: {authority} is not enrolled; use peer add")
        return enrolled

    async def standing(self, authority: AuthorityId) -> PeerStanding:
        """Return how things are with a peer.

        Raises:
            NotFoundError: Not a configured peer.
        """
        enrolled = self.find(authority)
        store = self._exchange.store
        return PeerStanding(
            enrolled=enrolled,
            traffic=await store.traffic(authority, self._exchange.clock.now()),
            log=await store.peer_log(authority),
            problem=self._exchange.agreement.disagreeing.get(authority, ""),
            epoch_problem=self._epochs.problem(authority),
            evidence_bytes=await store.evidence_bytes(authority),
            log_standing=await self._exchange.conflicts.standing(
                enrolled.peer.card.log_origin,
            ),
            missing_there=self._numbers.missing_there(authority),
        )

    def inspect(self, card: bytes) -> VerifiedCard:
        """Return a card that agrees with itself, so that people can compare it.

        Raises:
            GatewayError: As `verify_card`. Nothing says yet whose card it is.
        """
        return verify_card(card, stage=self._stage)

    def check_add(self, card: bytes, comparison: Comparison) -> VerifiedCard:
        """Return a card whose peer may be enrolled, as far as that is known here.

        Raises:
            GatewayError: As `add`.
        """
        expected = read_comparison(comparison)
        verified = verify_card(card, stage=self._stage)
        self._check_new(verified)
        check_compared(verified, expected)
        return verified

    def check_update(self, card: bytes) -> tuple[EnrolledPeer, VerifiedCard]:
        """Return the peer of a card, and the card, which may be put in its place.

        Raises:
            GatewayError: As `update`.
        """
        held = self.find(parse_authority_id(parse_card(card).card.authority))
        return held, self._cards.verify(held, card)

    async def add(
        self,
        card: bytes,
        comparison: Comparison,
        policy: PeerPolicy,
        act: Act,
        beside: Beside = NOTHING_BESIDE,
    ) -> EnrolledPeer:
        """Enrol a peer whose fingerprint two people have compared.

        Raises:
            UsageError: The fingerprint or the way of comparing is not given.
            UntrustedCardError: The card has another fingerprint, or is not proven.
            StageMismatchError: A node of the other stage.
            ConflictError: Our own card, or a peer that is enrolled already.
            LogOutOfStepError: The card contradicts what was seen of that peer's log.
        """
        async with self._changes.turn:
            verified = self.check_add(card, comparison)
            # Before the peer can speak: its first word must extend this already.
            await self._cards.link(verified)
            enrolled = EnrolledPeer(
                peer_of(verified, policy),
                Enrolment(
                    fingerprint=verified.fingerprint,
                    compared_by=act.actor,
                    compared_how=comparison.how,
                    compared_at=self._exchange.clock.now(),
                ),
            )
            await self._put(
                enrolled,
                TrustChange.PEER_ADDED,
                act,
                f"fingerprint {verified.fingerprint} compared: {comparison.how}",
                beside,
            )
        return enrolled

    async def update(
        self, card: bytes, act: Act, beside: Beside = NOTHING_BESIDE
    ) -> EnrolledPeer:
        """Take a peer's newer card that a person brings; an equal one does nothing.

        Raises:
            NotFoundError: The card is of no configured peer.
            GatewayError: As `verify_card`; or it contradicts that peer's log.
        """
        authority = parse_authority_id(parse_card(card).card.authority)
        async with self._changes.turn:
            held = self.find(authority)
            taken = await self._cards.newer(held, card)
            if taken is not held:
                await self._put_card(taken, act, beside)
            return taken

    async def accept_pushed(self, authority: AuthorityId, card: bytes) -> int:
        """Take a card over its peer's own connection; return the number now held.

        Raises:
            NotFoundError: No longer a configured peer.
            QuotaError: The peer has changed its card just now.
            GatewayError: As `verify_card`; or it contradicts that peer's log.
        """
        act = Act("node", "node", "card of the peer's own")
        async with self._changes.turn:
            held = self.find(authority)
            taken = await self._cards.newer_of_its_own(held, card)
            if taken is not held:
                await self._put_card(taken, act)
        if taken.peer.card.log_origin != held.peer.card.log_origin:
            await self._epochs.check(taken.peer)
        return taken.peer.card.number

    async def check_epoch(self, authority: AuthorityId) -> None:
        """Look again at what a peer says of a log before its present one.

        Raises:
            NotFoundError: Not a configured peer.
        """
        await self._epochs.check(self.find(authority).peer)

    async def refresh_card(self, authority: AuthorityId) -> bool:
        """Fetch a peer's card; return whether it was a newer one.

        Raises:
            NotFoundError: Not a configured peer.
            GatewayError: It can't be fetched or believed.
        """
        before = self.find(authority).peer.card.number
        card = await self._exchange.transport.fetch_card(authority)
        return await self.accept_pushed(authority, card) > before

    async def set_policy(
        self,
        authority: AuthorityId,
        policy: PeerPolicy,
        act: Act,
    ) -> EnrolledPeer:
        """Change what a peer is allowed; an equal policy does nothing.

        Raises:
            NotFoundError: Not a configured peer.
            ConfigError: A value is out of bounds.
        """
        async with self._changes.turn:
            return await self._set_policy(
                self.find(authority),
                policy,
                TrustChange.PEER_UPDATED,
                act,
            )

    async def pause(self, authority: AuthorityId, act: Act) -> EnrolledPeer:
        """Send a peer nothing for now; what is submitted for it is held.

        Raises:
            NotFoundError: Not a configured peer.
        """
        return await self._set_paused(authority, act, is_paused=True)

    async def resume(self, authority: AuthorityId, act: Act) -> EnrolledPeer:
        """Send to a peer again.

        Raises:
            NotFoundError: Not a configured peer.
        """
        return await self._set_paused(authority, act, is_paused=False)

    async def remove(
        self,
        authority: AuthorityId,
        act: Act,
        *,
        is_forced: bool = False,
    ) -> None:
        """Trust a peer no longer. What is known of its log stays known.

        Args:
            authority: The peer.
            act: Who does it.
            is_forced: Also if messages wait for it; they will expire.

        Raises:
            NotFoundError: Not a configured peer.
            ConflictError: Messages wait for it.
        """
        async with self._changes.turn:
            self.find(authority)
            now = self._exchange.clock.now()
            traffic = await self._exchange.store.traffic(authority, now)
            waiting = traffic.queued + traffic.held
            if waiting and not is_forced:
                raise ConflictError(
                    f"peer: {waiting} messages wait for {authority}; cancel them, or "
                    "force the removal and let them expire",
                )
            await self._changes.commit(
                TrustEdit(removed_peers=(authority,)),
                TrustNote(TrustChange.PEER_REMOVED, act, authority),
            )
            self._exchange.agreement.forget(authority)
        self._wake(authority)

    async def ping(self, authority: AuthorityId) -> PingResult:
        """Ask a peer whether it is there, and compare what it has seen of our log.

        Raises:
            NotFoundError: Not a configured peer.
            UntrustedCardError: Somebody else answers there.
            StageMismatchError: A node of the other stage.
            GatewayError: It can't be reached.
        """
        self.find(authority)
        clock = self._exchange.clock
        started_s = clock.monotonic_s()
        reply = await self._exchange.transport.ping(authority)
        duration_ms = round((clock.monotonic_s() - started_s) * 1000)
        self._check_answer(authority, reply)
        problem = ""
        try:
            await self._exchange.agreement.compare(authority, reply)
        except TryLaterError as error:
            problem = str(error)
        else:
            await self._exchange.store.record_contact(authority, clock.now())
            self._wake(authority)
        return PingResult(
            reply=reply,
            duration_ms=duration_ms,
            clock_offset_ms=parse_time(reply.now) - clock.now(),
            problem=problem,
        )

    def _check_answer(self, authority: AuthorityId, reply: PingReply) -> None:
        if reply.authority != authority:
            raise UntrustedCardError(
                f"peer: {reply.authority[:80]!r} answers, expected {authority}",
            )
        if reply.stage != self._stage:
            raise StageMismatchError(
                f"stage: {reply.stage[:80]!r}, expected {self._stage}",
            )

    def _check_new(self, card: VerifiedCard) -> None:
        if card.authority == self._exchange.ourselves:
            raise ConflictError("peer: this is our own card")
        enrolled = self._changes.register.enrolled(card.authority)
        if enrolled is None:
            return
        if enrolled.enrolment.fingerprint != card.fingerprint:
            raise UntrustedCardError(
                f"peer: {card.authority} is enrolled with another root; if it really "
                "has a new one, remove the peer first",
            )
        raise ConflictError(f"peer: {card.authority} is enrolled; use peer update")

    async def _set_paused(
        self,
        authority: AuthorityId,
        act: Act,
        *,
        is_paused: bool,
    ) -> EnrolledPeer:
        change = TrustChange.PEER_PAUSED if is_paused else TrustChange.PEER_RESUMED
        async with self._changes.turn:
            enrolled = self.find(authority)
            policy = replace(enrolled.peer.policy, is_paused=is_paused)
            return await self._set_policy(enrolled, policy, change, act)

    async def _set_policy(
        self,
        enrolled: EnrolledPeer,
        policy: PeerPolicy,
        change: TrustChange,
        act: Act,
    ) -> EnrolledPeer:
        if policy == enrolled.peer.policy:
            return enrolled
        changed = replace(enrolled, peer=replace(enrolled.peer, policy=policy))
        await self._put(changed, change, act, "")
        return changed

    async def _put_card(
        self, taken: EnrolledPeer, act: Act, beside: Beside = NOTHING_BESIDE
    ) -> None:
        detail = f"card {taken.peer.card.number}"
        await self._put(taken, TrustChange.PEER_UPDATED, act, detail, beside)

    async def _put(
        self,
        enrolled: EnrolledPeer,
        change: TrustChange,
        act: Act,
        detail: str,
        beside: Beside = NOTHING_BESIDE,
    ) -> None:
        await self._changes.commit(
            TrustEdit(put_peers=(enrolled,)),
            TrustNote(change, act, enrolled.authority, detail),
            beside,
        )
        self._wake(enrolled.authority)
