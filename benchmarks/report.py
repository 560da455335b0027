"""What was found, for programs and for people."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeAlias, cast

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, spell
from benchmarks.machine import told
from benchmarks.running import Results

Document: TypeAlias = dict[str, object]


def document(results: Results, machine: Document, *, is_quick: bool) -> Document:
    """Return all that was found as one JSON object.

    `goals` says of each goal what it is, what was reached and whether that is enough;
    `figures` holds everything that was measured.
    """
    return {
        "goals": [_goal(one) for one in results.figures if one.goal is not None],
        "machine": machine,
        "figures": [_plain(one) for one in results.figures],
        "failures": [asdict(one) for one in results.failures],
        "seconds": results.took_s,
        "quick": is_quick,
    }


def _goal(figure: Figure) -> Document:
    return {
        "name": figure.name,
        "value": figure.value,
        "goal": figure.goal,
        "met": figure.is_met,
        "scenario": figure.scenario,
        "at_most": figure.is_at_most,
        "unit": figure.unit,
    }


def _plain(figure: Figure) -> Document:
    return {**asdict(figure), "context": dict(figure.context)}


def figures_of(found: Document) -> list[Figure]:
    """Return the figures that a document holds."""
    return [Figure(**one) for one in cast("list[dict[str, object]]", found["figures"])]  # type: ignore[arg-type]


def print_table(results: Results, machine: Document, console: Console) -> None:
    """Show everything that was found, and what could not be."""
    table = Table(title=told(machine), title_justify="left", title_style="")
    table.add_column("")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("met")
    table.add_column("made of")
    for one in ordered(results.figures):
        table.add_row(
            one.scenario,
            one.what,
            spell(one.value, one.unit),
            one.goal_told,
            verdict(one),
            context_told(one),
        )
    console.print(table)
    for failure in results.failures:
        console.print(f"{failure.scenario}: not measured: {failure.reason}")


def ordered(figures: Sequence[Figure]) -> list[Figure]:
    """Return figures by the number of their goal; yardsticks first."""
    return sorted(figures, key=lambda one: _number(one.scenario))


def _number(scenario: str) -> int:
    digits = "".join(filter(str.isdigit, scenario))
    return int(digits) if digits else 0


def verdict(figure: Figure) -> str:
    """Return one word on a goal; empty if there is none."""
    if figure.goal is None:
        return ""
    return "yes" if figure.is_met else "no"


def context_told(figure: Figure) -> str:
    """Return what a figure was made of, in one line."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_short(value)}"
        for name, value in figure.context.items()
    )


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.4g}"
