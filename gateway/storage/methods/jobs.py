"""The port `gateway.ports.jobs.JobStore`."""

from collections.abc import Mapping, Sequence

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs
from gateway.ports.jobs import Job, JobFilter, JobState, JobStep, NewJob
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import jobs


class JobMethods(StoreMethods):
    """Keeping jobs."""

    async def begin_job(self, new: NewJob, act: Act, now: UnixMs) -> Job:
        """Keep a job that waits for its turn."""
        return await self._runner.write(lambda tx: jobs.begin(tx, new, act, now))

    async def known_job(self, new: NewJob, act: Act) -> Job | None:
        """Return the job that the same account asked for with the same key."""
        return await self._runner.read(lambda tx: jobs.known(tx, new, act))

    async def cancel_job(self, number: int, act: Act, now: UnixMs) -> Job:
        """Stop a job; what it has done stays done."""
        return await self._runner.write(lambda tx: jobs.cancel(tx, number, act, now))

    async def start_job(self, number: int, now: UnixMs) -> Job:
        """Note that the work on a job begins, or goes on."""
        return await self._runner.write(lambda tx: jobs.start(tx, number, now))

    async def step_job(self, number: int, place: int, now: UnixMs) -> JobStep | None:
        """Do what a bulk job does with one of its messages, and count it."""
        return await self._runner.write(lambda tx: jobs.step(tx, number, place, now))

    async def advance_job(self, number: int, *, done: int, total: int) -> Job:
        """Note how far a job is whose steps are no transactions of their own."""
        return await self._runner.write(
            lambda tx: jobs.advance(tx, number, done=done, total=total)
        )

    async def end_job(
        self, number: int, state: JobState, result: bytes, now: UnixMs
    ) -> Job:
        """Note how a job ended; one that ended before stays as it was."""
        return await self._runner.write(
            lambda tx: jobs.end(tx, number, state, result, now)
        )

    async def resume_jobs(self, now: UnixMs) -> Sequence[Job]:
        """Let jobs of a process that is gone go on, or end as interrupted."""
        return await self._runner.write(lambda tx: jobs.resume(tx, now))

    async def job(self, number: int) -> Job:
        """Return a job."""
        return await self._runner.read(lambda tx: jobs.require_job(tx, number))

    async def jobs(
        self, wanted: JobFilter, *, before: int | None, limit: int
    ) -> list[Job]:
        """Return jobs with a number below `before`, newest first."""
        return await self._runner.read(lambda tx: tx.jobs(wanted, before, limit))

    async def steps_to_do(self, number: int, *, after: int, limit: int) -> list[int]:
        """Return places of a job that were not taken, beyond `after`, in order."""
        return await self._runner.read(lambda tx: tx.steps_to_do(number, after, limit))

    async def failed_steps(self, number: int, *, limit: int) -> list[JobStep]:
        """Return steps of a job that did not come to a good end, in order."""
        return await self._runner.read(lambda tx: tx.failed_steps(number, limit))

    async def step_outcomes(self, number: int) -> Mapping[str, int]:
        """Return how many steps of a job ended how."""
        return await self._runner.read(lambda tx: tx.step_outcomes(number))

    async def prune_jobs(self, before: UnixMs, limit: int) -> int:
        """Drop jobs that ended before a moment; return how many."""
        return await self._runner.write(lambda tx: tx.prune_jobs(before, limit))
