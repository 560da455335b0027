"""Routes of time stamps of the log."""

from gateway.admin import stamp_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_ROLES = frozenset({Role.AUDITOR, Role.SECURITY})
_STAMPS = f"{PREFIX}/log/stamps"

STAMP_ROUTES: tuple[Route, ...] = (
    Route(
        name="log_stamps",
        method="GET",
        path=_STAMPS,
        roles=_ROLES,
        summary="Time stamps of the log, with what the authority answered",
        query=stamp_shapes.StampsQuery,
        answer=stamp_shapes.LogStamps,
    ),
    Route(
        name="stamp_log",
        method="POST",
        path=_STAMPS,
        roles=_ROLES,
        summary="Get a time stamp over the log as it stands, now",
        answer=stamp_shapes.LogStamp,
        codes=("conflict", "unreachable", "verification-failed"),
    ),
)
