"""Jobs: long work beside the requests, with a row that survives page and process.

One lane for messages and one for the log: a job waits for the one before it in its
lane. After a restart a job that goes through messages goes on with those it had not
taken; another one ends as `interrupted`, and whoever asked may ask again.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.disclosures import Act
from gateway.core.errors import GatewayError
from gateway.core.values import UnixMs
from gateway.flows.exchange import Exchange
from gateway.ports.jobs import Job, JobFilter, JobKind, JobState, JobStep, NewJob

log = structlog.get_logger()

_DAY_MS = 86_400_000
KEPT_DAYS = 30
"""Jobs are kept so long after their end, like the change feed."""

_PRUNED_AT_ONCE = 16
_PRUNE_EVERY_S = 3_600.0
_LOOK_AGAIN_S = 60.0
_NOTHING: JsonObject = {}


class Runner(Protocol):
    """Does the work of a job of some kind."""

    async def __call__(self, job: Job) -> JsonObject:
        """Do it, and return what came of it.

        It may return early if somebody has stopped the job meanwhile.

        Raises:
            GatewayError: It could not be done.
        """
        ...


class Jobs:
    """Takes jobs, and runs them."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._runners: dict[JobKind, Runner] = {}
        self._lanes: dict[str, tuple[set[JobKind], asyncio.Event]] = {}
        self._listeners: list[Callable[[], None]] = []
        self._prune_at_s = 0.0

    def runs(self, kind: JobKind, runner: Runner, *, lane: str) -> None:
        """Let jobs of a kind be done by a runner, one after the other of a lane."""
        self._runners[kind] = runner
        kinds, _ = self._lanes.setdefault(lane, (set(), asyncio.Event()))
        kinds.add(kind)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have something called whenever a job began, moved or ended."""
        self._listeners.append(listener)

    async def begin(self, new: NewJob, act: Act) -> Job:
        """Keep a job and let it begin when it is its turn.

        Raises:
            ConflictError: The idempotency key was used for something else.
        """
        store, now = self._exchange.store, self._exchange.clock.now()
        job = await store.begin_job(new, act, now)
        log.info("job_asked", job=job.number, kind=job.kind.value, total=job.total)
        self._wake(job.kind)
        return job

    async def known(self, new: NewJob, act: Act) -> Job | None:
        """Return the job that the same account asked for with the same key.

        Raises:
            ConflictError: The key was used for something else.
        """
        return await self._exchange.store.known_job(new, act)

    async def cancel(self, number: int, act: Act) -> Job:
        """Stop a job; what it has done stays done.

        Raises:
            NotFoundError: No such job.
            ConflictError: It has ended.
        """
        now = self._exchange.clock.now()
        job = await self._exchange.store.cancel_job(number, act, now)
        self.tell()
        return job

    async def show(self, number: int) -> Job:
        """Return a job.

        Raises:
            NotFoundError: There is none.
        """
        return await self._exchange.store.job(number)

    async def failed(self, number: int, limit: int) -> Sequence[JobStep]:
        """Return messages that a job could not do anything with, and why."""
        return await self._exchange.store.failed_steps(number, limit=limit)

    async def find(
        self, wanted: JobFilter, *, before: int | None, limit: int
    ) -> list[Job]:
        """Return jobs with a number below `before`, newest first."""
        return await self._exchange.store.jobs(wanted, before=before, limit=limit)

    async def run(self) -> None:
        """Run jobs, for ever; first those of the process before."""
        now = self._exchange.clock.now()
        for job in await self._exchange.store.resume_jobs(now):
            log.info("job_goes_on", job=job.number, kind=job.kind.value)
        async with asyncio.TaskGroup() as lanes:
            for kinds, woken in self._lanes.values():
                lanes.create_task(self._run_lane(kinds, woken))

    async def turn(self, kinds: set[JobKind]) -> bool:
        """Do the oldest job of some kinds that waits; False if none does."""
        open_jobs = await self._exchange.store.jobs(
            JobFilter(state=JobState.WAITING), before=None, limit=1_000
        )
        waiting = [job for job in open_jobs if job.kind in kinds]
        if not waiting:
            return False
        await self._do(waiting[-1])
        return True

    def tell(self) -> None:
        """Tell those who subscribed that something of a job has changed."""
        for listener in self._listeners:
            listener()

    async def _run_lane(self, kinds: set[JobKind], woken: asyncio.Event) -> None:
        while True:
            woken.clear()
            while await self.turn(kinds):
                pass
            await self._prune()
            # A wake-up that was lost makes a job merely late.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    await woken.wait()

    async def _do(self, job: Job) -> None:
        store, clock = self._exchange.store, self._exchange.clock
        job = await store.start_job(job.number, clock.now())
        if job.state is not JobState.RUNNING:
            return
        self.tell()
        state, result = JobState.DONE, _NOTHING
        try:
            result = await self._runners[job.kind](job)
        except GatewayError as error:
            state, result = JobState.FAILED, {"code": error.code, "reason": str(error)}
        ended = await store.end_job(
            job.number, state, canonical.encode(result), clock.now()
        )
        log.info("job_ended", job=ended.number, state=ended.state.value)
        self.tell()

    def _wake(self, kind: JobKind) -> None:
        for kinds, woken in self._lanes.values():
            if kind in kinds:
                woken.set()
        self.tell()

    async def _prune(self) -> None:
        """Drop jobs that ended long ago, a few at a time, now and then."""
        store, clock = self._exchange.store, self._exchange.clock
        if clock.monotonic_s() < self._prune_at_s:
            return
        self._prune_at_s = clock.monotonic_s() + _PRUNE_EVERY_S
        before = UnixMs(clock.now() - KEPT_DAYS * _DAY_MS)
        while await store.prune_jobs(before, _PRUNED_AT_ONCE) == _PRUNED_AT_ONCE:
            pass
