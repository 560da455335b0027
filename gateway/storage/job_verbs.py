"""What a database must be able to do with jobs: verbs on rows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.core.values import MessageId, UnixMs
from gateway.ports.jobs import Job, JobFilter, JobStep


class JobLookup(Protocol):
    """What can be read of jobs in any transaction."""

    def job(self, number: int) -> Job | None:
        """Return a job."""
        ...

    def job_of_key(self, asked_by: str, key: str) -> Job | None:
        """Return the job that an account asked for with an idempotency key."""
        ...

    def job_step(self, number: int, place: int) -> JobStep | None:
        """Return a step of a job."""
        ...

    def open_jobs(self) -> list[Job]:
        """Return jobs that wait or run, oldest first."""
        ...


class JobReader(JobLookup, Protocol):
    """What is only read."""

    def jobs(self, wanted: JobFilter, before: int | None, limit: int) -> list[Job]:
        """Return jobs with a number below `before`, newest first."""
        ...

    def steps_to_do(self, number: int, after: int, limit: int) -> list[int]:
        """Return places of a job that were not taken, beyond `after`, in order."""
        ...

    def failed_steps(self, number: int, limit: int) -> list[JobStep]:
        """Return steps that did not come to a good end, in order."""
        ...

    def step_outcomes(self, number: int) -> Mapping[str, int]:
        """Return how many steps ended how; those not taken have an empty outcome."""
        ...


class JobWrites(JobLookup, Protocol):
    """What changes jobs."""

    def put_job(self, job: Job) -> Job:
        """Store a job and return it; one of number 0 is new and gets a number."""
        ...

    def add_job_steps(self, number: int, subjects: Sequence[MessageId]) -> None:
        """Store the steps of a new job, at the places from 0 on."""
        ...

    def put_job_step(self, number: int, step: JobStep) -> None:
        """Store the outcome of a step."""
        ...

    def prune_jobs(self, before: UnixMs, limit: int) -> int:
        """Drop jobs that ended before a moment, with their steps; return how many."""
        ...
