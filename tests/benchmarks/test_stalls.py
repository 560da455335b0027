"""Stalls of nodes' loops are read from what the nodes say, in either style of log."""

from pathlib import Path

import pytest

from benchmarks.figures import Figure, Setting
from benchmarks.loop_stalls import longest_stall_ms
from benchmarks.running import STALL
from benchmarks.scenarios import stalls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"longest_stall_ms":41,"event":"loop_watched"}\n', 41),
        ('{"longest_stall_ms": 41}\n{"stall_ms": 130, "event": "loop_stalled"}\n', 130),
        ("loop_watched    longest_stall_ms=7 \n", 7),
        ("\x1b[36mstall_ms\x1b[0m=\x1b[35m152\x1b[0m\n", 152),
        ("node_ready\n", None),
    ],
)
def test_the_longest_stall_is_found(
    tmp_path: Path,
    text: str,
    expected: float | None,
) -> None:
    (tmp_path / "ee").mkdir()
    (tmp_path / "ee" / "demo.log").write_text(text)

    assert longest_stall_ms(tmp_path) == expected


def test_the_longest_of_all_scenarios_is_given(tmp_path: Path) -> None:
    earlier = [
        Figure(scenario="S14", name=f"{STALL}{name}", what="", value=value, unit="ms")
        for name, value in (("api", 90.0), ("evidence", 101.0))
    ]
    setting = Setting(folder=tmp_path, is_quick=True, tell=print, earlier=earlier)

    (figure,) = stalls.measure(setting)

    assert (figure.value, figure.is_met) == (101.0, False)
    assert figure.context["during"] == "evidence"
