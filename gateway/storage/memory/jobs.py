"""Rows of jobs, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.jobs import STEP_DONE, Job, JobFilter, JobStep
from gateway.storage.memory.tables import ONLY, Journal, Tables


class JobLookupMemory:
    """Verbs of `gateway.storage.job_verbs.JobLookup`."""

    _tables: Tables

    def job(self, number: int) -> Job | None:
        """Return a job."""
        return self._tables.job.rows.get(number)

    def job_of_key(self, asked_by: str, key: str) -> Job | None:
        """Return the job that an account asked for with an idempotency key."""
        for job in self._tables.job.rows.values():
            if (job.asked_by, job.key) == (asked_by, key):
                return job
        return None

    def job_step(self, number: int, place: int) -> JobStep | None:
        """Return a step of a job."""
        return self._tables.job.steps.get((number, place))

    def open_jobs(self) -> list[Job]:
        """Return jobs that wait or run, oldest first."""
        rows = sorted(self._tables.job.rows.items())
        return [job for _, job in rows if job.is_open]

    def _steps(self, number: int) -> list[JobStep]:
        steps = sorted(self._tables.job.steps.items())
        return [step for (job, _), step in steps if job == number]


class JobReaderMemory(JobLookupMemory):
    """Verbs of `gateway.storage.job_verbs.JobReader`."""

    def jobs(self, wanted: JobFilter, before: int | None, limit: int) -> list[Job]:
        """Return jobs with a number below `before`, newest first."""
        found = [
            job
            for job in self._tables.job.rows.values()
            if (before is None or job.number < before)
            and wanted.kind in {"", job.kind}
            and wanted.state in {"", job.state}
            and wanted.asked_by in {"", job.asked_by}
            and wanted.is_open in {None, job.is_open}
        ]
        return sorted(found, key=lambda job: -job.number)[:limit]

    def steps_to_do(self, number: int, after: int, limit: int) -> list[int]:
        """Return places of a job that were not taken, beyond `after`, in order."""
        places = [
            one.place
            for one in self._steps(number)
            if not one.outcome and one.place > after
        ]
        return places[:limit]

    def failed_steps(self, number: int, limit: int) -> list[JobStep]:
        """Return steps that did not come to a good end, in order."""
        steps = self._steps(number)
        return [one for one in steps if one.outcome not in {"", STEP_DONE}][:limit]

    def step_outcomes(self, number: int) -> Mapping[str, int]:
        """Return how many steps ended how; those not taken have an empty outcome."""
        return Counter(one.outcome for one in self._steps(number))


class JobWritesMemory(JobLookupMemory):
    """Verbs of `gateway.storage.job_verbs.JobWrites`."""

    _journal: Journal

    def put_job(self, job: Job) -> Job:
        """Store a job and return it; one of number 0 is new and gets a number."""
        table = self._tables.job
        if job.number == 0:
            job = replace(job, number=table.last[ONLY] + 1)
            self._journal.put(table.last, ONLY, job.number)
        self._journal.put(table.rows, job.number, job)
        return job

    def add_job_steps(self, number: int, subjects: Sequence[MessageId]) -> None:
        """Store the steps of a new job, at the places from 0 on."""
        for place, subject in enumerate(subjects):
            self.put_job_step(number, JobStep(place, subject))

    def put_job_step(self, number: int, step: JobStep) -> None:
        """Store the outcome of a step."""
        self._journal.put(self._tables.job.steps, (number, step.place), step)

    def prune_jobs(self, before: UnixMs, limit: int) -> int:
        """Drop jobs that ended before a moment, with their steps; return how many."""
        table = self._tables.job
        ended = [
            number
            for number, job in sorted(table.rows.items(), key=_end)
            if NEVER < job.ended_at < before
        ][:limit]
        for number in ended:
            for step in self._steps(number):
                self._journal.drop(table.steps, (number, step.place))
            self._journal.drop(table.rows, number)
        return len(ended)


def _end(row: tuple[int, Job]) -> UnixMs:
    return row[1].ended_at
