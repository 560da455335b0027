"""The store of a node: one writer, two readers, one encrypted file."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection as Engine
from typing import Self, TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.errors import StoreError
from gateway.ports.keys import DisclosureVault
from gateway.ports.world import Metrics
from gateway.storage.sqlite.connection import Connection, Role, connect
from gateway.storage.sqlite.migrate import migrate
from gateway.storage.sqlite.queries import QUERIES
from gateway.storage.sqlite.reader import SqliteReader
from gateway.storage.sqlite.tidying import compact, move_ring_keys, retire_wal
from gateway.storage.sqlite.transaction import SqliteTransaction
from gateway.storage.sqlite.writer import Writer
from gateway.storage.store import TransactionalStore
from gateway.storage.transaction import Reader, Transaction

T = TypeVar("T")

READERS = 2


class SqliteRunner:
    """Runs operations on an encrypted database file."""

    def __init__(
        self,
        writer_connection: Connection,
        readers: list[Connection],
        writer: Writer,
        path: Path,
    ) -> None:
        self._path = path
        self._writer_connection = writer_connection
        self._writer = writer
        self._readers = readers
        self._is_running = False
        self._released = asyncio.Event()
        self._free: asyncio.Queue[Connection] = asyncio.Queue(len(readers))
        for reader in readers:
            self._free.put_nowait(reader)

    async def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation in the next transaction; return when that is durable."""
        return await self._writer.submit(operation)

    async def read(self, operation: Callable[[Reader], T]) -> T:
        """Run an operation on one instant of the database."""
        connection = await self._free.get()
        try:
            return await connection.run(lambda engine: _read(engine, operation))
        finally:
            # A cancelled caller's work may go on; the next waits behind it in the
            # connection's own queue.
            self._free.put_nowait(connection)

    async def retire_wal(self) -> None:
        """Empty the log beside the database file, between two transactions."""
        await self._writer.tidy(retire_wal)

    async def compact(self) -> None:
        """Write the database file anew, between two transactions."""
        await self._writer.tidy(lambda engine: compact(engine, self._path))

    async def run(self) -> None:
        """Write until closed, then release the file."""
        if not self._is_running:  # else it was closed before it ran
            self._is_running = True
            try:
                await self._writer.run()
            finally:
                await self._release()
        await self._released.wait()

    async def close(self) -> None:
        """Stop writing after what is waiting, and wait for the file's release."""
        await self._writer.stop()
        if not self._is_running:
            self._is_running = True
            await self._release()
        await self._released.wait()

    async def _release(self) -> None:
        """Close the connections; the writer's last, which tidies the file."""
        try:
            for connection in (*self._readers, self._writer_connection):
                await connection.close()
        finally:
            self._released.set()


def _read(engine: Engine, operation: Callable[[Reader], T]) -> T:
    try:
        engine.execute("BEGIN")
        try:
            return operation(SqliteReader(engine))
        finally:
            if engine.in_transaction:
                engine.execute("ROLLBACK")
    except sqlcipher.Error as error:
        raise StoreError(f"database: reading failed: {error}") from error


def _prepare(engine: Engine, origin: str, vault: DisclosureVault) -> None:
    migrate(engine, origin=origin)
    move_ring_keys(engine, vault)
    # Whoever had begun these is gone.
    engine.execute(QUERIES["restart_checks"])


class SqliteStore(TransactionalStore):
    """The store of a node in one encrypted file; made by `open`."""

    @classmethod
    async def open(
        cls,
        path: Path,
        key: bytes,
        *,
        log_origin: str,
        vault: DisclosureVault,
        on_fatal: Callable[[Exception], None],
        metrics: Metrics | None = None,
    ) -> Self:
        """Open the database, creating or migrating it.

        Args:
            path: The database file; its folder is to be locked by the caller.
            key: 32 bytes that encrypt it.
            log_origin: Origin of the log it holds.
            vault: Seals the disclosures beside log entries; called from threads.
            on_fatal: Called when writing has failed for good; must end the process.
            metrics: Told of every commit.

        Raises:
            StoreError: It is not one this node can safely run on.
        """
        opened: list[Connection] = []
        try:
            opened.append(await connect(path, key, Role.WRITER))
            await opened[0].run(lambda engine: _prepare(engine, log_origin, vault))
            while len(opened) <= READERS:
                opened.append(await connect(path, key, Role.READER))
        except BaseException:
            for connection in opened:
                await connection.close()
            raise
        writer = Writer(
            opened[0],
            lambda engine: SqliteTransaction(engine, log_origin, vault),
            on_fatal,
            metrics,
        )
        runner = SqliteRunner(opened[0], opened[1:], writer, path)
        return cls(runner, origin=log_origin, vault=vault)
