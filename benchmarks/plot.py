"""A picture of how far each goal is reached, drawn by hand: no library is needed."""

from collections.abc import Sequence
from html import escape
from math import log2

from benchmarks.figures import Figure, spell

_ROW_PX = 26
_LEFT_PX = 330
_BAR_PX = 380
_RIGHT_PX = 190
_TOP_PX = 56
_MET, _MISSED = "#2b7a4b", "#b3402a"
# A quarter of the goal lies at the left end, eight times it at the right one.
_LOWEST, _HIGHEST = -2.0, 3.0


def plot(figures: Sequence[Figure], title: str) -> str:
    """Return an SVG picture with one bar a goal, from the line at which it is met.

    To the right of the line is better than asked. The scale doubles with each mark.
    """
    goals = [one for one in figures if one.goal is not None]
    height = _TOP_PX + _ROW_PX * len(goals) + 16
    width = _LEFT_PX + _BAR_PX + _RIGHT_PX
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="sans-serif" '
            f'font-size="13">'
        ),
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        _text(10, 20, title, weight="bold"),
        *_scale(height),
    ]
    for row, figure in enumerate(goals):
        parts.extend(_bar(figure, _TOP_PX + row * _ROW_PX))
    return "\n".join([*parts, "</svg>", ""])


def _scale(height: int) -> list[str]:
    parts = []
    for power in range(int(_LOWEST), int(_HIGHEST) + 1):
        at = _place(power)
        colour = "#333" if power == 0 else "#ddd"
        label = "goal" if power == 0 else f"{2.0**power:g} x"
        parts.append(
            f'<line x1="{at}" x2="{at}" y1="{_TOP_PX - 8}" y2="{height - 10}" '
            f'stroke="{colour}"/>',
        )
        parts.append(_text(at, _TOP_PX - 14, label, anchor="middle"))
    return parts


def _bar(figure: Figure, top: int) -> list[str]:
    reached = figure.share_of_goal
    power = log2(reached) if reached > 0 else _LOWEST
    ends = sorted((_place(0), _place(min(max(power, _LOWEST), _HIGHEST))))
    colour = _MET if figure.is_met else _MISSED
    label = f"{figure.scenario} {figure.what}"
    told = f"{spell(figure.value, figure.unit)}  ({figure.goal_told})"
    base = top + _ROW_PX // 2 + 4
    return [
        (
            f'<rect x="{ends[0]}" y="{top + 4}" width="{max(ends[1] - ends[0], 2)}" '
            f'height="{_ROW_PX - 9}" fill="{colour}"/>'
        ),
        _text(_LEFT_PX - 10, base, _cut(label), anchor="end"),
        _text(_LEFT_PX + _BAR_PX + 10, base, told, colour=colour),
    ]


def _place(power: float) -> int:
    return round(_LEFT_PX + _BAR_PX * (power - _LOWEST) / (_HIGHEST - _LOWEST))


def _cut(label: str, longest: int = 46) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def _text(
    x: int,
    y: int,
    words: str,
    *,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = "#222",
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{colour}">{escape(words)}</text>'
    )
