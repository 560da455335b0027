"""Pruning the log below a minimum index: what people did, years ago, goes.

Hashes and tiles stay, and with them every proof; so do the entries that receipts and
the node itself rest on (specification, 8.15).
"""

import asyncio
from dataclasses import dataclass

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import ConflictError, UsageError
from gateway.core.translog.tiles import TILE_WIDTH
from gateway.core.values import UnixMs, format_time
from gateway.flows.exchange import Exchange
from gateway.ports.erasure import Pruning
from gateway.ports.keys import ErasureRegister

log = structlog.get_logger()

_DAY_MS = 86_400_000
# Entries that one transaction passes over: short enough to hold up nobody.
_STEP = 256 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class PrunedLog:
    """What pruning removed.

    Attributes:
        pruning: All steps together.
        log_indices: The `log.prune` entry of each.
        rings: Rings of people's disclosures that were destroyed.
    """

    pruning: Pruning
    log_indices: tuple[int, ...]
    rings: int


class PruneLog:
    """Prunes our log.

    Args:
        exchange: The store and the clock.
        register: Where the keys of disclosures lie.
        log_days: Entries younger than this stay.
    """

    def __init__(
        self,
        exchange: Exchange,
        register: ErasureRegister,
        *,
        log_days: int,
    ) -> None:
        self._exchange = exchange
        self._register = register
        self._kept_ms = log_days * _DAY_MS
        self._turn = asyncio.Lock()

    async def plan(self, minimum: int) -> Pruning:
        """Return what pruning below an index would remove.

        Raises:
            UsageError: Not a positive multiple of 256.
            ConflictError: Entries below it are too young, not signed, still to be
                told to a peer, or pruned already.
            ClockError: The clock jumped, and nobody has confirmed it.
        """
        if minimum <= 0 or minimum % TILE_WIDTH:
            below = max(minimum // TILE_WIDTH, 1) * TILE_WIDTH
            raise UsageError(
                f"pruning: below {minimum}, expected a multiple of {TILE_WIDTH} such "
                f"as {below}",
            )
        self._exchange.clock_hold.check("pruning")
        plan = await self._exchange.store.plan_pruning(minimum)
        await self._check_age(minimum)
        return plan

    async def _check_age(self, minimum: int) -> None:
        """Check that the newest of the entries may go.

        Raises:
            ConflictError: It is too young.
        """
        (newest,) = await self._exchange.store.entries(minimum - 1, 1)
        at = parse_leaf(newest.data, log=self._exchange.checkpoints.origin).at
        kept_from = UnixMs(self._exchange.clock.now() - self._kept_ms)
        if at > kept_from:
            raise ConflictError(
                f"pruning: entry {minimum - 1} is of {format_time(at)}; entries since "
                f"{format_time(kept_from)} are kept (retention.log_days)",
            )

    async def prune(self, minimum: int, basis: str, act: Act) -> PrunedLog:
        """Prune in steps, each with an entry of its own.

        Raises:
            UsageError: Not a positive multiple of 256.
            ConflictError: See `plan`; or it is being pruned already.
        """
        if self._turn.locked():
            raise ConflictError("pruning: is under way already")
        async with self._turn:
            plan = await self.plan(minimum)
            before = await self._exchange.store.log_minimum()
            steps = [*range(before + _STEP, minimum, _STEP), minimum]
            indices, rings = [], 0
            for step in steps:
                done = await self._exchange.store.prune(
                    step,
                    basis=basis,
                    act=act,
                    now=self._exchange.clock.now(),
                )
                indices.append(done.log_index)
                rings += await asyncio.to_thread(self._register.destroy, done.rings)
                log.info("log_pruned", minimum=step, log_index=done.log_index)
            await self._exchange.store.retire_wal()
            return PrunedLog(plan, tuple(indices), rings)
