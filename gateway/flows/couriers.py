"""The delivery workers: one a peer, woken by work and by contact.

A worker's life is: wait, tell later events, deliver what is due, and on failure leave
the peer alone for a while that survives a restart. Messages wait for their peer,
never for another one.
"""

from collections.abc import Callable

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError, UnreachableError
from gateway.core.values import AuthorityId, UnixMs
from gateway.flows.deliver import Delivery
from gateway.flows.events import EventTelling
from gateway.flows.exchange import Exchange
from gateway.flows.release import Release
from gateway.flows.reseal import Reseal
from gateway.flows.workers import PeerWorkers
from gateway.ports.peers import Peer
from gateway.ports.traffic import PeerTraffic

log = structlog.get_logger()

# A worker looks again at least this often, so that a lost wake-up is merely late.
_LONGEST_WAIT_S = 15.0
# Events are evidence, not haste: a refusal of them waits longer than a message.
_TELL_AGAIN_S = 30.0
# When a peer was last heard is kept to this, rather than by a commit for every batch.
_CONTACT_MS = 5_000
# Each time is an entry of our log.
_START_OVER_S = 3600.0
_CLOCK_ACT = Act("node", "node", "the clock was set back")


class Couriers:
    """Runs a worker for every peer of the directory, as peers come and go."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        delivery: Delivery,
        telling: EventTelling,
        release: Release,
        reseal: Reseal,
    ) -> None:
        self._exchange = exchange
        self._directory = exchange.directory
        self._delivery = delivery
        self._telling = telling
        self._release = release
        self._reseal = reseal
        self._listeners: list[Callable[[], None]] = []
        self._failing: set[AuthorityId] = set()
        self._serving: set[AuthorityId] = set()
        self._queued: set[AuthorityId] = set()
        self._contacted: set[AuthorityId] = set()
        self._tell_not_before_s: dict[AuthorityId, float] = {}
        self._start_over_not_before_s: dict[AuthorityId, float] = {}
        self._workers = PeerWorkers(
            exchange.directory,
            begin=self._greet,
            turn=self._turn,
            name="courier",
        )

    def wake(self, peer: AuthorityId) -> None:
        """Make a peer's worker look at its queue now."""
        self._workers.wake(peer)

    def queued(self, peer: AuthorityId) -> None:
        """Note that a message for a peer was accepted: it goes at once if it may.

        A peer that failed is left alone until its time comes, or somebody asks.
        """
        if peer not in self._failing:
            self._queued.add(peer)
            self.wake(peer)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have something called whenever outcomes of messages were stored."""
        self._listeners.append(listener)

    def contacted(self, peer: AuthorityId) -> None:
        """Note a call of a peer: it is there, so its back-off has lost its reason."""
        if peer in self._failing:
            self._contacted.add(peer)
            self.wake(peer)

    def reload(self) -> None:
        """Start and stop workers as the directory now says."""
        self._workers.reload()

    def stop(self) -> None:
        """Let the workers finish what they are doing, then `run` returns."""
        self._workers.stop()

    async def run(self) -> None:
        """Run the workers until `stop`."""
        await self._workers.run()

    async def _greet(self, authority: AuthorityId) -> None:
        """Compare memories of our log at the start, before anything is due.

        A failure is no attempt and leaves no back-off: the peer may not know us yet.
        """
        peer = self._directory.peer(authority)
        if peer is None or self._is_stopped(peer):
            return
        try:
            await self._exchange.agreement.ensure(authority)
        except GatewayError as error:
            log.info("peer_not_met_yet", peer=authority, code=error.code)

    async def _turn(self, authority: AuthorityId) -> float:
        """Do what is due for a peer; return how many seconds to wait at most."""
        peer = self._directory.peer(authority)
        if peer is None or self._is_stopped(peer):
            self._serving.discard(authority)
            return _LONGEST_WAIT_S
        was_queued = authority in self._queued
        self._queued.discard(authority)
        if was_queued and authority in self._serving:
            return await self._deliver_at_once(peer)
        return await self._whole_turn(peer)

    def _is_stopped(self, peer: Peer) -> bool:
        """Tell whether people let nothing go to a peer now."""
        halts, now = self._exchange.halts, self._exchange.clock.now()
        return peer.policy.is_paused or halts.stops(peer.authority, now)

    async def _whole_turn(self, peer: Peer) -> float:
        authority = peer.authority
        clock = self._exchange.clock
        traffic = await self._exchange.store.traffic(authority, clock.now())
        if self._is_of_another_clock(traffic):
            await self._start_over(authority)
            return 0.0
        if traffic.retry_at > clock.now() and authority not in self._contacted:
            self._leave_alone(authority)
            return _seconds_until(traffic.retry_at, clock.now)
        self._contacted.discard(authority)
        try:
            has_sent = await self._serve(peer, traffic)
        except GatewayError as error:
            return await self._back_off(authority, error, traffic.failures + 1)
        self._failing.discard(authority)
        self._serving.add(authority)
        if has_sent:
            self._tell_listeners()
        heard_ms = clock.now() - traffic.last_contact_at
        if traffic.failures or (has_sent and not 0 <= heard_ms < _CONTACT_MS):
            await self._exchange.store.record_contact(authority, clock.now())
        return 0.0 if has_sent else await self._wait_for_due(authority)

    async def _deliver_at_once(self, peer: Peer) -> float:
        """Deliver what was just accepted; all else has the next turn.

        Only to a peer whose last turn went well: what that turn read has not changed
        for the worse since, for this worker alone makes it so.
        """
        try:
            await self._delivery.deliver_due(peer, recorded=self._tell_listeners)
        except GatewayError as error:
            clock = self._exchange.clock
            traffic = await self._exchange.store.traffic(peer.authority, clock.now())
            return await self._back_off(peer.authority, error, traffic.failures + 1)
        # However many more are accepted meanwhile: the next turn is a whole one.
        self._serving.discard(peer.authority)
        return 0.0

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            listener()

    def _leave_alone(self, authority: AuthorityId) -> None:
        self._failing.add(authority)
        self._serving.discard(authority)

    def _is_of_another_clock(self, traffic: PeerTraffic) -> bool:
        """Tell whether something waits longer than anything is made to wait.

        The clock was set back since: nothing would move until it is there again.
        """
        now_s = self._exchange.clock.monotonic_s()
        if now_s < self._start_over_not_before_s.get(traffic.authority, 0.0):
            return False
        policy = self._delivery.policy
        longest_ms = max(policy.longest_wait_ms, policy.lease_ms)
        waits_for = max(traffic.retry_at, traffic.next_due_at or 0)
        return waits_for > self._exchange.clock.now() + longest_ms

    async def _start_over(self, authority: AuthorityId) -> None:
        clock = self._exchange.clock
        self._start_over_not_before_s[authority] = clock.monotonic_s() + _START_OVER_S
        log.warning("clock_was_set_back", peer=authority)
        await self._exchange.store.retry((), authority, _CLOCK_ACT, clock.now())

    async def _serve(self, peer: Peer, traffic: PeerTraffic) -> bool:
        """Release, deliver and tell what is due; return whether anything was.

        A peer that nothing is due for is not called: it may not know us yet.
        """
        released = traffic.held and await self._unhold(peer)
        due_at = traffic.next_due_at
        is_due = due_at is not None and due_at <= self._exchange.clock.now()
        offered = is_due and await self._delivery.deliver_due(
            peer,
            # After failures one batch: its success is recorded before more go.
            may_go_on=lambda: not traffic.failures and self._may_go_on(peer),
            recorded=self._tell_listeners,
        )
        return bool(released or offered) or await self._tell(peer)

    def _may_go_on(self, peer: Peer) -> bool:
        """Tell whether more may be offered to a peer under the policy it had."""
        is_as_before = self._directory.peer(peer.authority) == peer
        return (
            is_as_before
            and not self._is_stopped(peer)
            and not self._workers.is_stopping
        )

    async def _unhold(self, peer: Peer) -> bool:
        """Seal what waited for a key; return whether anything was."""
        released = await self._release.release_held(peer)
        return bool(await self._reseal.reseal_refused(peer) or released)

    async def _tell(self, peer: Peer) -> bool:
        """Tell later events; a peer that takes none still gets its messages."""
        now_s = self._exchange.clock.monotonic_s()
        if now_s < self._tell_not_before_s.get(peer.authority, 0.0):
            return False
        try:
            return bool(await self._telling.tell_due(peer))
        except UnreachableError:
            raise
        except GatewayError as error:
            self._tell_not_before_s[peer.authority] = now_s + _TELL_AGAIN_S
            log.warning("events_not_taken", peer=peer.authority, code=error.code)
            return False

    async def _wait_for_due(self, authority: AuthorityId) -> float:
        clock = self._exchange.clock
        traffic = await self._exchange.store.traffic(authority, clock.now())
        if traffic.next_due_at is None:
            return _LONGEST_WAIT_S
        return _seconds_until(traffic.next_due_at, clock.now)

    async def _back_off(
        self,
        peer: AuthorityId,
        error: GatewayError,
        failures: int,
    ) -> float:
        clock = self._exchange.clock
        self._leave_alone(peer)
        retry_at = self._delivery.policy.back_off.next_attempt(
            failures=failures,
            now=clock.now(),
            spread=clock.spread(),
        )
        await self._exchange.store.record_failure(
            peer,
            error=f"{error.code}: {error}",
            retry_at=retry_at,
        )
        log.warning(
            "delivery_failed",
            peer=peer,
            code=error.code,
            reason=str(error),
            failures=failures,
        )
        return _seconds_until(retry_at, clock.now)


def _seconds_until(moment: UnixMs, now: Callable[[], UnixMs]) -> float:
    return min(max(moment - now(), 0) / 1000, _LONGEST_WAIT_S)
