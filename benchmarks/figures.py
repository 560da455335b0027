"""What a benchmark yields, and what it is given.

A scenario is a module of `benchmarks/scenarios` with `measure(setting)`, which yields
figures as it finds them. Speed is always a ratio to something that was measured in the
same run: machines differ, and one machine differs from one quarter of an hour to the
next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a scenario.

    Attributes:
        scenario: Which scenario it belongs to: "S5", or "L" for a yardstick.
        name: Stable, for programs: "evidence_to_limit".
        what: One line for people.
        value: As measured, not rounded.
        unit: "ratio", "ms", "s", "MiB", "/s", "MiB/s", "% of a core" and the like.
        goal: What it should be at least or at most; None if it has no goal of its own.
        is_at_most: Whether less is better.
        context: What it was made of, for the table and the reader.
    """

    scenario: str
    name: str
    what: str
    value: float
    unit: str
    goal: float | None = None
    is_at_most: bool = False
    context: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        """Tell whether the goal, if there is one, is reached."""
        if self.goal is None:
            return True
        if self.is_at_most:
            return self.value <= self.goal
        return self.value >= self.goal

    @property
    def told(self) -> str:
        """One line for people: "exchange to limit: 0.52 (goal at least 0.5)"."""
        text = f"{self.what}: {spell(self.value, self.unit)}"
        if self.goal is None:
            return text
        return f"{text} (goal {self.goal_told}{'' if self.is_met else ', missed'})"

    @property
    def goal_told(self) -> str:
        """The goal for people; empty if there is none."""
        if self.goal is None:
            return ""
        sign = "≤" if self.is_at_most else "≥"
        return f"{sign} {spell(self.goal, self.unit)}"

    @property
    def share_of_goal(self) -> float:
        """How far the goal is reached: 1 is just met, more is better than asked."""
        if self.goal is None:
            return 1.0
        over, under = (
            (self.goal, self.value) if self.is_at_most else (self.value, self.goal)
        )
        return over / under if under else float("inf")


def spell(value: float, unit: str) -> str:
    """Return a value with three digits that count, and its unit."""
    size = abs(value)
    digits = next((n for n, top in ((3, 1), (2, 10), (1, 100)) if size < top), 0)
    text = f"{value:,.{digits}f}"
    return text if unit == "ratio" else f"{text} {unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a scenario is run with.

    Attributes:
        folder: Empty, on the disk that is measured, and removed afterwards.
        is_quick: Whether to take small amounts: all scenarios in under two minutes.
        tell: Shows a line of progress.
        earlier: What the scenarios before it in this run have yielded.
    """

    folder: Path
    is_quick: bool
    tell: Callable[[str], None]
    earlier: Sequence[Figure] = ()
