"""One node for each test of the served API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.admin_api import AdminNode, admin_node


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[AdminNode]:
    async with admin_node(tmp_path) as made:
        yield made
