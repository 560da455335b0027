"""Routes of the log for those who supervise."""

from gateway.admin import supervision_shapes as shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_AUDITOR = frozenset({Role.AUDITOR})

SUPERVISION_ROUTES: tuple[Route, ...] = (
    Route(
        name="begin_led_export",
        method="POST",
        path=f"{PREFIX}/log/led-exports",
        roles=_AUDITOR,
        summary="Log an export of the record of processing, and say which entries",
        body=shapes.BeginExportRequest,
        answer=shapes.BegunExport,
    ),
    Route(
        name="review_log",
        method="GET",
        path=f"{PREFIX}/log/review",
        roles=_AUDITOR,
        summary="Accesses of a period that somebody should look at",
        query=shapes.ReviewQuery,
        answer=shapes.ReviewList,
    ),
)
