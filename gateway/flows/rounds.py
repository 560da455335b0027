"""Rounds: one checkpoint of our log that all witnesses are asked to cosign.

Witnesses must be able to meet on one tree, so a round's checkpoint goes to all of them
until they have cosigned it or the next one is due. Nothing waits for it: a witness that
does not answer is an alarm, never a reason to hold a message (section 8.5).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from gateway.core.delivery import BackOff
from gateway.core.errors import GatewayError, TryLaterError
from gateway.flows.exchange import Exchange
from gateway.flows.witness_asker import Witness, WitnessAsker, WitnessPlan
from gateway.ports.log import SignedCheckpoint
from gateway.ports.witness import Cosigned, OutsideWitnesses

log = structlog.get_logger()

_LOOK_S = 5.0
_ANY_SIZE = 2**62
_ANSWER_S = 20.0
_BACK_OFF = BackOff(first_delay_ms=5_000, max_delay_ms=300_000)


@dataclass(slots=True)
class _Asking:
    """How asking a witness goes."""

    failures: int = 0
    not_before_s: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """What there is to show of a witness.

    Attributes:
        lag_entries: Entries of our log that it has not vouched for yet.
        problem: Why its last answer was no cosignature; empty if it was one.
    """

    witness: Witness
    cosigned: Cosigned
    lag_entries: int
    problem: str


@dataclass(frozen=True, slots=True)
class CosignStanding:
    """How far our log is cosigned.

    Attributes:
        covered_size: Size up to which enough witnesses have vouched.
        uncovered: Entries beyond that.
    """

    quorum: int
    covered_size: int
    uncovered: int
    witnesses: tuple[WitnessStanding, ...]


@dataclass(slots=True)
class Rounds:
    """Makes round checkpoints and has them cosigned."""

    exchange: Exchange
    outside: OutsideWitnesses
    plan: WitnessPlan
    _asker: WitnessAsker = field(init=False)
    _asking: dict[str, _Asking] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Join what asks a single witness."""
        self._asker = WitnessAsker(self.exchange, self.outside)

    async def begin(self, *, is_forced: bool = False) -> SignedCheckpoint | None:
        """Make the checkpoint of a round, if the log grew by more than cosigning.

        Args:
            is_forced: Also if it did not; somebody asks for one.

        Raises:
            MaintenanceError: Nothing of our log may be signed now.
        """
        async with self._turn:
            store = self.exchange.store
            if not is_forced and not await store.round_is_due():
                return None
            await self._report_missed_quorum()
            signed = await self.exchange.checkpoints.newest()
            await store.record_round(signed.size, self.exchange.clock.now())
        for asking in self._asking.values():
            asking.not_before_s = 0.0
        self._wake.set()
        return signed

    async def run(self) -> None:
        """Ask witnesses until they have cosigned the newest round, for ever."""
        while True:
            self._wake.clear()
            await self.ask_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._wake.wait()

    async def ask_due(self) -> int:
        """Ask every witness that is due; return how many have cosigned now."""
        target = await self._target()
        if target is None or self.exchange.recovery.is_on:
            return 0
        async with asyncio.TaskGroup() as asked:
            tasks = [
                asked.create_task(self._ask_if_due(witness, target))
                for witness in self.witnesses()
            ]
        await self._measure()
        return sum(task.result() for task in tasks)

    def witnesses(self) -> Sequence[Witness]:
        """Return who is asked, ordered by name."""
        found = {witness.name: witness for witness in self.plan.outside}
        for peer in self.exchange.directory.peers():
            is_asked = self.plan.all_peers or peer.authority in self.plan.peers
            if is_asked and not peer.policy.is_paused:
                statement = peer.card.statement
                name, keys = statement.witness_name, statement.witness_keys
                found[name] = Witness(name, keys, peer=peer.authority)
        return [found[name] for name in sorted(found)]

    async def standing(self) -> CosignStanding:
        """Return how far our log is cosigned, and by whom."""
        store = self.exchange.store
        head = await store.log_head()
        shown = []
        for witness in self.witnesses():
            cosigned = await store.cosigned_by(witness.name)
            shown.append(
                WitnessStanding(
                    witness,
                    cosigned,
                    lag_entries=head.size - min(cosigned.size, head.size),
                    problem=self._of(witness).problem,
                ),
            )
        sizes = sorted((one.cosigned.size for one in shown), reverse=True)
        wanted = max(self.plan.quorum, 1)
        covered = sizes[wanted - 1] if len(sizes) >= wanted else 0
        return CosignStanding(
            quorum=self.plan.quorum,
            covered_size=covered,
            uncovered=head.size - min(covered, head.size),
            witnesses=tuple(shown),
        )

    async def _target(self) -> SignedCheckpoint | None:
        newest = await self.exchange.store.rounds(_ANY_SIZE, 1)
        return newest[0] if newest else None

    def _of(self, witness: Witness) -> _Asking:
        return self._asking.setdefault(witness.name, _Asking())

    async def _ask_if_due(self, witness: Witness, target: SignedCheckpoint) -> bool:
        asking = self._of(witness)
        cosigned = await self.exchange.store.cosigned_by(witness.name)
        if cosigned.size >= target.size:
            return False
        if self.exchange.clock.monotonic_s() < asking.not_before_s:
            return False
        try:
            async with asyncio.timeout(_ANSWER_S):
                await self._asker.ask(witness, target, cosigned.size)
        except (GatewayError, TimeoutError) as error:
            self._put_off(witness, asking, error)
            return False
        asking.failures, asking.problem = 0, ""
        self._count(witness, "cosigned")
        log.info("log_cosigned_by", witness=witness.name, size=target.size)
        return True

    def _put_off(
        self,
        witness: Witness,
        asking: _Asking,
        error: GatewayError | TimeoutError,
    ) -> None:
        code = error.code if isinstance(error, GatewayError) else "unreachable"
        asking.failures += 1
        spread = self.exchange.clock.spread()
        delay_s = _BACK_OFF.delay_ms(asking.failures, spread) / 1000
        if isinstance(error, TryLaterError):
            delay_s = max(delay_s, float(error.retry_after_s))
        asking.not_before_s = self.exchange.clock.monotonic_s() + delay_s
        asking.problem = f"{code}: {error}" if str(error) else code
        self._count(witness, code)
        log.warning("log_not_cosigned", witness=witness.name, reason=asking.problem)

    def _count(self, witness: Witness, outcome: str) -> None:
        self.exchange.metrics.count(
            "mla_cosign_requests_total",
            witness=witness.name,
            outcome=outcome,
        )

    async def _report_missed_quorum(self) -> None:
        """Tell whether the round before has found its quorum by now."""
        target = await self._target()
        if target is None or not self.plan.quorum:
            return
        lines = await self.exchange.store.cosignatures(target.size)
        names = {one.witness for one in lines}
        if len(names) < self.plan.quorum:
            self.exchange.metrics.count("mla_rounds_without_quorum_total")
            log.error(
                "round_without_quorum",
                size=target.size,
                cosigned_by=sorted(names),
                quorum=self.plan.quorum,
            )

    async def _measure(self) -> None:
        standing = await self.standing()
        gauge = self.exchange.metrics.gauge
        gauge("mla_log_uncosigned_entries", standing.uncovered)
        for one in standing.witnesses:
            lag = one.lag_entries
            gauge("mla_cosign_lag_entries", lag, witness=one.witness.name)
