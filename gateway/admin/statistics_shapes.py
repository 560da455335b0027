"""Shapes of the figures that authorities report."""

from typing import Annotated

from msgspec import Meta

from gateway.admin.shapes import Answer, Request

Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Dimensions = Annotated[str, Meta(pattern=r"^[a-z_]*(,[a-z_]+)*\Z", max_length=200)]


class StatisticsQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which figures.

    Attributes:
        since: First day, UTC, that requests were written on.
        until: The day after the last.
        by: Dimensions to split by, separated by commas; empty for one total.
        published: Whether numbers that rest on fewer than five requests are left out.
    """

    since: Day
    until: Day
    by: Dimensions = "direction,instrument"
    published: bool = False


class StatisticsRow(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """One number.

    Attributes:
        figure: Its name; what it is stands under `figures`.
        split: Values of the dimensions, in their order.
        code: What is counted, where the figure splits by a code.
        unit: `count`, `amount`, or `days` of which `value` is the mean.
        requests: How many requests it rests on.
        value: Decimal text; absent where it is left out for being small.
        median: Of times, as are the two that follow.
    """

    figure: str
    split: tuple[str, ...]
    unit: str
    code: str = ""
    requests: int = 0
    value: str = ""
    median: str = ""
    ninetieth: str = ""
    longest: str = ""


class StatisticsFigure(Answer, frozen=True, kw_only=True):
    """What a figure is, and who asks for it."""

    name: str
    en: str
    fr: str
    source: str


class Statistics(Answer, frozen=True, kw_only=True):
    """Figures of a period."""

    since: str
    until: str
    by: tuple[str, ...]
    figures: tuple[StatisticsFigure, ...]
    rows: tuple[StatisticsRow, ...]
