"""Jobs: long work that somebody asked for, with a row that outlives process and page.

A job names what it is about by ids and codes, never by content. What a job does with
one message is one transaction, which also counts it: a process may die between any two
of them, and the next one goes on with the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.core.delivery import BulkAction
from gateway.core.entries.disclosures import Act
from gateway.core.values import NEVER, MessageId, UnixMs


class JobKind(StrEnum):
    """What a job does."""

    RETRY = "bulk-retry"  # try messages now
    CANCEL = "bulk-cancel"  # withdraw messages
    OTHER_CHANNEL = "bulk-other-channel"  # they went another way
    VERIFY_LOG = "log-verify"  # hash every entry again


BULK_KINDS: Mapping[BulkAction, JobKind] = {
    BulkAction.RETRY: JobKind.RETRY,
    BulkAction.CANCEL: JobKind.CANCEL,
    BulkAction.OTHER_CHANNEL: JobKind.OTHER_CHANNEL,
}
"""Kinds of jobs that go through a list of messages; after a restart they go on."""


class JobState(StrEnum):
    """How far a job has come."""

    WAITING = "waiting"  # to begin, or to go on after a restart
    RUNNING = "running"
    DONE = "done"  # whatever came of it stands in its result
    FAILED = "failed"  # it could not be done; the result has the code
    CANCELLED = "cancelled"  # somebody stopped it; what was done stays done
    INTERRUPTED = "interrupted"  # the process ended, and it can't go on


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that is asked for.

    Attributes:
        subjects: Ids of the messages it goes through, in order.
        total: How many steps it has; 0 where that is not known yet.
        reference: Of what went another way: where to find it there; or empty.
        key: The asker's idempotency key, or empty.
        request_digest: What was asked for under that key.
    """

    kind: JobKind
    subjects: tuple[MessageId, ...] = ()
    total: int = 0
    reference: str = ""
    key: str = ""
    request_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job.

    Attributes:
        number: Its number; later ones are greater.
        asked_by: Account that asked.
        role: The role it asked in.
        reason: Why, as given.
        log_index: Entry of the log that it was asked by.
        done: Steps that came to a good end.
        failed: Steps that did not.
        cancelled_by: Account that stopped it, or empty.
        result: What came of it, as canonical JSON; empty before.
    """

    number: int
    kind: JobKind
    asked_by: str
    role: str
    reason: str
    asked_at: UnixMs
    log_index: int
    total: int
    reference: str = ""
    on_behalf_of: str = ""
    key: str = ""
    request_digest: str = ""
    state: JobState = JobState.WAITING
    done: int = 0
    failed: int = 0
    begun_at: UnixMs = NEVER
    ended_at: UnixMs = NEVER
    cancelled_by: str = ""
    result: bytes = b""

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def act(self) -> Act:
        """Who does what the job does, and why."""
        return Act(
            self.asked_by, self.role, self.reason, on_behalf_of=self.on_behalf_of
        )


@dataclass(frozen=True, slots=True)
class JobStep:
    """One message of a job.

    Attributes:
        place: Its place in the job, from 0.
        outcome: Empty before it was its turn, `done`, or why not.
    """

    place: int
    subject: MessageId
    outcome: str = ""


STEP_DONE = "done"
"""Outcome of a step that came to a good end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs to list; empty or None leaves a field open."""

    kind: str = ""
    state: str = ""
    asked_by: str = ""
    is_open: bool | None = None


class JobStore(Protocol):
    """Keeping jobs. Each change is one transaction, with its log entry if any."""

    async def begin_job(self, new: NewJob, act: Act, now: UnixMs) -> Job:
        """Keep a job that waits for its turn; one asked for with the same key is that.

        Raises:
            ConflictError: The key was used for something else.
        """
        ...

    async def known_job(self, new: NewJob, act: Act) -> Job | None:
        """Return the job that the same account asked for with the same key.

        Raises:
            ConflictError: The key was used for something else.
        """
        ...

    async def cancel_job(self, number: int, act: Act, now: UnixMs) -> Job:
        """Stop a job; what it has done stays done.

        Raises:
            NotFoundError: No such job.
            ConflictError: It has ended.
        """
        ...

    async def start_job(self, number: int, now: UnixMs) -> Job:
        """Note that the work on a job begins, or goes on; one that ended stays so."""
        ...

    async def step_job(self, number: int, place: int, now: UnixMs) -> JobStep | None:
        """Do what a bulk job does with one of its messages, and count it.

        None if the job has ended, or this step was taken before.
        """
        ...

    async def advance_job(self, number: int, *, done: int, total: int) -> Job:
        """Note how far a job is whose steps are no transactions of their own."""
        ...

    async def end_job(
        self, number: int, state: JobState, result: bytes, now: UnixMs
    ) -> Job:
        """Note how a job ended; one that ended before stays as it was."""
        ...

    async def resume_jobs(self, now: UnixMs) -> Sequence[Job]:
        """Let jobs of a process that is gone go on, or end as interrupted.

        Returns those that wait for their turn now.
        """
        ...

    async def job(self, number: int) -> Job:
        """Return a job.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def jobs(
        self, wanted: JobFilter, *, before: int | None, limit: int
    ) -> list[Job]:
        """Return jobs with a number below `before`, newest first."""
        ...

    async def steps_to_do(self, number: int, *, after: int, limit: int) -> list[int]:
        """Return places of a job that were not taken, beyond `after`, in order."""
        ...

    async def failed_steps(self, number: int, *, limit: int) -> list[JobStep]:
        """Return steps of a job that did not come to a good end, in order."""
        ...

    async def step_outcomes(self, number: int) -> Mapping[str, int]:
        """Return how many steps of a job ended how."""
        ...

    async def prune_jobs(self, before: UnixMs, limit: int) -> int:
        """Drop jobs that ended before a moment; return how many."""
        ...
