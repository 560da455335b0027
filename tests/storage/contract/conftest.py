"""Every rule of the port is tested on every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.flows.self_check import check_store
from gateway.storage.store import TransactionalStore
from tests.support.storing import ORIGIN, sqlite_store, store_in_memory


@pytest.fixture(params=["memory", "sqlite"])
async def store(
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> AsyncIterator[TransactionalStore]:
    """Give an empty store; whatever a test did, it must be sound at the end."""
    opened = store_in_memory() if request.param == "memory" else sqlite_store(tmp_path)
    async with opened as one:
        yield one
        report = await check_store(one, origin=ORIGIN)
        assert report.findings == ()
