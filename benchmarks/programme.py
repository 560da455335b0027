"""What `python -m benchmarks` and `mla-gateway bench` do."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import machine
from benchmarks.performance_page import TITLE
from benchmarks.plot import plot
from benchmarks.registry import chosen
from benchmarks.report import Document, document, ordered, print_table
from benchmarks.running import Results, run

ALL_MET, SOME_MISSED, NOT_MEASURED = 0, 1, 2
RESULTS_FILE, PLOT_FILE = "latest.json", "latest.svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be measured, and what becomes of it.

    Attributes:
        scenarios: Names; empty for all.
        is_quick: Whether to take small amounts.
        as_json: Whether stdout gets one JSON object instead of a table.
        folder: Where scratch files go; None for a disk that is looked for.
        out: Folder for results and plot; None to write none.
    """

    scenarios: tuple[str, ...] = ()
    is_quick: bool = False
    as_json: bool = False
    folder: Path | None = None
    out: Path | None = None


def measure(asked: Asked) -> int:
    """Measure, show what was found, and return the exit status.

    Raises:
        NoSuchScenarioError: A scenario was asked for that does not exist.
    """
    wanted = chosen(asked.scenarios)
    place = asked.folder or machine.disk_folder()
    if machine.is_in_memory(place):
        tell(f"{place} lies in memory: flushes cost nothing there, figures flatter")
    about: Document = {**machine.describe(place)}
    results = run(wanted, place, is_quick=asked.is_quick, tell=tell)
    found = document(results, about, is_quick=asked.is_quick)
    if asked.out:
        write(found, results, asked.out)
    if asked.as_json:
        print(json.dumps(found, indent=1))
    else:
        print_table(results, about, Console(soft_wrap=not sys.stdout.isatty()))
    return status(results)


def write(found: Document, results: Results, out: Path) -> None:
    """Write what was found, and its picture, into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1) + "\n"
    (out / RESULTS_FILE).write_text(text, encoding="utf-8")
    picture = plot(ordered(results.figures), TITLE)
    (out / PLOT_FILE).write_text(picture, encoding="utf-8")


def status(results: Results) -> int:
    """Return the exit status that says how it went."""
    if results.failures:
        return NOT_MEASURED
    return ALL_MET if all(one.is_met for one in results.figures) else SOME_MISSED


def tell(text: str) -> None:
    """Show a line of progress."""
    print(text, file=sys.stderr, flush=True)
