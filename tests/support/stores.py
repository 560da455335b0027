"""A store for a test, gone with the block that asked for it."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.core.errors import StoreError
from gateway.ports.keys import DisclosureVault
from gateway.ports.store import Store
from gateway.storage.sqlite.store import SqliteStore


@asynccontextmanager
async def memory_store(origin: str, vault: DisclosureVault) -> AsyncIterator[Store]:
    """Give an empty store of the log `origin`."""
    failures: list[Exception] = []
    with tempfile.TemporaryDirectory(prefix="mla-test-store-") as folder:
        store = await SqliteStore.open(
            Path(folder, "gateway.db"),
            bytes(32),
            log_origin=origin,
            vault=vault,
            on_fatal=failures.append,
        )
        async with store.running():
            yield store
    if failures:
        raise StoreError("the store failed under a test") from failures[0]
