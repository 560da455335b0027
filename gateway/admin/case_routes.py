"""Routes of cases: where each stands, and what may come next."""

from gateway.admin import case_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_READERS = frozenset(Role) - {Role.SECURITY}

CASE_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_cases",
        method="GET",
        path=f"{PREFIX}/cases",
        roles=_READERS,
        summary="Cases and where they stand, newest first",
        query=case_shapes.CaseQuery,
        answer=case_shapes.CasePage,
        codes=("usage",),
    ),
    Route(
        name="show_case",
        method="GET",
        path=f"{PREFIX}/cases/{{id}}",
        roles=_READERS,
        summary="A case as a whole, and who may send what next",
        query=case_shapes.OneCaseQuery,
        answer=case_shapes.Case,
        codes=("usage", "not-found"),
    ),
)
