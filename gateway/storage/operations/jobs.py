"""Jobs: begun with an entry, done step by step, ended or stopped."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.core.delivery import BulkAction, BulkObstacle, bulk_obstacle
from gateway.core.entries.disclosures import Act, Disclosure
from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.values import NEVER, UnixMs
from gateway.ports.jobs import (
    BULK_KINDS,
    STEP_DONE,
    Job,
    JobKind,
    JobState,
    JobStep,
    NewJob,
)
from gateway.storage.operations import attempts, endings
from gateway.storage.transaction import Lookup, Transaction

_ACTIONS = {kind: action for action, kind in BULK_KINDS.items()}
_GONE = "not-found"


def begin(tx: Transaction, new: NewJob, act: Act, now: UnixMs) -> Job:
    """Keep a job that waits for its turn; one asked for with the same key is that.

    Raises:
        ConflictError: The key was used for something else.
    """
    before = known(tx, new, act)
    if before is not None:
        return before
    total = len(new.subjects) or new.total
    job = tx.put_job(
        Job(
            number=0,
            kind=new.kind,
            asked_by=act.actor,
            role=act.role,
            reason=act.purpose,
            on_behalf_of=act.on_behalf_of,
            asked_at=now,
            log_index=_log(tx, "begin", new.kind, act, now, count=total),
            total=total,
            reference=new.reference,
            key=new.key,
            request_digest=new.request_digest,
        )
    )
    tx.add_job_steps(job.number, new.subjects)
    return job


def known(tx: Lookup, new: NewJob, act: Act) -> Job | None:
    """Return the job that the same account asked for with the same key.

    Raises:
        ConflictError: The key was used for something else.
    """
    job = tx.job_of_key(act.actor, new.key) if new.key else None
    if job is not None and job.request_digest != new.request_digest:
        raise ConflictError("idempotency key: was used for another job")
    return job


def cancel(tx: Transaction, number: int, act: Act, now: UnixMs) -> Job:
    """Stop a job; what it has done stays done.

    Raises:
        NotFoundError: No such job.
        ConflictError: It has ended.
    """
    job = require_job(tx, number)
    if not job.is_open:
        raise ConflictError(f"job {number}: it is {job.state}")
    _log(tx, "cancel", job.kind, act, now, number=number)
    return tx.put_job(
        replace(job, state=JobState.CANCELLED, cancelled_by=act.actor, ended_at=now)
    )


def start(tx: Transaction, number: int, now: UnixMs) -> Job:
    """Note that the work on a job begins, or goes on; one that ended stays so."""
    job = require_job(tx, number)
    if job.state is not JobState.WAITING:
        return job
    begun_at = now if job.begun_at == NEVER else job.begun_at
    return tx.put_job(replace(job, state=JobState.RUNNING, begun_at=begun_at))


def step(tx: Transaction, number: int, place: int, now: UnixMs) -> JobStep | None:
    """Do what a bulk job does with one of its messages, and count it.

    None if the job has ended, or this step was taken before.
    """
    job = tx.job(number)
    one = tx.job_step(number, place)
    if job is None or one is None or not job.is_open or one.outcome:
        return None
    outcome = _act(tx, job, one, now)
    is_done = outcome == STEP_DONE
    taken = replace(one, outcome=outcome)
    tx.put_job_step(number, taken)
    tx.put_job(replace(job, done=job.done + is_done, failed=job.failed + (not is_done)))
    return taken


def _act(tx: Transaction, job: Job, one: JobStep, now: UnixMs) -> str:
    """Do one step; return its outcome. Looked at again: the message may have moved."""
    action = _ACTIONS[job.kind]
    message = tx.message(one.subject)
    if message is None:
        return _GONE
    view = message.view
    obstacle: BulkObstacle | None = bulk_obstacle(
        action, view.state, attempts=view.attempts
    )
    if obstacle is not None:
        return obstacle.value
    if action is BulkAction.RETRY:
        attempts.retry(tx, [view.id], None, job.act, now)
    elif action is BulkAction.CANCEL:
        endings.cancel(tx, view.id, job.act, now)
    else:
        endings.sent_otherwise(tx, view.id, job.reference, job.act, now)
    return STEP_DONE


def advance(tx: Transaction, number: int, *, done: int, total: int) -> Job:
    """Note how far a job is whose steps are no transactions of their own."""
    job = require_job(tx, number)
    return tx.put_job(replace(job, done=done, total=total)) if job.is_open else job


def end(
    tx: Transaction, number: int, state: JobState, result: bytes, now: UnixMs
) -> Job:
    """Note how a job ended; one that ended before stays as it was."""
    job = require_job(tx, number)
    if not job.is_open:
        # Somebody stopped it meanwhile; what came of it until then is worth keeping.
        return job if job.result else tx.put_job(replace(job, result=result))
    return tx.put_job(replace(job, state=state, result=result, ended_at=now))


def resume(tx: Transaction, now: UnixMs) -> Sequence[Job]:
    """Let jobs of a process that is gone go on, or end as interrupted."""
    waiting = []
    for job in tx.open_jobs():
        if job.state is JobState.WAITING:
            waiting.append(job)
        elif job.kind in _ACTIONS:
            waiting.append(tx.put_job(replace(job, state=JobState.WAITING)))
        else:
            ended = replace(job, state=JobState.INTERRUPTED, ended_at=now)
            tx.put_job(ended)
    return waiting


def require_job(tx: Lookup, number: int) -> Job:
    """Return a job.

    Raises:
        NotFoundError: There is none.
    """
    job = tx.job(number)
    if job is None:
        raise NotFoundError(f"job {number}: not found")
    return job


def _log(  # noqa: PLR0913 - an entry and what it says
    tx: Transaction,
    step_: str,
    kind: JobKind,
    act: Act,
    now: UnixMs,
    *,
    count: int = 0,
    number: int = 0,
) -> int:
    about = (Disclosure("detail", f"job {number}"),) if number else ()
    draft = EntryDraft(
        f"admin.job-{step_}",
        now,
        {"res": kind.value, "count": count} if not number else {"res": kind.value},
        (*act.disclosures(), *about),
    )
    return tx.append_entry(draft)
