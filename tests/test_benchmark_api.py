"""The clients of the submit benchmark, against its bare server."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks import post_load
from benchmarks.post_load import FailedPostError, Load


@pytest.fixture
def bare_port() -> Iterator[int]:
    words = [sys.executable, "-m", "benchmarks.bare_server"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own program
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


async def test_every_request_is_answered_once(bare_port: int) -> None:
    load = Load(
        port=bare_port, path="/x", body="{}", clients=3, requests=20, status=202
    )
    loaded = await post_load.post(load)
    assert len(loaded.times_ms) == 20
    assert list(loaded.times_ms) == sorted(loaded.times_ms)
    assert 0 < loaded.times_ms[0] <= loaded.seconds * 1000


async def test_another_status_is_no_success(bare_port: int) -> None:
    load = Load(port=bare_port, path="/x", body="{}", clients=1, requests=1, status=200)
    with pytest.raises(FailedPostError, match="202"):
        await post_load.post(load)
