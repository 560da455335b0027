"""No checkpoint leaves for a peer before that peer's memory agrees with our log.

A node that was restored from an old backup would otherwise sign a second history.
Local acceptance goes on meanwhile (specification, section 10.5).
"""

import asyncio
import base64
from collections import defaultdict
from collections.abc import Iterable
from typing import NoReturn

import structlog

from gateway.core.errors import ClockError, GatewayError, MaintenanceError
from gateway.core.limits import CLOCK_TOLERANCE_MS
from gateway.core.protocol import PingReply
from gateway.core.values import AuthorityId, UnixMs, parse_time
from gateway.flows.peer_logs import OurLogSeen
from gateway.flows.recovery import Recovery
from gateway.ports.peers import PeerTransport
from gateway.ports.store import Store
from gateway.ports.world import Clock

log = structlog.get_logger()


class Agreement:
    """Knows which peers' memory of our log was found to agree since the start."""

    def __init__(
        self,
        store: Store,
        transport: PeerTransport,
        seen: OurLogSeen,
        clock: Clock,
        recovery: Recovery,
    ) -> None:
        self._store = store
        self._transport = transport
        self._seen = seen
        self._clock = clock
        self._recovery = recovery
        self._agreed: set[AuthorityId] = set()
        self._disagreeing: dict[AuthorityId, str] = {}
        self._turns: defaultdict[AuthorityId, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def disagreeing(self) -> dict[AuthorityId, str]:
        """Peers that hold a history of our log which is not ours, and why."""
        return dict(self._disagreeing)

    @property
    def has_agreed(self) -> bool:
        """Whether any peer agrees, about our log and so about the time."""
        return bool(self._agreed)

    def forget_all(self) -> None:
        """Ask every peer again before the next release."""
        self._agreed.clear()

    def forget(self, peer: AuthorityId) -> None:
        """Ask a peer again before the next release."""
        self._agreed.discard(peer)

    async def ensure(self, peer: AuthorityId) -> None:
        """Return once the peer's memory of our log agrees with the log.

        Raises:
            MaintenanceError: It does not, or our log is not whole: an old state was
                restored here.
            GatewayError: The peer could not be asked.
        """
        self._recovery.check()
        if peer in self._agreed:
            return
        async with self._turns[peer]:
            if peer not in self._agreed:
                await self.compare(peer, await self._transport.ping(peer))
        self._recovery.check()

    async def ask(self, peers: Iterable[AuthorityId], *, within_s: float) -> None:
        """Ask peers what they hold of our log, all at once; who is silent may be.

        At a start this comes before anything is signed: a peer that was not reached
        is asked again before its next release, but until then others are served.
        """
        async with asyncio.TaskGroup() as questions:
            for peer in peers:
                questions.create_task(self._ask(peer, within_s))

    async def _ask(self, peer: AuthorityId, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s), self._turns[peer]:
                await self.compare(peer, await self._transport.ping(peer))
        except (GatewayError, TimeoutError) as error:
            code = error.code if isinstance(error, GatewayError) else "unreachable"
            log.warning("own_log_not_compared", peer=peer, code=code)

    async def compare(self, peer: AuthorityId, ping: PingReply) -> None:
        """Compare what a peer holds of our log with the log itself.

        A contradiction that is only claimed holds up this one peer; one that is
        proven by our own signatures stops every release.

        Raises:
            MaintenanceError: They contradict each other.
            ClockError: The clocks differ too much to decide about anything.
        """
        check_clock(self._clock.now(), parse_time(ping.now))
        problem = await self._contradiction(ping)
        seen = ping.seen.size
        if problem:
            note = await self._note_of(peer)
            if not self._recovery.is_of_earlier_log(note):
                await self._recovery.judge(peer, note)
                self._hold(peer, problem)
            seen = 0  # it has not heard of our present log yet
        self._disagreeing.pop(peer, None)
        self._seen.reset(peer, seen)
        self._agreed.add(peer)
        await self._store.record_seen(peer, seen)

    def _hold(self, peer: AuthorityId, problem: str) -> NoReturn:
        """Release nothing to a peer that holds another log than ours.

        Raises:
            MaintenanceError: Always.
        """
        self._agreed.discard(peer)
        self._disagreeing[peer] = problem
        log.error("own_log_contradicted", peer=peer, problem=problem)
        raise MaintenanceError(f"our log: {problem}; nothing is released")

    async def _note_of(self, peer: AuthorityId) -> bytes:
        """Return the signed note that a peer rests its claim on; empty without one."""
        try:
            return await self._transport.log_seen(peer)
        except GatewayError as error:
            log.warning("own_note_not_shown", peer=peer, code=error.code)
            return b""

    async def _contradiction(self, ping: PingReply) -> str:
        head = await self._store.log_head()
        if ping.seen.size > head.size:
            return (
                f"{ping.authority} has seen size {ping.seen.size}, it has {head.size}"
            )
        if ping.seen.size == 0:
            return ""
        root = await self._store.root_at(ping.seen.size)
        if base64.b64encode(root).decode("ascii") != ping.seen.root:
            return f"{ping.authority} has seen another root for size {ping.seen.size}"
        return ""


def check_clock(ours: UnixMs, theirs: UnixMs) -> None:
    """Refuse to decide about times when the two clocks disagree.

    Raises:
        ClockError: They differ by more than the tolerance of 5 minutes.
    """
    if abs(ours - theirs) > CLOCK_TOLERANCE_MS:
        raise ClockError(
            f"clocks: {abs(ours - theirs) // 1000} s apart, at most 300 s",
            retry_after_s=60,
        )
