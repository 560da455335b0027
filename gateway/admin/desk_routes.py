"""Routes of the desk: deadlines that have to be met, alarms that want somebody."""

from gateway.admin import desk_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_READERS = frozenset(Role) - {Role.SECURITY}
_DESK = frozenset({Role.CASEWORKER, Role.APPROVER, Role.OPERATOR})

_ALARMS = f"{PREFIX}/alarms"

DESK_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_deadlines",
        method="GET",
        path=f"{PREFIX}/deadlines",
        roles=_READERS,
        summary="Deadlines that somebody has to meet, the earliest first",
        query=desk_shapes.DeadlineQuery,
        answer=desk_shapes.DeadlinePage,
        codes=("usage",),
    ),
    Route(
        name="list_alarms",
        method="GET",
        path=_ALARMS,
        roles=_READERS,
        summary="What somebody has to look at, newest first",
        query=desk_shapes.AlarmQuery,
        answer=desk_shapes.AlarmPage,
    ),
    Route(
        name="claim_alarm",
        method="POST",
        path=f"{_ALARMS}/{{alarm}}/claim",
        roles=_DESK,
        summary="Look after an alarm; nobody else is asked any more",
        answer=desk_shapes.Alarm,
        codes=("not-found", "conflict"),
    ),
    Route(
        name="resolve_alarm",
        method="POST",
        path=f"{_ALARMS}/{{alarm}}/resolve",
        roles=_DESK,
        summary="An alarm is dealt with",
        body=desk_shapes.ResolveRequest,
        answer=desk_shapes.Alarm,
        codes=("not-found", "conflict"),
    ),
)
