"""The figures that authorities report, as JSON and as CSV."""

from datetime import UTC, datetime
from decimal import Decimal

from gateway.admin.asked import Asked
from gateway.admin.services import AdminServices
from gateway.admin.statistics_shapes import (
    Statistics,
    StatisticsFigure,
    StatisticsQuery,
    StatisticsRow,
)
from gateway.admin.views import ViewLog
from gateway.core.errors import NotAllowedError, UsageError
from gateway.mla.statistics.figures import FIGURES
from gateway.mla.statistics.report import ReportQuery, ReportRow, as_csv


class StatisticsHandlers:
    """Answers with figures; asking is logged like any other look."""

    def __init__(self, services: AdminServices, views: ViewLog) -> None:
        self._statistics = services.statistics
        self._views = views

    async def report(self, asked: Asked) -> Statistics:
        """Return the figures of a period."""
        given = asked.filters(StatisticsQuery)
        query, rows = await self._rows(asked, given)
        shown = {row.figure for row in rows}
        return Statistics(
            since=given.since,
            until=given.until,
            by=query.by,
            figures=tuple(
                StatisticsFigure(
                    name=one.name, en=one.words[0], fr=one.words[1], source=one.source
                )
                for one in FIGURES
                if one.name in shown
            ),
            rows=tuple(map(_row, rows)),
        )

    async def csv(self, asked: Asked) -> bytes:
        """Return the same as CSV."""
        query, rows = await self._rows(asked, asked.filters(StatisticsQuery))
        return as_csv(rows, query.by).encode()

    async def _rows(
        self, asked: Asked, given: StatisticsQuery
    ) -> tuple[ReportQuery, list[ReportRow]]:
        if asked.scope is not None:
            raise NotAllowedError(
                "statistics: they count the cases of all units; for a role beyond "
                "caseworker"
            )
        query = ReportQuery(
            start=_midnight(given.since, "since"),
            end=_midnight(given.until, "until"),
            by=tuple(filter(None, given.by.split(","))),
            is_published=given.published,
        )
        rows = await self._statistics.report(query)
        told = f"statistics since={given.since} until={given.until} by={given.by}"
        await self._views.note(asked, told, len(rows))
        return query, rows


def _midnight(day: str, name: str) -> int:
    try:
        moment = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(
            f"{name}: no such day, expected one like 2026-01-31"
        ) from error
    return round(moment.timestamp() * 1000)


def _row(row: ReportRow) -> StatisticsRow:
    return StatisticsRow(
        figure=row.figure,
        split=row.split,
        unit=row.unit,
        code=row.code,
        requests=row.requests,
        value=_text(row.value),
        median=_text(row.median),
        ninetieth=_text(row.ninetieth),
        longest=_text(row.longest),
    )


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"
