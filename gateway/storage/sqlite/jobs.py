"""Rows of jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.core.values import MessageId, UnixMs
from gateway.ports.jobs import Job, JobFilter, JobKind, JobState, JobStep
from gateway.storage.sqlite.mapping import Params, SqlValue, as_json
from gateway.storage.sqlite.running import Running

# Beyond every number of a job.
_NEWEST = 2**62
_ANY = -1


class JobLookupSql(Running):
    """Verbs of `gateway.storage.job_verbs.JobLookup`."""

    def job(self, number: int) -> Job | None:
        """Return a job."""
        return self._one_job("job", (number,))

    def job_of_key(self, asked_by: str, key: str) -> Job | None:
        """Return the job that an account asked for with an idempotency key."""
        return self._one_job("job_of_key", (asked_by, key))

    def job_step(self, number: int, place: int) -> JobStep | None:
        """Return a step of a job."""
        for row in self._rows("job_step", (number, place)):
            return JobStep(row[0], MessageId(row[1]), row[2])
        return None

    def open_jobs(self) -> list[Job]:
        """Return jobs that wait or run, oldest first."""
        return [_job(row) for row in self._rows("open_jobs")]

    def _one_job(self, name: str, params: Params) -> Job | None:
        for row in self._rows(name, params):
            return _job(row)
        return None


class JobReaderSql(JobLookupSql):
    """Verbs of `gateway.storage.job_verbs.JobReader`."""

    def jobs(self, wanted: JobFilter, before: int | None, limit: int) -> list[Job]:
        """Return jobs with a number below `before`, newest first."""
        rows = self._rows(
            "jobs",
            {
                "before": _NEWEST if before is None else before,
                "kind": wanted.kind,
                "state": wanted.state,
                "asked_by": wanted.asked_by,
                "open": _ANY if wanted.is_open is None else int(wanted.is_open),
                "limit": limit,
            },
        )
        return [_job(row) for row in rows]

    def steps_to_do(self, number: int, after: int, limit: int) -> list[int]:
        """Return places of a job that were not taken, beyond `after`, in order."""
        rows = self._rows("steps_to_do", (number, after, limit))
        return [place for (place,) in rows]

    def failed_steps(self, number: int, limit: int) -> list[JobStep]:
        """Return steps that did not come to a good end, in order."""
        rows = self._rows("failed_steps", (number, limit))
        return [JobStep(row[0], MessageId(row[1]), row[2]) for row in rows]

    def step_outcomes(self, number: int) -> Mapping[str, int]:
        """Return how many steps ended how; those not taken have an empty outcome."""
        return dict(self._rows("step_outcomes", (number,)).fetchall())


class JobWritesSql(JobLookupSql):
    """Verbs of `gateway.storage.job_verbs.JobWrites`."""

    def put_job(self, job: Job) -> Job:
        """Store a job and return it; one of number 0 is new and gets a number."""
        later: Params = (
            job.total,
            job.state.value,
            job.done,
            job.failed,
            job.begun_at,
            job.ended_at,
            job.cancelled_by,
            job.result,
        )
        if job.number:
            self._write("update_job", (*later, job.number))
            return job
        cursor = self._write(
            "add_job",
            (
                job.kind.value,
                job.asked_by,
                job.role,
                job.reason,
                job.on_behalf_of,
                job.asked_at,
                job.log_index,
                job.reference,
                job.key,
                job.request_digest,
                *later,
            ),
        )
        return replace(job, number=cursor.lastrowid or 0)

    def add_job_steps(self, number: int, subjects: Sequence[MessageId]) -> None:
        """Store the steps of a new job, at the places from 0 on."""
        self._write("add_job_steps", (number, as_json(subjects)))

    def put_job_step(self, number: int, step: JobStep) -> None:
        """Store the outcome of a step."""
        self._write("put_job_step", (step.outcome, number, step.place))

    def prune_jobs(self, before: UnixMs, limit: int) -> int:
        """Drop jobs that ended before a moment, with their steps; return how many."""
        ended = self._rows("past_jobs", (before, limit)).fetchall()
        for row in ended:
            self._write("drop_job_steps", row)
            self._write("drop_job", row)
        return len(ended)


def _job(row: Sequence[SqlValue]) -> Job:
    fields = dict(zip(_COLUMNS, row, strict=True))
    result = fields["result"]
    return Job(
        number=_int(fields["number"]),
        kind=JobKind(str(fields["kind"])),
        asked_by=str(fields["asked_by"]),
        role=str(fields["role"]),
        reason=str(fields["reason"]),
        on_behalf_of=str(fields["on_behalf_of"]),
        asked_at=UnixMs(_int(fields["asked_at"])),
        log_index=_int(fields["log_index"]),
        total=_int(fields["total"]),
        reference=str(fields["reference"]),
        key=str(fields["key"]),
        request_digest=str(fields["request_digest"]),
        state=JobState(str(fields["state"])),
        done=_int(fields["done"]),
        failed=_int(fields["failed"]),
        begun_at=UnixMs(_int(fields["begun_at"])),
        ended_at=UnixMs(_int(fields["ended_at"])),
        cancelled_by=str(fields["cancelled_by"]),
        result=result if isinstance(result, bytes) else b"",
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0


_COLUMNS = (
    "number",
    "kind",
    "asked_by",
    "role",
    "reason",
    "on_behalf_of",
    "asked_at",
    "log_index",
    "total",
    "reference",
    "key",
    "request_digest",
    "state",
    "done",
    "failed",
    "begun_at",
    "ended_at",
    "cancelled_by",
    "result",
)
"""Columns of the table, as every query that reads it lists them."""
