"""Fixtures of the client's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.client.answers import Endpoint
from gateway.client.blocking import BlockingClient
from gateway.client.part_files import TargetFolder, target_folder
from tests.support.evidence_node import EvidenceNode
from tests.support.scripted_api import TOKEN, ScriptedApi, scripted_api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ScriptedApi]:
    """An API that answers what a test says."""
    with scripted_api(tmp_path / "home") as running:
        yield running


@pytest.fixture
def node(api: ScriptedApi) -> EvidenceNode:
    """Its part for evidence files."""
    return api.evidence


@pytest.fixture
def client(api: ScriptedApi) -> BlockingClient:
    """A client of it."""
    return BlockingClient(Endpoint(f"http://127.0.0.1:{api.port}", TOKEN))


@pytest.fixture
def target(tmp_path: Path) -> Iterator[TargetFolder]:
    """An empty folder to fetch into."""
    path = tmp_path / "target"
    path.mkdir()
    with target_folder(path) as folder:
        yield folder
