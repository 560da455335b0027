"""What time does: expiry, round checkpoints, cards, keys, tidying the feed."""

import asyncio

import structlog

from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import GatewayError
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.approvals import Approvals
from gateway.flows.couriers import Couriers
from gateway.flows.erasure import Erasure
from gateway.flows.evidence_care import EvidenceCare
from gateway.flows.exchange import Exchange
from gateway.flows.gossip import Gossip
from gateway.flows.our_card import OurCard
from gateway.flows.peers import PeerCare
from gateway.flows.retention import Retention
from gateway.flows.rounds import Rounds
from gateway.ports.keys import KeyUpkeep

log = structlog.get_logger()

_TICK_S = 5.0
_ASK_AGAIN_S = 60.0
_COMPARE_S = 3600.0
_REMIND_S = 300.0
_ASK_WITHIN_S = 5.0
_DAY_MS = 86_400_000
_FEED_DAYS = 30
_EXPIRED_A_TURN = 256
# A clock that jumped is somebody's mistake until people say otherwise.
_LARGEST_STEP_MS = 3_600_000


class Housekeeping:
    """Looks around every few seconds and does what has become due."""

    def __init__(  # noqa: PLR0913 - one collaborator for each thing that time does
        self,
        exchange: Exchange,
        *,
        couriers: Couriers,
        our_card: OurCard,
        peer_care: PeerCare,
        keys: KeyUpkeep,
        evidence: EvidenceCare,
        rounds: Rounds,
        gossip: Gossip,
        erasure: Erasure,
        approvals: Approvals,
        retention: Retention,
        round_minutes: int,
    ) -> None:
        self._exchange = exchange
        self._couriers = couriers
        self._our_card = our_card
        self._peer_care = peer_care
        self._keys = keys
        self._evidence = evidence
        self._rounds = rounds
        self._gossip = gossip
        self._erasure = erasure
        self._approvals = approvals
        self._retention = retention
        self._round_ms = round_minutes * 60_000
        self._next_round_at = UnixMs(0)
        self._next_day_at = UnixMs(0)
        self._last_now = exchange.clock.now()
        self._last_monotonic_s = exchange.clock.monotonic_s()
        self._is_first_tick = True
        self._ask_again_at_s = 0.0
        self._refresh_again_at_s = 0.0
        # At the start all peers were asked just now.
        self._compared_at_s = exchange.clock.monotonic_s()

    async def run(self) -> None:
        """Keep house, for ever."""
        while True:
            await self.tick()
            await self._exchange.clock.sleep(_TICK_S)

    async def tick(self) -> None:
        """Do what is due now."""
        now = self._exchange.clock.now()
        self._watch_clock(now)
        if self._is_first_tick:
            self._is_first_tick = False
            await self._compare_with_log(now)
        if self._exchange.clock_hold.is_held:
            await self._ask_peers_for_the_time()
        if not self._exchange.clock_hold.is_held:
            await self._expire(now)
            await self._approvals.tidy()
            await self._evidence.tidy(now)
        if now >= self._next_round_at:
            self._next_round_at = UnixMs(now - now % self._round_ms + self._round_ms)
            if not self._exchange.recovery.is_on:
                await self._begin_round()
            await self._evidence.measure()
        await self._compare_with_peers()
        await self._retention.run_automatic()
        await self._erasure.tidy()
        await self._renew(now)
        await self._refresh_unknown()
        await self._our_card.push_where_due()
        if now >= self._next_day_at:
            self._next_day_at = UnixMs(now + _DAY_MS)
            await self._day(now)
        await self._measure(now)

    @property
    def is_clock_held(self) -> bool:
        """Whether expiry waits because no peer has confirmed a clock that jumped."""
        return self._exchange.clock_hold.is_held

    def _watch_clock(self, now: UnixMs) -> None:
        monotonic_s = self._exchange.clock.monotonic_s()
        passed_ms = (monotonic_s - self._last_monotonic_s) * 1000
        step_ms = now - self._last_now - passed_ms
        self._last_now, self._last_monotonic_s = now, monotonic_s
        if abs(step_ms) > _LARGEST_STEP_MS:
            self._hold_clock()
            # What is due by the other time would else wait until then.
            self._next_round_at = self._next_day_at = now
            log.error("clock_jumped", step_s=round(step_ms / 1000))

    def _hold_clock(self) -> None:
        """Let nothing expire until a peer agrees about the time."""
        self._exchange.clock_hold.is_held = True
        self._ask_again_at_s = 0.0
        self._exchange.agreement.forget_all()

    async def _compare_with_log(self, now: UnixMs) -> None:
        """Hold a clock far from the last entry: a long stop, or a wrong time."""
        head = await self._exchange.store.log_head()
        for entry in await self._exchange.store.entries(max(head.size - 1, 0), 1):
            last_at = parse_leaf(entry.data, log=self._exchange.checkpoints.origin).at
            if abs(now - last_at) > _LARGEST_STEP_MS:
                self._hold_clock()
                log.info("clock_to_be_confirmed", step_s=(now - last_at) // 1000)

    async def _ask_peers_for_the_time(self) -> None:
        """Let the clock go once a peer agrees with it, or if nobody is waited for."""
        agreement = self._exchange.agreement
        peers = self._exchange.directory.peers()
        now_s = self._exchange.clock.monotonic_s()
        if peers and not agreement.has_agreed and now_s >= self._ask_again_at_s:
            self._ask_again_at_s = now_s + _ASK_AGAIN_S
            async with asyncio.TaskGroup() as questions:
                for peer in peers:
                    questions.create_task(self._ask(peer.authority))
        if agreement.has_agreed or not peers:
            self._exchange.clock_hold.is_held = False
            log.info("clock_confirmed")

    async def _ask(self, peer: AuthorityId) -> None:
        try:
            await self._exchange.agreement.ensure(peer)
        except GatewayError as error:
            log.warning("clock_not_confirmed", peer=peer, code=error.code)

    async def _begin_round(self) -> None:
        try:
            signed = await self._rounds.begin()
        except GatewayError as error:
            log.warning("round_not_begun", code=error.code, reason=str(error))
            return
        if signed is not None:
            await self._gossip.tell()

    async def _compare_with_peers(self) -> None:
        """Ask all peers every hour what they hold of our log.

        While it is not whole, people are reminded, and peers asked, more often.
        """
        exchange = self._exchange
        now_s = exchange.clock.monotonic_s()
        is_whole = not exchange.recovery.is_on
        if now_s - self._compared_at_s < (_COMPARE_S if is_whole else _REMIND_S):
            return
        self._compared_at_s = now_s
        if not is_whole:
            log.error("own_log_in_recovery", reason=exchange.recovery.reason)
        await exchange.agreement.ask(
            [peer.authority for peer in exchange.directory.peers()],
            within_s=_ASK_WITHIN_S,
        )

    async def _renew(self, now: UnixMs) -> None:
        try:
            await self._keys.renew_if_due(now)
            if not self._exchange.recovery.is_on:
                await self._our_card.renew_if_due()
        except GatewayError as error:
            # The old keys serve for weeks yet: time for people, not a reason to stop.
            log.error("keys_not_renewed", code=error.code, reason=str(error))  # noqa: TRY400 - expected, and said in full

    async def _expire(self, now: UnixMs) -> None:
        expired = await self._exchange.store.expire_due(now, _EXPIRED_A_TURN)
        for message_id in expired:
            row = await self._exchange.store.message(message_id)
            log.warning("message_expired", message_id=message_id, peer=row.peer)
            self._couriers.wake(row.peer)

    async def _day(self, now: UnixMs) -> None:
        await self._exchange.store.prune_changes(UnixMs(now - _FEED_DAYS * _DAY_MS))
        for peer in self._exchange.directory.peers():
            await self._refresh(peer.authority)

    async def _refresh_unknown(self) -> None:
        """Fetch the cards of peers whose log signs with keys that we do not know.

        Their root may vouch for them by now; nothing less makes us believe them. Once
        a minute at most, so that a peer can't keep us busy with it.
        """
        now_s = self._exchange.clock.monotonic_s()
        if now_s < self._refresh_again_at_s:
            return
        unknown = self._exchange.peer_logs.take_unknown()
        if unknown:
            self._refresh_again_at_s = now_s + _ASK_AGAIN_S
        for authority in unknown:
            if self._exchange.directory.peer(authority) is not None:
                await self._refresh(authority)

    async def _refresh(self, authority: AuthorityId) -> None:
        try:
            await self._peer_care.refresh_card(authority)
            await self._peer_care.check_epoch(authority)
        except GatewayError as error:
            log.warning("card_not_refreshed", peer=authority, code=error.code)

    async def _measure(self, now: UnixMs) -> None:
        metrics = self._exchange.metrics
        head = await self._exchange.store.log_head()
        metrics.gauge("mla_log_size", head.size)
        for peer in self._exchange.directory.peers():
            traffic = await self._exchange.store.traffic(peer.authority, now)
            oldest = traffic.oldest_queued_at
            waited_s = (now - oldest) / 1000 if oldest is not None else 0.0
            back_off_s = max(traffic.retry_at - now, 0) / 1000
            metrics.gauge("mla_queue_oldest_seconds", waited_s, peer=peer.authority)
            metrics.gauge("mla_peer_backoff_seconds", back_off_s, peer=peer.authority)
