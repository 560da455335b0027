"""A store in memory: real rules and roll-back, nothing durable."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from gateway.core.errors import MaintenanceError
from gateway.ports.keys import DisclosureVault
from gateway.storage.memory.reader import MemoryReader
from gateway.storage.memory.tables import ONLY, Tables
from gateway.storage.memory.transaction import MemoryTransaction
from gateway.storage.store import TransactionalStore
from gateway.storage.transaction import Reader, Transaction

T = TypeVar("T")


class MemoryRunner:
    """Runs operations on tables in memory, one at a time."""

    def __init__(self, origin: str, vault: DisclosureVault) -> None:
        self._tables = Tables()
        self._origin = origin
        self._vault = vault
        self._closed = asyncio.Event()

    async def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation; if it fails, everything is as it was."""
        # Others get their turn here, as they would while a database flushes.
        await asyncio.sleep(0)
        if self._closed.is_set():
            raise MaintenanceError("the store is closed")
        tx = MemoryTransaction(self._tables, self._origin, self._vault)
        try:
            result = operation(tx)
            tx.finish()
        except BaseException:
            tx.roll_back()
            raise
        return result

    async def read(self, operation: Callable[[Reader], T]) -> T:
        """Run an operation on one instant of the tables."""
        await asyncio.sleep(0)
        return operation(MemoryReader(self._tables))

    async def retire_wal(self) -> None:
        """Return: there is no file."""

    async def compact(self) -> None:
        """Take note: what was removed is gone."""
        await asyncio.sleep(0)
        removals, _ = self._tables.removals[ONLY]
        self._tables.removals[ONLY] = (removals, removals)

    async def run(self) -> None:
        """Return once closed."""
        await self._closed.wait()

    async def close(self) -> None:
        """Take nothing more."""
        self._closed.set()


class MemoryStore(TransactionalStore):
    """A store that is gone with its process; for tests and trials."""

    def __init__(self, *, log_origin: str, vault: DisclosureVault) -> None:
        runner = MemoryRunner(log_origin, vault)
        super().__init__(runner, origin=log_origin, vault=vault)
