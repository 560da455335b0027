"""The parts of `docs/performance.md` that are written from what was measured."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from benchmarks.figures import Figure, spell
from benchmarks.machine import told
from benchmarks.plot import plot
from benchmarks.registry import all_scenarios
from benchmarks.report import Document, context_told, figures_of, ordered, verdict
from gateway.core.errors import NotFoundError

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
TITLE = "How far each goal is reached"


def write_page() -> None:
    """Write page and picture anew from the results that are kept.

    Raises:
        NotFoundError: No results are kept.
    """
    if not RESULTS.exists():
        raise NotFoundError(
            f"{RESULTS}: not there; measure with --out {RESULTS.parent} first",
        )
    found: Document = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(renewed(text, found), encoding="utf-8")
    PICTURE.write_text(plot(ordered(figures_of(found)), TITLE), encoding="utf-8")


def renewed(text: str, found: Document) -> str:
    """Return the text of the page with its written parts made anew."""
    parts = {"scenarios": _scenarios(), "results": _results(found)}
    for name, part in parts.items():
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            # A function: nothing in the part means anything to the pattern.
            lambda match, part=part: match[1] + part + match[2],  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
    return text


def _scenarios() -> str:
    rows = [[f"`{one.name}`", one.summary] for one in all_scenarios().values()]
    return _table(["scenario", "measures"], rows)


def _results(found: Document) -> str:
    machine = cast("Document", found["machine"])
    amounts = "small amounts (`--quick`)" if found["quick"] else "full amounts"
    head = f"Taken {machine['at']}, {amounts}, on: {told(machine)}.\n\n"
    rows = [_row(one) for one in ordered(figures_of(found))]
    columns = ["", "what", "value", "goal", "met", "made of"]
    failures = cast("Sequence[dict[str, str]]", found["failures"])
    told_failures = "".join(
        f"\n`{one['scenario']}` could not be measured: {_cell(one['reason'])}\n"
        for one in failures
    )
    return head + _table(columns, rows) + told_failures


def _row(figure: Figure) -> list[str]:
    return [
        figure.scenario,
        figure.what,
        spell(figure.value, figure.unit),
        figure.goal_told,
        verdict(figure),
        context_told(figure),
    ]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
