"""Time stamps of our log from an authority outside: asked for beside all other work.

Nothing waits for a stamp. Without an answer the next question comes a little later,
and people are told by figures and diagnostics (specification, section 8.10).

Every stamp is over a log that holds the digests of the stamps before it, so a newer
one renews them all; that is why one is made before a certificate ends, even if nothing
else has happened.
"""

import asyncio
from dataclasses import dataclass

import structlog

from gateway.core.delivery import BackOff
from gateway.core.errors import ConflictError, GatewayError
from gateway.core.translog.checkpoint import Checkpoint
from gateway.flows.exchange import Exchange
from gateway.ports.log import SignedCheckpoint
from gateway.ports.stamps import KeptStamp, TimeStamping

log = structlog.get_logger()

_LOOK_S = 10.0
_HOUR_MS = 3_600_000
# Time for people to put things right before a certificate ends.
_RENEW_MS = 30 * 24 * _HOUR_MS
_BACK_OFF = BackOff(first_delay_ms=60_000, max_delay_ms=_HOUR_MS)
_ENTRIES_A_READ = 256
_ALL_SIZES = 2**63 - 1
# What the log says about itself: a stamp of nothing else says nothing new.
_ABOUT_THE_LOG = ("tsa.", "wit.")


@dataclass(frozen=True, slots=True)
class StampStanding:
    """How stamping goes.

    Attributes:
        newest: The newest stamp.
        failure: Why the last question led to none; empty if it did.
        is_late: Whether one is missing for longer than twice the interval.
    """

    newest: KeptStamp | None
    failure: str
    is_late: bool


class Stamping:
    """Gets a stamp when one is due, and when somebody asks.

    Args:
        exchange: Store, checkpoints, clock and figures.
        authority: Who stamps; None if nobody was configured.
        every_hours: How often, if the log grew.
    """

    def __init__(
        self, exchange: Exchange, authority: TimeStamping | None, *, every_hours: int
    ) -> None:
        self._exchange = exchange
        self._authority = authority
        self._every_ms = every_hours * _HOUR_MS
        self._began_at = exchange.clock.now()
        self._failure = ""
        self._failures = 0
        self._turn = asyncio.Lock()

    @property
    def is_configured(self) -> bool:
        """Whether there is anybody to ask."""
        return self._authority is not None

    async def run(self) -> None:
        """Get stamps, for ever."""
        while True:
            wait_s = await self.tick()
            await self._exchange.clock.sleep(wait_s)

    async def tick(self) -> float:
        """Get a stamp if one is due; return seconds after which to look again."""
        if self._authority is None:
            return _LOOK_S
        try:
            async with self._turn:
                due = await self._due()
                if due is not None:
                    await self._stamp(due, self._authority)
        except GatewayError:
            # Told already. What was not stamped now is under the next stamp.
            spread = self._exchange.clock.spread()
            return _BACK_OFF.delay_ms(max(self._failures, 1), spread) / 1000
        finally:
            await self._measure()
        return _LOOK_S

    async def stamp_now(self) -> KeptStamp:
        """Return a stamp over the log as it stands; the newest one, if that is it.

        Raises:
            ConflictError: No authority is configured.
            UnreachableError: It does not answer.
            VerificationError: What it answers is no such stamp.
        """
        if self._authority is None:
            raise ConflictError(
                "time stamps: no authority is configured; set tsa and tsa_ca in "
                "section [log]",
            )
        async with self._turn:
            newest = await self._newest()
            checkpoint = await self._exchange.checkpoints.newest()
            if newest and not await self._has_grown(newest.size, checkpoint.size):
                return newest
            return await self._stamp(checkpoint, self._authority)

    async def standing(self) -> StampStanding:
        """Tell how stamping goes."""
        newest = await self._newest()
        since = max(self._began_at, newest.kept_at if newest else 0)
        silent_ms = self._exchange.clock.now() - since
        return StampStanding(
            newest=newest,
            failure=self._failure,
            # A log in which nothing happens needs no new stamps.
            is_late=bool(self._failure) and silent_ms > 2 * self._every_ms,
        )

    async def _due(self) -> SignedCheckpoint | None:
        """Return the checkpoint to stamp now, if there is one."""
        newest = await self._newest()
        now = self._exchange.clock.now()
        if newest is None:
            return await self._newest_round()
        if now < newest.kept_at + self._every_ms:
            return None
        if newest.stamp.valid_until < now + _RENEW_MS:
            return await self._exchange.checkpoints.newest()
        checkpoint = await self._newest_round()
        if checkpoint and await self._has_grown(newest.size, checkpoint.size):
            return checkpoint
        return None

    async def _newest(self) -> KeptStamp | None:
        found = await self._exchange.store.stamps(_ALL_SIZES, 1)
        return found[0] if found else None

    async def _newest_round(self) -> SignedCheckpoint | None:
        newest = await self._exchange.store.rounds(_ALL_SIZES, 1)
        return newest[0] if newest else None

    async def _has_grown(self, start: int, end: int) -> bool:
        """Tell whether more was logged in [start, end) than about the log itself."""
        while start < end:
            limit = min(_ENTRIES_A_READ, end - start)
            entries = await self._exchange.store.entries(start, limit)
            if not all(entry.kind.startswith(_ABOUT_THE_LOG) for entry in entries):
                return True
            start += limit
        return False

    async def _stamp(
        self, checkpoint: SignedCheckpoint, authority: TimeStamping
    ) -> KeptStamp:
        """Get a stamp over a checkpoint, and keep it.

        If the process dies before it is kept, nothing says that there was one, and the
        next start asks again.
        """
        origin = self._exchange.checkpoints.origin
        text = Checkpoint(origin, checkpoint.size, checkpoint.root).text
        try:
            stamp = await authority.stamp(text)
        except GatewayError as error:
            self._failed(error, checkpoint.size)
            raise
        now = self._exchange.clock.now()
        kept = await self._exchange.store.add_stamp(text, stamp, now)
        self._failure, self._failures = "", 0
        log.info(
            "log_stamped",
            size=kept.size,
            authority=stamp.authority,
            # Another clock than ours; a large difference is somebody's mistake.
            ahead_of_us_s=round((stamp.at - now) / 1000),
        )
        return kept

    def _failed(self, error: GatewayError, size: int) -> None:
        self._failure = f"{error.code}: {error}"
        self._failures += 1
        self._exchange.metrics.count("mla_stamp_failures_total", code=error.code)
        log.warning("log_not_stamped", size=size, code=error.code, reason=str(error))

    async def _measure(self) -> None:
        newest = await self._newest()
        since = newest.stamp.at if newest else self._began_at
        age_s = max(self._exchange.clock.now() - since, 0) / 1000
        self._exchange.metrics.gauge("mla_stamp_age_seconds", age_s)
