"""The one task that writes: many operations a transaction, one flush for all.

It takes what is waiting, runs it in one transaction on the connection's thread, and
resolves the callers only after COMMIT has returned. What waits during a commit is the
next batch, so batching needs no timer and adds no delay.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from sqlite3 import Connection as Engine
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.errors import (
    DiskReserveError,
    GatewayError,
    MaintenanceError,
    StoreError,
)
from gateway.ports.world import Metrics
from gateway.storage.sqlite.connection import Connection
from gateway.storage.sqlite.transaction import SqliteTransaction
from gateway.storage.transaction import Transaction

T = TypeVar("T")

MAX_BATCH = 256
# Operations that may wait; whoever comes later waits to be let in.
MAX_WAITING = 1024


class _Job(Generic[T]):
    """An operation with its caller."""

    def __init__(self, operation: Callable[[Transaction], T]) -> None:
        self._operation = operation
        self._results: list[T] = []
        self._error: Exception | None = None
        self.answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def attempt(self, tx: Transaction) -> None:
        """Run the operation, on the writer's thread; once more after a rollback."""
        self._error = None
        self._results = [self._operation(tx)]

    def fail(self, error: Exception) -> None:
        """Note what the caller is to be told instead of a result."""
        self._error = error

    def settle(self) -> None:
        """Tell the caller, on the event loop; it may be gone."""
        if self.answer.done():
            return
        if self._error is not None:
            self.answer.set_exception(self._error)
        else:
            self.answer.set_result(self._results[0])


class _AnyJob(Protocol):
    """A job, whatever its result."""

    def attempt(self, tx: Transaction) -> None: ...

    def fail(self, error: Exception) -> None: ...

    def settle(self) -> None: ...


class _Commit(NamedTuple):
    """A durable commit: how long it took, and of how many operations it was."""

    seconds: float
    operations: int


class _RollBackError(Exception):
    """An operation failed after it had changed something."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Writer:
    """Owns the only connection that writes.

    Args:
        connection: The connection.
        begin: Starts the verbs of a transaction that was just begun.
        on_fatal: Called when it is unknown whether a commit took place, or writing
            is impossible. The process is expected to end: a failed flush must not be
            tried again, for the second one would succeed without the data.
        metrics: Told of every commit; None to tell nobody.
    """

    def __init__(
        self,
        connection: Connection,
        begin: Callable[[Engine], SqliteTransaction],
        on_fatal: Callable[[Exception], None],
        metrics: Metrics | None = None,
    ) -> None:
        self._connection = connection
        self._begin = begin
        self._on_fatal = on_fatal
        self._metrics = metrics
        self._waiting: asyncio.Queue[_AnyJob | None] = asyncio.Queue(MAX_WAITING)
        self._refusal: GatewayError | None = None
        self._has_ended = False

    async def submit(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation in the next transaction; return when that is durable.

        A caller that is cancelled knows nothing of the outcome.

        Raises:
            MaintenanceError: The store is being closed.
            StoreError: The database failed; the process is ending.
        """
        self._check_open()
        job = _Job(operation)
        await self._waiting.put(job)
        if self._has_ended:  # while this caller waited to be let in
            self._settle_waiting()
        return await asyncio.shield(job.answer)

    async def tidy(self, work: Callable[[Engine], None]) -> None:
        """Run something on the connection between two transactions.

        Raises:
            GatewayError: It can't be done now; nothing is lost.
            StoreError: The database failed; the process is ending.
        """
        self._check_open()
        try:
            await self._connection.run(work)
        except sqlcipher.Error as error:
            if "disk is full" in str(error):
                raise DiskReserveError(f"database: {error}") from error
            fatal = StoreError(f"database: writing failed: {error}")
            self._refusal = fatal
            self._on_fatal(fatal)
            raise fatal from error

    def _check_open(self) -> None:
        if self._refusal is not None:
            raise self._refusal

    async def run(self) -> None:
        """Write until `stop`; then finish what was submitted before.

        Raises:
            StoreError: The database failed.
        """
        try:
            while jobs := await self._next_batch():
                await self._write(jobs)
        finally:
            self._refusal = self._refusal or MaintenanceError("the store is closed")
            self._has_ended = True
            self._settle_waiting()

    async def stop(self) -> None:
        """Take nothing more, and let `run` end after what is waiting."""
        if self._refusal is None:
            self._refusal = MaintenanceError("the store is being closed")
            await self._waiting.put(None)

    async def _next_batch(self) -> list[_AnyJob]:
        """Return what is waiting, at least one job; empty when it is time to end."""
        first = await self._waiting.get()
        jobs = [first] if first else []
        while jobs and len(jobs) < MAX_BATCH and not self._waiting.empty():
            job = self._waiting.get_nowait()
            if job is None:
                self._waiting.put_nowait(None)  # ends the next turn
                break
            jobs.append(job)
        return jobs

    async def _write(self, jobs: Sequence[_AnyJob]) -> None:
        work = self._connection.start(
            lambda engine: _run_batch(engine, self._begin, jobs)
        )
        is_cancelled = False
        while not work.done():
            try:
                await asyncio.wait([work])
            except asyncio.CancelledError:
                # The thread goes on all the same; the callers are told what it did.
                is_cancelled = True
        error = work.exception()
        if error is not None:
            self._fail(error, jobs)
        for job in jobs:
            job.settle()
        self._report(work.result())
        if is_cancelled:
            raise asyncio.CancelledError

    def _report(self, commits: Sequence[_Commit]) -> None:
        if self._metrics is None:
            return
        for commit in commits:
            self._metrics.observe("mla_store_commit_seconds", commit.seconds)
            self._metrics.observe("mla_store_batch_size", commit.operations)

    def _fail(self, error: BaseException, jobs: Sequence[_AnyJob]) -> None:
        fatal = StoreError(f"database: writing failed: {error}")
        self._refusal = fatal
        for job in jobs:
            job.fail(fatal)
            job.settle()
        self._on_fatal(fatal)
        raise fatal from error

    def _settle_waiting(self) -> None:
        refusal = self._refusal or MaintenanceError("the store is closed")
        while not self._waiting.empty():
            job = self._waiting.get_nowait()
            if job is not None:
                job.fail(refusal)
                job.settle()


