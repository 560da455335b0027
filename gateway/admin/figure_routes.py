"""The route of what moved in the last minutes."""

from gateway.admin import figure_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

FIGURE_ROUTES: tuple[Route, ...] = (
    Route(
        name="figures",
        method="GET",
        path=f"{PREFIX}/figures",
        roles=frozenset(Role),
        summary="Messages that moved, minute by minute",
        query=figure_shapes.FiguresQuery,
        answer=figure_shapes.Figures,
    ),
)
