"""Jobs: begun once, done step by step, stopped, gone on with, and forgotten."""

import pytest

from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act, read_disclosure
from gateway.core.errors import ConflictError, NotFoundError
from gateway.core.limits import MAX_LEAF_BYTES
from gateway.core.values import NEVER, MessageId, UnixMs
from gateway.ports.jobs import Job, JobFilter, JobKind, JobState, JobStep, NewJob
from gateway.storage.store import TransactionalStore
from tests.support.storing import NOW, PEER, claim, held_draft, new_id, outbound

SAAR = Act("saar", "operator", "their node is gone")
KASK = Act("kask", "operator", "the wrong filter")
LATER = UnixMs(NOW + 1_000)


async def begun(store: TransactionalStore, kind: JobKind, *subjects: MessageId) -> Job:
    job = await store.begin_job(NewJob(kind=kind, subjects=subjects), SAAR, NOW)
    return await store.start_job(job.number, NOW)


async def leaf_at(store: TransactionalStore, index: int) -> JsonObject:
    (entry,) = await store.entries(index, 1)
    leaf = canonical.decode(entry.data, max_bytes=MAX_LEAF_BYTES)
    assert isinstance(leaf, dict)
    return leaf


async def disclosed(store: TransactionalStore, index: int) -> dict[str, str]:
    found = [read_disclosure(one.encoded) for one in await store.disclosures(index)]
    return {one.name: one.value for one in found}


async def size(store: TransactionalStore) -> int:
    return (await store.log_head()).size


async def test_a_job_begins_with_its_entry(store: TransactionalStore) -> None:
    ids = (new_id(), new_id())
    new = NewJob(kind=JobKind.CANCEL, subjects=ids)

    job = await store.begin_job(new, SAAR, NOW)

    assert (job.kind, job.state, job.total) == (JobKind.CANCEL, JobState.WAITING, 2)
    assert (job.asked_by, job.role, job.reason) == (SAAR.actor, SAAR.role, SAAR.purpose)
    leaf = await leaf_at(store, job.log_index)
    assert (leaf["k"], leaf["res"], leaf["count"]) == (
        "admin.job-begin",
        "bulk-cancel",
        2,
    )
    assert (await disclosed(store, job.log_index))["purpose"] == SAAR.purpose
    assert await store.job(job.number) == job
    assert await store.steps_to_do(job.number, after=-1, limit=9) == [0, 1]
    assert await store.steps_to_do(job.number, after=0, limit=9) == [1]
    with pytest.raises(NotFoundError):
        await store.job(job.number + 1)


async def test_a_key_stands_for_one_job(store: TransactionalStore) -> None:
    new = NewJob(kind=JobKind.VERIFY_LOG, key="k-1", request_digest="a")
    assert await store.known_job(new, SAAR) is None

    job = await store.begin_job(new, SAAR, NOW)

    assert await store.begin_job(new, SAAR, LATER) == job
    assert await store.known_job(new, SAAR) == job
    assert (await store.begin_job(new, KASK, NOW)).number != job.number
    other = NewJob(kind=JobKind.VERIFY_LOG, key="k-1", request_digest="b")
    with pytest.raises(ConflictError, match="used for another"):
        await store.begin_job(other, SAAR, NOW)
    without = NewJob(kind=JobKind.VERIFY_LOG)
    first = await store.begin_job(without, SAAR, NOW)
    assert (await store.begin_job(without, SAAR, NOW)).number != first.number


async def test_every_step_is_its_own_change_with_its_entry(
    store: TransactionalStore,
) -> None:
    fresh, held, offered = outbound(), held_draft(), outbound()
    for one in (offered, fresh, held):
        await store.accept(one, NOW)
        if one is offered:
            await claim(store)
    gone = new_id()
    job = await begun(store, JobKind.CANCEL, fresh.id, held.id, offered.id, gone)

    before = await size(store)
    steps = [await store.step_job(job.number, place, LATER) for place in range(4)]

    assert [one and one.outcome for one in steps] == [
        "done",
        "done",
        "offered",
        "not-found",
    ]
    assert await size(store) == before + 2
    assert (await leaf_at(store, before))["k"] == "msg.cancel"
    assert (await disclosed(store, before))["purpose"] == SAAR.purpose
    for one in (fresh, held):
        assert (await store.message(one.id)).state is OutboundState.CANCELLED
    assert (await store.message(offered.id)).state is OutboundState.QUEUED
    job = await store.job(job.number)
    assert (job.done, job.failed) == (2, 2)
    assert await store.step_outcomes(job.number) == {
        "done": 2,
        "offered": 1,
        "not-found": 1,
    }
    assert await store.failed_steps(job.number, limit=1) == [
        JobStep(2, offered.id, "offered")
    ]
    # Taken once, whoever asks again.
    assert await store.step_job(job.number, 0, LATER) is None
    assert await size(store) == before + 2


