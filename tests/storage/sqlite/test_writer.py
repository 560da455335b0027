"""One writer: nothing half done, whoever fails, gives up or comes too late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.core.entries.leaf import EntryDraft
from gateway.core.errors import (
    ConflictError,
    GatewayError,
    MaintenanceError,
    NotFoundError,
    StoreError,
)
from gateway.core.values import MessageId
from gateway.flows.self_check import check_store
from gateway.storage.sqlite.store import SqliteRunner, SqliteStore
from gateway.storage.transaction import Transaction
from gateway.telemetry.metrics import PrometheusMetrics
from tests.support.storing import (
    ACT,
    KEY,
    NOW,
    ORIGIN,
    new_id,
    outbound,
    sqlite_store,
    vault,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with sqlite_store(tmp_path) as one:
        yield one


def runner_of(store: SqliteStore) -> SqliteRunner:
    assert isinstance(store._runner, SqliteRunner)
    return store._runner


async def commits_of(store: SqliteStore) -> int:
    """Return how often the file was changed, as other connections see it."""
    connection = runner_of(store)._readers[0]
    found = await connection.run(
        lambda engine: engine.execute("PRAGMA data_version").fetchone(),
    )
    return int(found[0])


async def test_cancelled_callers_leave_no_change_without_its_entry(
    store: SqliteStore,
) -> None:
    messages = [outbound() for _ in range(400)]
    told = 0

    async def submit(number: int) -> None:
        nonlocal told
        await store.accept(messages[number], NOW)
        told += 1

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(submit(number)) for number in range(400)]
        for number in range(0, 400, 3):
            await asyncio.sleep(0.0005 if number % 2 else 0)
            tasks[number].cancel()

    report = await check_store(store, origin=ORIGIN)
    assert report.findings == ()
    assert report.messages == report.entries >= told >= 400 - 134
    await store.probe()  # no transaction was left open


async def test_what_waits_during_a_commit_is_the_next_batch(
    store: SqliteStore,
) -> None:
    before = await commits_of(store)
    async with asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(store.accept(outbound(), NOW))

    entries = await store.entries(0, 500)
    assert len(entries) == 200
    assert await commits_of(store) - before < 20


async def test_an_operation_that_fails_half_way_fails_only_its_caller(
    store: SqliteStore,
) -> None:
    def fail_half_way(tx: Transaction) -> int:
        tx.append_entry(EntryDraft("admin.test", NOW, {}))
        raise NotFoundError("half-way")

    def break_a_rule(tx: Transaction) -> int:
        return tx.append_entry(EntryDraft("no such kind", NOW, {}))

    runner = runner_of(store)
    async with asyncio.TaskGroup() as group:
        good = [group.create_task(store.accept(outbound(), NOW)) for _ in range(5)]
        bad = [
            group.create_task(failure_of(runner, operation))
            for operation in (fail_half_way, break_a_rule, fail_half_way)
        ]
        good += [group.create_task(store.accept(outbound(), NOW)) for _ in range(5)]

    assert sorted(task.result().log_index for task in good) == list(range(10))
    kinds = [type(task.result()) for task in bad]
    assert kinds == [NotFoundError, AssertionError, NotFoundError]
    assert (await store.log_head()).size == 10


async def failure_of(
    runner: SqliteRunner,
    operation: Callable[[Transaction], int],
) -> Exception:
    try:
        await runner.write(operation)
    except (GatewayError, AssertionError) as error:
        return error
    raise AssertionError("it did not fail")


async def test_a_refusal_costs_the_others_no_second_transaction(
    store: SqliteStore,
) -> None:
    message = outbound()
    await store.accept(message, NOW)
    before = await commits_of(store)

    async with asyncio.TaskGroup() as group:
        group.create_task(refused(store.cancel(new_id(), ACT, NOW)))
        group.create_task(store.accept(outbound(), NOW))
        group.create_task(refused(store.accept(message, NOW)))

    assert (await store.log_head()).size == 2
    assert await commits_of(store) - before <= 2


async def refused(call: "asyncio.Future[object] | object") -> None:
    with pytest.raises((NotFoundError, ConflictError)):
        await call  # type: ignore[misc]  # a coroutine of some result


async def test_after_closing_nothing_is_taken_and_nothing_waits_for_ever(
    tmp_path: Path,
) -> None:
    async with sqlite_store(tmp_path) as store:
        async with asyncio.TaskGroup() as group:
            callers = [
                group.create_task(outcome_of(store, new_id())) for _ in range(2_000)
            ]
            await asyncio.sleep(0)
            await store.close()
        outcomes = {task.result() for task in callers}
        assert outcomes <= {"stored", "maintenance"}
        with pytest.raises(MaintenanceError):
            await store.probe()


async def outcome_of(store: SqliteStore, _: MessageId) -> str:
    try:
        await store.append([EntryDraft("admin.test", NOW, {})])
    except MaintenanceError as error:
        return error.code
    return "stored"


async def test_a_full_disk_is_fatal_and_is_told_to_everyone(tmp_path: Path) -> None:
    fatal: list[Exception] = []
    store = await SqliteStore.open(
        tmp_path / "gateway.db",
        KEY,
        log_origin=ORIGIN,
        vault=vault(tmp_path),
        on_fatal=fatal.append,
    )
    connection = runner_of(store)._writer_connection
    await connection.run(
        lambda engine: engine.execute("PRAGMA max_page_count = 100"),
    )
    acknowledged = 0

    async def fill() -> None:
        nonlocal acknowledged
        async with store.running():
            while True:
                await store.accept(outbound(size_bytes=20_000), NOW)
                acknowledged += 1

    with pytest.raises(ExceptionGroup) as caught:
        await fill()
    assert caught.group_contains(StoreError, match="writing failed")
    assert len(fatal) == 1
    with pytest.raises(StoreError):
        await store.probe()
    async with sqlite_store(tmp_path) as again:
        report = await check_store(again, origin=ORIGIN)
        assert (report.findings, report.messages) == ((), acknowledged)


async def test_cancelling_the_writer_lets_its_batch_end_first(tmp_path: Path) -> None:
    store = await SqliteStore.open(
        tmp_path / "gateway.db",
        KEY,
        log_origin=ORIGIN,
        vault=vault(tmp_path),
        on_fatal=lambda _: None,
    )
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(store.run())
        callers = [group.create_task(outcome_of(store, new_id())) for _ in range(300)]
        await asyncio.sleep(0.002)
        writer.cancel()
    stored = sum(task.result() == "stored" for task in callers)

    async with sqlite_store(tmp_path) as again:
        assert (await again.log_head()).size == stored


async def test_every_commit_is_counted_with_its_operations(tmp_path: Path) -> None:
    metrics = CountingMetrics()
    store = await SqliteStore.open(
        tmp_path / "gateway.db",
        KEY,
        log_origin=ORIGIN,
        vault=vault(tmp_path),
        on_fatal=lambda error: pytest.fail(str(error)),
        metrics=metrics,
    )
    async with store.running():
        entry = EntryDraft("admin.test", NOW, {})
        await asyncio.gather(*(store.append([entry]) for _ in range(5)))
        await store.append([entry])
    sizes = [value for name, value in metrics.seen if name == "mla_store_batch_size"]
    times = [
        value for name, value in metrics.seen if name == "mla_store_commit_seconds"
    ]
    assert sum(sizes) == 6
    assert len(sizes) == len(times) < 6
    assert all(value > 0 for value in times)


class CountingMetrics(PrometheusMetrics):
    """Remembers what was observed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, float]] = []

    def observe(self, name: str, value: float, **labels: str) -> None:
        super().observe(name, value, **labels)
        self.seen.append((name, value))
