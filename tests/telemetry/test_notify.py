"""The notify program: a bounded time, no shell, nothing of it is read."""

import asyncio
import time
from pathlib import Path

import pytest

from gateway.telemetry.notify import ProgramNotifier


def script(folder: Path, text: str) -> str:
    file = folder / "notify"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o700)
    return str(file)


async def test_it_gets_the_object_on_stdin(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = ProgramNotifier(
        (script(tmp_path, f'cat > "{told}"; echo "$1" >> "{told}"'), "a b")
    )

    assert program.is_configured
    assert await program.notify(b'{"alarm":1}') == ""
    assert told.read_text() == '{"alarm":1}a b\n'


async def test_a_failure_is_said(tmp_path: Path) -> None:
    failing = ProgramNotifier((script(tmp_path, "exit 3"),))

    assert await failing.notify(b"{}") == "exit status 3"
    missing = ProgramNotifier((str(tmp_path / "none"),))
    assert "can't be started" in await missing.notify(b"{}")
    assert not ProgramNotifier(()).is_configured


async def test_one_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hanging = ProgramNotifier(
        (script(tmp_path, f'(sleep 2; touch "{mark}") & sleep 60'),), within_s=0.3
    )
    began = time.monotonic()

    assert await hanging.notify(b"{}") == "took longer than 0.3 s"
    assert time.monotonic() - began < 2
    await asyncio.sleep(2.2)
    assert not mark.exists()


async def test_what_it_prints_does_not_block_it(tmp_path: Path) -> None:
    loud = ProgramNotifier((script(tmp_path, "head -c 1000000 /dev/zero"),))

    assert await loud.notify(b"x" * 200_000) in {"", "exit status 141"}


async def test_it_sees_no_more_of_our_environment_than_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLA_GATEWAY__KEYS__UNLOCK", "file:/secret")
    told = tmp_path / "told"
    program = ProgramNotifier((script(tmp_path, f'env > "{told}"'),))

    assert await program.notify(b"{}") == ""
    assert "MLA_GATEWAY" not in told.read_text()
