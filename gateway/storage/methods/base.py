"""What all methods of a store rest on: something that runs operations."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.ports.keys import DisclosureVault
from gateway.storage.transaction import Reader, Transaction

T = TypeVar("T")


class Runner(Protocol):
    """Runs operations in transactions of some database."""

    async def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation; return when its transaction is durable."""
        ...

    async def read(self, operation: Callable[[Reader], T]) -> T:
        """Run an operation on one instant of the database."""
        ...

    async def retire_wal(self) -> None:
        """Leave nothing that was committed outside the database file."""
        ...

    async def compact(self) -> None:
        """Leave no trace in the database of what was removed."""
        ...

    async def run(self) -> None:
        """Serve `write` until closed, then release the database."""
        ...

    async def close(self) -> None:
        """Finish what was begun and return once the database is released."""
        ...


class StoreMethods:
    """Holds what the methods need."""

    def __init__(
        self,
        runner: Runner,
        *,
        origin: str,
        vault: DisclosureVault,
    ) -> None:
        self._runner = runner
        self._origin = origin
        self._vault = vault
