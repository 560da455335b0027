"""One node for all tests of a module; its console is really served."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.admin_api import AdminNode, admin_node


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AdminNode]:
    async with admin_node(tmp_path_factory.mktemp("node")) as started:
        yield started
