"""Which evidence is sent to a peer when: a worker of its own for each, beside messages.

What a peer has is asked, never remembered: so a transfer goes on where it was, whoever
of the two was killed (specification, 10.6).
"""

from collections.abc import Callable

import structlog

from gateway.core.delivery import BackOff
from gateway.core.errors import GatewayError, NoSuchMessageError, TryLaterError
from gateway.core.hours import wait_for_hours_ms
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.exchange import Exchange
from gateway.flows.pace import Pace
from gateway.flows.rates import Rates
from gateway.flows.send_parts import PartSending, SendingTerms
from gateway.flows.workers import PeerWorkers
from gateway.ports.blobs import BlobStore
from gateway.ports.evidence import Transfer
from gateway.ports.peers import Peer

log = structlog.get_logger()

_PARTS_IN_FLIGHT = 4
_LONGEST_WAIT_S = 60.0
# A peer that again and again misses what it was just given is not offered it at once.
_OFFER_AGAIN_S = 60.0
_OFFERS_AT_ONCE = 2
# What a peer refuses, or is damaged here, is tried again this often.
_STUCK_S = 300.0
# Below this bandwidth one part at a time is on its way.
_SLOW_KIB_S = 1024


class Transfers:
    """Sends evidence to every peer that waits for some."""

    def __init__(
        self,
        exchange: Exchange,
        blobs: BlobStore,
        rates: Rates,
        *,
        back_off: BackOff,
        offer: Callable[[AuthorityId], None],
    ) -> None:
        """Join what is needed.

        Args:
            exchange: What every exchange goes through.
            blobs: Where the ciphertext lies.
            rates: Told what is sent.
            back_off: How failures are waited out.
            offer: Wakes the worker that offers messages to a peer.
        """
        self._exchange = exchange
        self._blobs = blobs
        self._rates = rates
        self._back_off = back_off
        self._offer = offer
        self._paces: dict[AuthorityId, Pace] = {}
        self._failures: dict[AuthorityId, int] = {}
        self._offered_s: dict[MessageId, list[float]] = {}
        self._stuck_s: dict[MessageId, float] = {}
        self._workers = PeerWorkers(
            exchange.directory,
            begin=_nothing,
            turn=self._turn,
            name="transfers",
        )

    def wake(self, peer: AuthorityId) -> None:
        """Look now whether the peer waits for evidence."""
        self._workers.wake(peer)

    def contacted(self, peer: AuthorityId) -> None:
        """Note a call of a peer: it is there, so failures need not be waited out."""
        if self._failures.pop(peer, None):
            self._workers.wake(peer)

    def reload(self) -> None:
        """Start and stop workers as the directory now says."""
        self._workers.reload()

    def stop(self) -> None:
        """Let the parts under way be finished, then `run` returns."""
        self._workers.stop()

    async def run(self) -> None:
        """Send until `stop`."""
        await self._workers.run()

    async def _turn(self, authority: AuthorityId) -> float:
        peer = self._exchange.directory.peer(authority)
        if peer is None or peer.policy.is_paused or self._is_halted(peer):
            return _LONGEST_WAIT_S
        transfer = await self._next(authority)
        if transfer is None:
            return _LONGEST_WAIT_S
        until_hours_s = self._until_hours_s(peer)
        if until_hours_s:
            return min(until_hours_s, _LONGEST_WAIT_S)
        try:
            await self.send(peer, transfer)
        except GatewayError as error:
            return self._wait_after(authority, transfer.id, error)
        self._failures.pop(authority, None)
        return 0.0

    async def _next(self, peer: AuthorityId) -> Transfer | None:
        """Return what to send first; what can't be sent holds up nothing else."""
        now_s = self._exchange.clock.monotonic_s()
        self._stuck_s = {one: at for one, at in self._stuck_s.items() if at > now_s}
        waiting = await self._exchange.store.transfers(peer, 1 + len(self._stuck_s))
        return next((one for one in waiting if one.id not in self._stuck_s), None)

    async def send(self, peer: Peer, transfer: Transfer) -> None:
        """Send a message's evidence, until it is there or something else goes first.

        Raises:
            DamagedError: What lies here is not what was sealed.
            GatewayError: The peer or the disk failed; what was sent counts.
        """
        try:
            for row in await self._exchange.store.attachments(transfer.id):
                sending = PartSending(self._exchange, self._blobs, self._rates, row)
                if not await sending.run(peer, transfer.id, self._terms(peer)):
                    return  # something more urgent came, or the hours ended
        except NoSuchMessageError:
            # Taken meanwhile, or let go after a week: offering it again will tell.
            log.info("evidence_not_awaited", peer=peer.authority, id=transfer.id)
        await self._offer_again(peer.authority, transfer)

    async def _offer_again(self, peer: AuthorityId, transfer: Transfer) -> None:
        now_s = self._exchange.clock.monotonic_s()
        offered_s = {
            message: [at for at in times if now_s < at + _OFFER_AGAIN_S]
            for message, times in self._offered_s.items()
        }
        self._offered_s = {
            message: times for message, times in offered_s.items() if times
        }
        times = self._offered_s.setdefault(transfer.id, [])
        if len(times) >= _OFFERS_AT_ONCE:
            log.warning("evidence_still_missed", peer=peer, message_id=transfer.id)
            self._stuck_s[transfer.id] = now_s + _OFFER_AGAIN_S
            return
        times.append(now_s)
        await self._exchange.store.transfer_done(transfer.id)
        log.info("evidence_sent", peer=peer, message_id=transfer.id)
        self._offer(peer)

    def _wait_after(
        self,
        peer: AuthorityId,
        message_id: MessageId,
        error: GatewayError,
    ) -> float:
        failures = self._failures.get(peer, 0) + 1
        self._failures[peer] = failures
        log.warning(
            "evidence_not_sent",
            peer=peer,
            message_id=message_id,
            code=error.code,
            reason=str(error),
            failures=failures,
        )
        if error.is_permanent:
            # It is about this file: the others need not wait for it.
            self._stuck_s[message_id] = self._exchange.clock.monotonic_s() + _STUCK_S
            return 0.0
        spread = self._exchange.clock.spread()
        wait_s = self._back_off.delay_ms(failures, spread) / 1000
        if isinstance(error, TryLaterError):
            wait_s = max(wait_s, error.retry_after_s)
        return wait_s

    def _terms(self, peer: Peer) -> SendingTerms:
        """Return how evidence travels to a peer just now.

        One part at a time where the line is slow: each has to be through within its
        time; several would share a thin line, and none of them would.
        """
        pace = self._paces.setdefault(peer.authority, Pace(self._exchange.clock))
        pace.limit(peer.policy.upload_kib_s)
        is_slow = 0 < peer.policy.upload_kib_s < _SLOW_KIB_S
        is_slow = is_slow or peer.authority in self._failures
        return SendingTerms(
            parts_in_flight=1 if is_slow else _PARTS_IN_FLIGHT,
            pace=pace,
            must_stop=lambda: self._must_give_way(peer),
        )

    def _must_give_way(self, peer: Peer) -> bool:
        """Tell whether to look again what is most urgent, or whether to send at all."""
        today = self._exchange.directory.peer(peer.authority)
        return (
            self._workers.is_stopping
            or self._workers.is_woken(peer.authority)
            or today is None
            or today.policy != peer.policy
            or self._until_hours_s(peer) > 0
            or self._is_halted(peer)
        )

    def _is_halted(self, peer: Peer) -> bool:
        now = self._exchange.clock.now()
        return self._exchange.halts.stops(peer.authority, now)

    def _until_hours_s(self, peer: Peer) -> float:
        now = self._exchange.clock.now()
        return wait_for_hours_ms(peer.policy.upload_hours, now) / 1000


async def _nothing(_peer: AuthorityId) -> None:
    """Begin a worker with nothing to do first."""