async def test_a_retry_makes_a_message_due_and_is_logged(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)
    await claim(store)
    await store.release_leases()
    job = await begun(store, JobKind.RETRY, message.id)

    step = await store.step_job(job.number, 0, LATER)

    assert step is not None
    assert step.outcome == "done"
    assert (await store.message(message.id)).next_attempt_at == NEVER
    assert (await leaf_at(store, await size(store) - 1))["k"] == "admin.retry"


async def test_what_went_another_way_is_cancelled_with_code_and_reference(
    store: TransactionalStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)
    await claim(store)
    new = NewJob(
        kind=JobKind.OTHER_CHANNEL,
        subjects=(message.id,),
        reference="courier bag 17",
    )
    job = await store.begin_job(new, SAAR, NOW)

    await store.step_job(job.number, 0, LATER)

    row = await store.message(message.id)
    assert (row.state, row.last_code) == (OutboundState.CANCELLED, "other-channel")
    index = await size(store) - 1
    leaf = await leaf_at(store, index)
    assert (leaf["k"], leaf["res"]) == ("msg.cancel", "other-channel")
    assert (await disclosed(store, index))["detail"] == "courier bag 17"
    # The peer is told, and its number is settled.
    (event,) = await store.events_due(PEER, 10)
    assert event.log_index == index
    assert await store.pending_seqs(PEER) == []


async def test_a_stopped_job_takes_no_further_step(store: TransactionalStore) -> None:
    first, second = outbound(), outbound()
    await store.accept(first, NOW)
    await store.accept(second, NOW)
    job = await begun(store, JobKind.CANCEL, first.id, second.id)
    await store.step_job(job.number, 0, LATER)

    stopped = await store.cancel_job(job.number, KASK, LATER)

    assert (stopped.state, stopped.cancelled_by) == (JobState.CANCELLED, "kask")
    assert (await leaf_at(store, await size(store) - 1))["k"] == "admin.job-cancel"
    assert await store.step_job(job.number, 1, LATER) is None
    assert (await store.message(second.id)).state is OutboundState.QUEUED
    with pytest.raises(ConflictError, match="it is cancelled"):
        await store.cancel_job(job.number, KASK, LATER)
    ended = await store.end_job(job.number, JobState.DONE, b'{"a":1}', LATER)
    assert (ended.state, ended.result) == (JobState.CANCELLED, b'{"a":1}')
    assert (await store.start_job(job.number, LATER)).state is JobState.CANCELLED


async def test_a_new_process_goes_on_or_says_interrupted(
    store: TransactionalStore,
) -> None:
    bulk = await begun(store, JobKind.RETRY, new_id())
    walk = await begun(store, JobKind.VERIFY_LOG)
    waits = await store.begin_job(NewJob(kind=JobKind.VERIFY_LOG), SAAR, NOW)
    await store.advance_job(walk.number, done=7, total=9)

    going_on = await store.resume_jobs(LATER)

    assert [one.number for one in going_on] == [bulk.number, waits.number]
    assert {one.state for one in going_on} == {JobState.WAITING}
    walk = await store.job(walk.number)
    assert (walk.state, walk.done, walk.total) == (JobState.INTERRUPTED, 7, 9)
    assert walk.ended_at == LATER


async def test_jobs_are_listed_newest_first_and_forgotten_in_the_end(
    store: TransactionalStore,
) -> None:
    first = await begun(store, JobKind.RETRY, new_id())
    second = await begun(store, JobKind.VERIFY_LOG)
    await store.end_job(first.number, JobState.DONE, b"{}", NOW)

    async def listed(wanted: JobFilter, before: int | None = None) -> list[int]:
        jobs = await store.jobs(wanted, before=before, limit=9)
        return [one.number for one in jobs]

    both = [second.number, first.number]
    assert await listed(JobFilter()) == both
    assert await listed(JobFilter(), second.number) == [first.number]
    assert await listed(JobFilter(is_open=True)) == [second.number]
    assert await listed(JobFilter(kind="bulk-retry")) == [first.number]
    assert await listed(JobFilter(state="running")) == [second.number]
    assert await listed(JobFilter(asked_by="saar")) == both
    assert await listed(JobFilter(asked_by="kask")) == []
    assert await store.prune_jobs(NOW, 9) == 0
    assert await store.prune_jobs(LATER, 9) == 1
    assert await listed(JobFilter()) == [second.number]
    assert await store.step_outcomes(first.number) == {}
