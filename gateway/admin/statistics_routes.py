"""Routes of the figures that authorities report."""

from gateway.admin import statistics_shapes
from gateway.admin.route import PREFIX, Media, Route
from gateway.core.operators import Role

_READERS = frozenset(Role) - {Role.SECURITY}
_STATISTICS = f"{PREFIX}/statistics"

STATISTICS_ROUTES: tuple[Route, ...] = (
    Route(
        name="statistics",
        method="GET",
        path=_STATISTICS,
        roles=_READERS,
        summary="Figures of the requests of a period, split as asked",
        query=statistics_shapes.StatisticsQuery,
        answer=statistics_shapes.Statistics,
    ),
    Route(
        name="statistics_csv",
        method="GET",
        path=f"{_STATISTICS}/csv",
        roles=_READERS,
        summary="The same figures as CSV, one row a number",
        query=statistics_shapes.StatisticsQuery,
        media=Media.CSV,
    ),
)
