"""Two authorities that have enrolled each other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.pair import Side, pair


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Side, Side]]:
    async with pair(tmp_path) as sides:
        yield sides
