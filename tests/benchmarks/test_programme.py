"""The benchmark programme: what it runs, what it says, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks import machine, programme, registry, scenarios
from benchmarks.figures import Figure
from benchmarks.plot import plot
from benchmarks.programme import Asked, measure
from benchmarks.report import document, figures_of, print_table
from benchmarks.running import Failure, Results
from gateway.cli.main import cli
from gateway.core.errors import NoSuchScenarioError

_WORKS = '''"""Works.

More of it.
"""
from benchmarks.figures import Figure
def measure(setting):
    (setting.folder / "file").write_text("x")
    assert len(list(setting.folder.iterdir())) == 1
    yield Figure(scenario="S2", name="b", what="B", value=9.0, unit="ms", goal=8.0,
                 is_at_most=True)
    yield Figure(scenario="S1", name="a", what="A", value=0.6, unit="ratio", goal=0.5)
'''
_FAILS = '''"""Fails."""
from benchmarks.figures import Figure
def measure(setting):
    yield Figure(scenario="S3", name="c", what="C", value=1.0, unit="s")
    raise RuntimeError("no such machine")
'''


@pytest.fixture
def two_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put two scenarios in the place of all, and give a folder for scratch files."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "works.py").write_text(_WORKS)
    (folder / "fails.py").write_text(_FAILS)
    monkeypatch.setattr(scenarios, "__path__", [str(folder)])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    yield scratch
    assert list(scratch.iterdir()) == []


def _figure(value: float, goal: float | None, *, is_at_most: bool = False) -> Figure:
    return Figure(
        scenario="S1",
        name="x",
        what="X & <y>",
        value=value,
        unit="ratio",
        goal=goal,
        is_at_most=is_at_most,
        context={"of": 2.0, "peer": "one"},
    )


def test_a_scenario_that_fails_is_told_and_the_others_run(
    two_scenarios: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = measure(Asked(as_json=True, folder=two_scenarios))

    output = capsys.readouterr()
    found = json.loads(output.out)
    assert code == programme.NOT_MEASURED
    assert found["failures"] == [
        {"scenario": "fails", "reason": "RuntimeError: no such machine"},
    ]
    assert {(one["name"], one["met"]) for one in found["goals"]} == {
        ("a", True),
        ("b", False),
    }
    assert {one["name"] for one in found["figures"]} == {"a", "b", "c"}
    assert found["machine"]["cores"] >= 1
    assert "works (2 of 2): Works." in output.err
    assert "B: 9.00 ms (goal ≤ 8.00 ms, missed)" in output.err


def test_a_missed_goal_is_told_by_the_exit_status(two_scenarios: Path) -> None:
    asked = Asked(scenarios=("works",), folder=two_scenarios)

    assert measure(asked) == programme.SOME_MISSED
    assert programme.status(Results(figures=[_figure(1, 1)])) == programme.ALL_MET


def test_results_and_plot_are_written(two_scenarios: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"

    measure(Asked(scenarios=("works",), folder=two_scenarios, out=out))

    found = json.loads((out / programme.RESULTS_FILE).read_text())
    assert [one.name for one in figures_of(found)] == ["b", "a"]
    assert "S2 B" in (out / programme.PLOT_FILE).read_text()


def test_a_scenario_that_does_not_exist_is_refused(two_scenarios: Path) -> None:
    with pytest.raises(NoSuchScenarioError, match="there are fails, works"):
        measure(Asked(scenarios=("other",), folder=two_scenarios))


def test_scenarios_are_run_in_their_order_once(two_scenarios: Path) -> None:
    assert two_scenarios.exists()
    found = registry.chosen(("works", "fails", "works"))

    assert [one.name for one in found] == ["fails", "works"]


def test_every_scenario_says_what_it_measures() -> None:
    for one in registry.all_scenarios().values():
        assert one.summary, one.name


def test_a_goal_is_reached_from_either_side() -> None:
    assert _figure(2, 1).share_of_goal == 2
    assert _figure(2, 1, is_at_most=True).share_of_goal == 0.5
    assert not _figure(2, 1, is_at_most=True).is_met
    assert _figure(0, 1).share_of_goal == 0
    assert _figure(0, 1, is_at_most=True).share_of_goal == float("inf")
    assert _figure(7, None).is_met


@pytest.mark.parametrize("value", [0.0, 0.01, 1.0, 4.2, 1e9])
def test_the_plot_is_well_formed_and_stays_in_its_frame(value: float) -> None:
    picture = plot([_figure(value, 1.0), _figure(value, None)], "A & B")

    root = ET.fromstring(picture)  # noqa: S314 - our own
    width = float(root.attrib["width"])
    bars = [one for one in root if one.tag.endswith("rect")][1:]
    assert len(bars) == 1
    for bar in bars:
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width


def test_the_table_shows_figures_and_failures() -> None:
    results = Results([_figure(1234.5, None)], [Failure("api", "no reason")])
    console = Console(record=True, width=160)

    print_table(results, dict(machine.describe(Path.cwd())), console)

    text = console.export_text()
    assert "1,234" in text
    assert "of 2, peer one" in text
    assert "api: not measured: no reason" in text


def test_a_document_holds_what_can_be_shown_again() -> None:
    results = Results([_figure(0.6, 0.5)])

    found = json.loads(json.dumps(document(results, {}, is_quick=True)))

    assert figures_of(found) == results.figures
    assert found["goals"][0] == {
        "name": "x",
        "value": 0.6,
        "goal": 0.5,
        "met": True,
        "scenario": "S1",
        "at_most": False,
        "unit": "ratio",
    }


def test_scratch_files_go_to_a_disk_unless_told_otherwise() -> None:
    assert machine.file_system(Path("/proc")) == "proc"
    if Path("/dev/shm").exists():  # noqa: S108 - only looked at
        assert machine.is_in_memory(Path("/dev/shm"))  # noqa: S108
    assert machine.disk_folder().is_dir()


def test_the_command_runs_it(
    two_scenarios: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["bench", "works", "--json", "--folder", str(two_scenarios)]
    code = cli.main(words, standalone_mode=False)

    assert code == programme.SOME_MISSED
    assert json.loads(capsys.readouterr().out)["seconds"].keys() == {"works"}


def test_the_command_says_that_it_needs_the_source_tree(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("gateway.__file__", str(tmp_path / "gateway" / "__init__.py"))

    assert cli.main(["bench"], standalone_mode=False) == 2
    assert "make bench" in capsys.readouterr().err
