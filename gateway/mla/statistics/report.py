"""Counting figures for a period, split as asked, ready to be published or not."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, median, quantiles
from typing import Final

from gateway.mla.statistics.facts import RequestFacts
from gateway.mla.statistics.figures import FIGURES, Counting, Figure, Timing

SMALLEST_CELL: Final = 5
"""In what is published, smaller numbers of requests are left out."""

_DAY_MS: Final = 86_400_000
_LEAST_FOR_TENTHS: Final = 2

Dimension = Callable[[RequestFacts], Iterable[str]]

DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "direction": lambda facts: [facts.direction],
    "partner": lambda facts: [facts.peer],
    "country": lambda facts: [facts.country],
    "instrument": lambda facts: [facts.instrument],
    "type": lambda facts: [facts.msg_type],
    "assist": lambda facts: facts.assists or ("",),
    "offence": lambda facts: facts.offences or ("",),
    "data_type": lambda facts: facts.data_types or ("",),
    "urgency": lambda facts: [facts.urgency],
}
"""By what figures may be split. A request of two measures counts once under each."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One number of a report.

    Attributes:
        figure: Name of the figure.
        split: Values of the dimensions, in the order asked.
        code: What it counts, where the figure splits by a code.
        unit: "count", "amount" or "days".
        requests: How many requests it rests on.
        value: The number, or the mean; None where it is suppressed.
        median: Of times; as are the two that follow.
    """

    figure: str
    split: tuple[str, ...]
    code: str
    unit: str
    requests: int
    value: Decimal | None
    median: Decimal | None = None
    ninetieth: Decimal | None = None
    longest: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What is asked for; the same query on the same facts gives the same report.

    Attributes:
        start: Requests written from this moment on, in Unix milliseconds,
        end: and before this one.
        by: Dimensions, in order.
        is_published: Whether small cells are left out.
    """

    start: int
    end: int
    by: tuple[str, ...] = ("direction", "instrument")
    is_published: bool = False


def report(facts: Iterable[RequestFacts], query: ReportQuery) -> list[ReportRow]:
    """Return every figure for which there is anything to count."""
    within = [one for one in facts if query.start <= one.opened_at < query.end]
    cells: dict[tuple[str, ...], list[RequestFacts]] = defaultdict(list)
    for one in within:
        for key in _keys(one, query.by):
            cells[key].append(one)
    rows = [
        row
        for figure in FIGURES
        for key in sorted(cells)
        for row in _rows(figure, key, cells[key])
    ]
    return [_suppressed(row) for row in rows] if query.is_published else rows


def _keys(facts: RequestFacts, by: Sequence[str]) -> Iterator[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = [()]
    for name in by:
        values = sorted(set(DIMENSIONS[name](facts)))
        keys = [(*key, value) for key in keys for value in values]
    yield from keys


def _rows(
    figure: Figure, key: tuple[str, ...], facts: Sequence[RequestFacts]
) -> Iterator[ReportRow]:
    if figure.amounts is not None:
        yield from _amounts(figure.name, figure.amounts, key, facts)
    elif figure.times is not None:
        yield from _times(figure.name, figure.times, key, facts)


def _amounts(
    name: str, counts: Counting, key: tuple[str, ...], facts: Sequence[RequestFacts]
) -> Iterator[ReportRow]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    requests: dict[str, int] = defaultdict(int)
    for one in facts:
        found = list(counts(one))
        for code, amount in found:
            totals[code] += amount
        for code in {code for code, _ in found}:
            requests[code] += 1
    unit = "amount" if name.endswith("_value") else "count"
    for code in sorted(totals):
        yield ReportRow(name, key, code, unit, requests[code], totals[code])


def _times(
    name: str, takes: Timing, key: tuple[str, ...], facts: Sequence[RequestFacts]
) -> Iterator[ReportRow]:
    found = [list(takes(one)) for one in facts]
    times = sorted(time for each in found for time in each)
    if not times:
        return
    tenths = (
        quantiles(times, n=10, method="inclusive")[-1]
        if len(times) >= _LEAST_FOR_TENTHS
        else times[0]
    )
    yield ReportRow(
        name,
        key,
        "",
        "days",
        sum(bool(each) for each in found),
        _days(fmean(times)),
        _days(median(times)),
        _days(tenths),
        _days(times[-1]),
    )


def _days(milliseconds: float) -> Decimal:
    return Decimal(milliseconds / _DAY_MS).quantize(Decimal("0.0001"))


def _suppressed(row: ReportRow) -> ReportRow:
    if row.requests >= SMALLEST_CELL:
        return row
    return ReportRow(row.figure, row.split, row.code, row.unit, 0, None)


def as_csv(rows: Iterable[ReportRow], by: Sequence[str]) -> str:
    """Return a report as CSV (RFC 4180), one row a number."""
    file = io.StringIO()
    writer = csv.writer(file)
    numbers = ("requests", "value", "median", "ninetieth", "longest")
    writer.writerow(("figure", *by, "code", "unit", *numbers))
    for row in rows:
        told = [_inert(text) for text in (row.figure, *row.split, row.code, row.unit)]
        values = (row.value, row.median, row.ninetieth, row.longest)
        requests = "" if row.value is None else str(row.requests)
        writer.writerow((*told, requests, *("" if v is None else v for v in values)))
    return file.getvalue()


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
