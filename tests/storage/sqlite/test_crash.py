"""What was acknowledged is there after the process is killed at any moment."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from gateway.core.values import MessageId
from gateway.flows.self_check import check_store
from tests.support.storage_victim import EXIT_STORAGE_FAILED
from tests.support.storing import ORIGIN, sqlite_store

ROOT = Path(__file__).parents[3]


async def start(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.storage_victim",
        *arguments,
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )


async def check_acknowledged(folder: Path, acknowledged: list[str]) -> None:
    async with sqlite_store(folder) as store:
        for message_id in acknowledged:
            row = await store.message(MessageId(message_id))
            assert await store.log_indices(row.id) == [row.log_index]
        report = await check_store(store, origin=ORIGIN)
        assert report.findings == ()
        assert report.messages >= len(acknowledged)


@pytest.mark.parametrize("acknowledgements", [1, 40, 400])
async def test_a_killed_process_loses_nothing_it_acknowledged(
    tmp_path: Path,
    acknowledgements: int,
) -> None:
    victim = await start(str(tmp_path))
    assert victim.stdout
    lines = [await victim.stdout.readline() for _ in range(acknowledgements)]
    victim.send_signal(signal.SIGKILL)
    rest, _ = await victim.communicate()

    # A last line may be cut off: it was never read by anyone.
    heard = b"".join(lines) + rest[: rest.rfind(b"\n") + 1]
    acknowledged = heard.decode().split()
    assert len(acknowledged) >= acknowledgements
    await check_acknowledged(tmp_path, acknowledged)


@pytest.mark.parametrize("max_file_bytes", [1_200_000, 2_000_000])
async def test_a_failed_write_ends_the_process_and_loses_nothing(
    tmp_path: Path,
    max_file_bytes: int,
) -> None:
    victim = await start(str(tmp_path), str(max_file_bytes))
    heard, _ = await victim.communicate()

    assert victim.returncode == EXIT_STORAGE_FAILED
    await check_acknowledged(tmp_path, heard.decode().split())
