"""The scenario of checking a log tells what it measured."""

from pathlib import Path

import pytest

from benchmarks.figures import Setting
from benchmarks.scenarios import verify


def test_log_is_built_verified_and_measured(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "ENTRIES_QUICK", 500)
    setting = Setting(folder=tmp_path, is_quick=True, tell=print)
    seconds, memory = verify.measure(setting)
    assert seconds.value > 0
    assert seconds.context["entries"] == 500
    assert memory.value > 10
    assert seconds.goal is None, "a short log says nothing about the goal"
