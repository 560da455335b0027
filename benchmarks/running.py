"""Running scenarios one after the other; one that fails costs the others nothing."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, Setting
from benchmarks.loop_stalls import longest_stall_ms
from benchmarks.registry import LAST, Scenario

STALL = "longest_loop_stall_"
"""Begins the name of the figure that every scenario leaves for `stalls`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A scenario that could not be measured to its end."""

    scenario: str
    reason: str


@dataclass(slots=True)
class Results:
    """What a run has found so far.

    Attributes:
        took_s: Seconds that each scenario took.
    """

    figures: list[Figure] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    took_s: dict[str, float] = field(default_factory=dict)


def run(
    scenarios: Sequence[Scenario],
    folder: Path,
    *,
    is_quick: bool,
    tell: Callable[[str], None],
) -> Results:
    """Measure scenarios, each in an empty folder of its own."""
    results = Results()
    for number, scenario in enumerate(scenarios, 1):
        tell(f"{scenario.name} ({number} of {len(scenarios)}): {scenario.summary}")
        began = time.monotonic()
        with _scratch(folder, scenario.name) as scratch:
            setting = Setting(
                folder=scratch,
                is_quick=is_quick,
                tell=lambda text: tell(f"  {text}"),
                earlier=results.figures,
            )
            _measure(scenario, setting, results)
            _note_stalls(scenario, setting, results)
        results.took_s[scenario.name] = round(time.monotonic() - began, 1)
    return results


def _measure(scenario: Scenario, setting: Setting, results: Results) -> None:
    try:
        for figure in scenario.load()(setting):
            results.figures.append(figure)
            setting.tell(figure.told)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        reason = f"{type(error).__name__}: {error}"
        results.failures.append(Failure(scenario.name, reason))
        setting.tell(f"failed: {reason}")


def _note_stalls(scenario: Scenario, setting: Setting, results: Results) -> None:
    stall_ms = longest_stall_ms(setting.folder)
    if stall_ms is None or scenario.name == LAST:
        return
    results.figures.append(
        Figure(
            scenario="S14",
            name=f"{STALL}{scenario.name}",
            what=f"longest stall of a loop in {scenario.name}",
            value=stall_ms,
            unit="ms",
        ),
    )


@contextmanager
def _scratch(folder: Path, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(
        dir=folder,
        prefix=f"mla-bench-{name}-",
        ignore_cleanup_errors=True,
    ) as place:
        yield Path(place)