_Begin: TypeAlias = Callable[[Engine], SqliteTransaction]

# Errors of the library that are defects of ours, and leave the database sound.
_DEFECTS = (
    sqlcipher.IntegrityError,
    sqlcipher.ProgrammingError,
    sqlcipher.InterfaceError,
    sqlcipher.DataError,
)


def _run_batch(
    engine: Engine,
    begin: _Begin,
    jobs: Sequence[_AnyJob],
) -> list[_Commit]:
    """Run jobs on the writer's thread: together, or else one at a time.

    Returns the commits that were made.

    Raises:
        sqlcipher.Error: The database failed; nothing may be believed.
    """
    try:
        return [_transact(engine, begin, jobs)]
    except _RollBackError as together:
        if len(jobs) == 1:
            jobs[0].fail(together.reason)
            return []
        commits = []
        for job in jobs:
            try:
                commits.append(_transact(engine, begin, [job]))
            except _RollBackError as alone:
                job.fail(alone.reason)
        return commits


def _transact(engine: Engine, begin: _Begin, jobs: Sequence[_AnyJob]) -> _Commit:
    """Run jobs in one transaction.

    Raises:
        _RollBackError: One failed half-way; nothing of any was stored.
        sqlcipher.Error: The database failed.
    """
    engine.execute("BEGIN IMMEDIATE")
    try:
        tx = begin(engine)
        for job in jobs:
            _attempt(job, tx)
        tx.finish()
    except _DEFECTS as error:
        engine.execute("ROLLBACK")
        raise _RollBackError(AssertionError(f"internal: {error}")) from error
    except sqlcipher.Error:
        raise
    except Exception as error:
        engine.execute("ROLLBACK")
        raise _RollBackError(error) from error
    began = time.perf_counter()
    engine.execute("COMMIT")
    return _Commit(time.perf_counter() - began, len(jobs))


def _attempt(job: _AnyJob, tx: Transaction) -> None:
    """Run a job; one that was refused before it changed anything harms no other."""
    changes_made = tx.changes_made
    try:
        job.attempt(tx)
    except GatewayError as error:
        if tx.changes_made != changes_made:
            raise
        job.fail(error)
