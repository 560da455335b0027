"""Routes of what people stop: all exchange for a while, and that with one peer."""

from gateway.admin import halt_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_CONNECTIVITY = frozenset({Role.OPERATOR, Role.SECURITY})
_LOOKING = _CONNECTIVITY | {Role.AUDITOR}
_MAINTENANCE = f"{PREFIX}/maintenance"

HALT_ROUTES: tuple[Route, ...] = (
    Route(
        name="show_maintenance",
        method="GET",
        path=_MAINTENANCE,
        roles=frozenset(Role),
        summary="Whether this node is being maintained, and until when",
        answer=halt_shapes.Maintenance,
    ),
    Route(
        name="begin_maintenance",
        method="PUT",
        path=_MAINTENANCE,
        roles=_CONNECTIVITY,
        summary="Tell peers to come later and send nothing, until a moment",
        body=halt_shapes.MaintenanceRequest,
        answer=halt_shapes.Maintenance,
    ),
    Route(
        name="end_maintenance",
        method="DELETE",
        path=_MAINTENANCE,
        roles=_CONNECTIVITY,
        summary="Go on with all peers before that moment",
        status=204,
        codes=("conflict",),
    ),
    Route(
        name="begin_incident",
        method="POST",
        path=f"{PREFIX}/peers/{{peer}}/incident",
        roles=_CONNECTIVITY,
        summary="Stop both directions with a peer at once; what came of it is suspect",
        body=halt_shapes.IncidentRequest,
        answer=halt_shapes.Incident,
    ),
    Route(
        name="show_exchanged",
        method="GET",
        path=f"{PREFIX}/peers/{{peer}}/exchanged",
        roles=_LOOKING,
        summary="What was exchanged with a peer and opened since a moment",
        query=halt_shapes.ExchangedQuery,
        answer=halt_shapes.Exchanged,
    ),
)
