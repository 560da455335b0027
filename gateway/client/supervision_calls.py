"""Operations on the log for those who supervise, as values either client can send."""

from gateway.admin import supervision_shapes as shapes
from gateway.client.call import Call, call_of


def begin_led_export(request: shapes.BeginExportRequest) -> Call[shapes.BegunExport]:
    """Log an export, and return which entries it is of."""
    return call_of("begin_led_export", shapes.BegunExport, body=request)


def review_log(query: shapes.ReviewQuery) -> Call[shapes.ReviewList]:
    """Return what somebody should look at."""
    return call_of("review_log", shapes.ReviewList, query=query, wait_s=600)
