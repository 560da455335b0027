"""Routes of the monitors: what the node found in its store, and who owes what."""

from gateway.admin import watch_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_WATCHERS = frozenset({Role.AUDITOR, Role.OPERATOR})

WATCH_ROUTES = (
    Route(
        name="log_check",
        method="GET",
        path=f"{PREFIX}/log/check",
        roles=_WATCHERS,
        summary="What the node has found while checking its own store",
        answer=watch_shapes.LogCheckState,
    ),
    Route(
        name="log_owed",
        method="GET",
        path=f"{PREFIX}/log/owed",
        roles=_WATCHERS,
        summary="Who owes whom a receipt, files or an event",
        query=watch_shapes.OwedQuery,
        answer=watch_shapes.OwedPage,
        codes=("usage", "not-found"),
    ),
)
