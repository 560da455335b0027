"""A delayed flush is longer, in processes started in the block and nowhere else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.slow_flush import NoCompilerError, build, measured_ms, slow_flushes


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
def test_both_kinds_of_flush_take_at_least_so_much_longer(tmp_path: Path) -> None:
    library = build(tmp_path)

    assert measured_ms(library, 30.0, tmp_path) >= 30.0
    assert "LD_PRELOAD" not in os.environ


def test_what_was_set_before_is_set_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLOW_FLUSH_US", "7")
    with slow_flushes(tmp_path / "any.so", 1.5):
        assert os.environ["SLOW_FLUSH_US"] == "1500"
    assert os.environ["SLOW_FLUSH_US"] == "7"


def test_without_a_compiler_it_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoCompilerError, match="C compiler"):
        build(tmp_path)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
def test_a_compiler_that_fails_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fails = subprocess.CompletedProcess([], 1, "", "no such header")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: fails)
    with pytest.raises(NoCompilerError, match="no such header"):
        build(tmp_path)
