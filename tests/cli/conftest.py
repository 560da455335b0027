"""Fixtures of the command-line tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scripted_api import ScriptedApi, scripted_api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ScriptedApi]:
    """A node that answers what a test says."""
    with scripted_api(tmp_path / "home") as running:
        yield running
