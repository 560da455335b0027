"""Routes of treaties and service profiles."""

from gateway.admin import legal_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_EVERYBODY = frozenset(Role)

LEGAL_ROUTES = (
    Route(
        name="list_treaties",
        method="GET",
        path=f"{PREFIX}/treaties",
        roles=_EVERYBODY,
        summary="Our treaty table in short, by country",
        query=legal_shapes.TreatiesQuery,
        answer=legal_shapes.TreatyOverview,
    ),
    Route(
        name="show_treaties",
        method="GET",
        path=f"{PREFIX}/treaties/{{country}}",
        roles=_EVERYBODY,
        summary="What is in force with a country, and on which terms",
        answer=legal_shapes.Country,
        codes=("usage", "not-found"),
    ),
    Route(
        name="show_profile",
        method="GET",
        path=f"{PREFIX}/profile",
        roles=_EVERYBODY,
        summary="What we publish of our service with our card",
        answer=legal_shapes.OwnProfile,
    ),
)
