"""Routes of jobs, of actions on many messages, and of what goes with the list."""

from gateway.admin import job_shapes, view_shapes
from gateway.admin.route import PREFIX, Media, Route
from gateway.admin.shapes import MessageFields
from gateway.core.operators import Role

_OPERATOR = frozenset({Role.OPERATOR})
_AUDITOR = frozenset({Role.AUDITOR})
_READERS = frozenset(Role) - {Role.SECURITY}
_SEEING = frozenset({Role.OPERATOR, Role.AUDITOR, Role.SECURITY})

_MESSAGES = f"{PREFIX}/messages"
_JOBS = f"{PREFIX}/jobs"
_VIEWS = f"{PREFIX}/views"

JOB_ROUTES: tuple[Route, ...] = (
    Route(
        name="export_messages_csv",
        method="GET",
        path=f"{_MESSAGES}/csv",
        roles=_READERS,
        summary="Metadata of all messages of a filter as CSV, newest first",
        query=MessageFields,
        media=Media.CSV,
        gives_stream=True,
    ),
    Route(
        name="export_messages_json",
        method="GET",
        path=f"{_MESSAGES}/json",
        roles=_READERS,
        summary="The same as a JSON array, one message a line",
        query=MessageFields,
        media=Media.JSON,
        gives_stream=True,
    ),
    Route(
        name="list_failures",
        method="GET",
        path=f"{PREFIX}/failures",
        roles=_READERS,
        summary="Why messages wait or have failed, by cause",
        query=view_shapes.FailureQuery,
        answer=view_shapes.FailureList,
    ),
    Route(
        name="preview_bulk",
        method="POST",
        path=f"{_MESSAGES}/bulk/preview",
        roles=_OPERATOR,
        summary="What an action on all messages of a filter would do",
        body=job_shapes.BulkPreviewRequest,
        answer=job_shapes.BulkPreview,
    ),
    Route(
        name="begin_bulk",
        method="POST",
        path=f"{_MESSAGES}/bulk",
        roles=_OPERATOR,
        summary="Do exactly what a preview showed, as a job",
        body=job_shapes.BulkRequest,
        answer=job_shapes.Job,
        status=202,
        codes=("conflict",),
        takes_key=True,
    ),
    Route(
        name="begin_log_verification",
        method="POST",
        path=f"{PREFIX}/log/verifications",
        roles=_AUDITOR,
        summary="Hash every entry again and compare with what was signed, as a job",
        answer=job_shapes.Job,
        status=202,
        codes=("conflict",),
        takes_key=True,
    ),
    Route(
        name="list_jobs",
        method="GET",
        path=_JOBS,
        roles=_SEEING,
        summary="Long work that was asked for, newest first",
        query=job_shapes.JobQuery,
        answer=job_shapes.JobPage,
    ),
    Route(
        name="show_job",
        method="GET",
        path=f"{_JOBS}/{{job}}",
        roles=_SEEING,
        summary="How far a job is, or what came of it",
        answer=job_shapes.Job,
    ),
    Route(
        name="cancel_job",
        method="POST",
        path=f"{_JOBS}/{{job}}/cancel",
        roles=_SEEING,
        summary="Stop a job; what it has done stays done",
        body=job_shapes.JobCancelRequest,
        answer=job_shapes.Job,
        codes=("conflict",),
    ),
    Route(
        name="list_views",
        method="GET",
        path=_VIEWS,
        roles=_READERS,
        summary="Saved views of the message list: the caller's, and shared ones",
        answer=view_shapes.SavedViewList,
    ),
    Route(
        name="save_view",
        method="POST",
        path=_VIEWS,
        roles=_READERS,
        summary="Keep a filter of the message list under a name",
        body=view_shapes.SaveViewRequest,
        answer=view_shapes.SavedView,
        status=201,
        codes=("conflict",),
    ),
    Route(
        name="drop_view",
        method="DELETE",
        path=f"{_VIEWS}/{{view}}",
        roles=_READERS,
        summary="Forget a view of one's own",
        status=204,
    ),
)
