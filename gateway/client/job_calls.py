"""Jobs, actions on many messages, exports and saved views; the companion of `calls`."""

from dataclasses import replace
from typing import TypeVar

from gateway.admin import job_shapes, shapes, view_shapes
from gateway.admin.contract import IDEMPOTENCY_HEADER
from gateway.client.call import Call, call_of

T = TypeVar("T")


def export_messages(query: shapes.MessageFields, form: str) -> Call[bytes]:
    """Return all messages of a filter as `csv` or `json`; the client streams them."""
    return call_of(f"export_messages_{form}", bytes, query=query)


def list_failures(since: str = "") -> Call[view_shapes.FailureList]:
    """Return why messages wait or have failed, by cause."""
    query = view_shapes.FailureQuery(since=since)
    return call_of("list_failures", view_shapes.FailureList, query=query)


def preview_bulk(
    request: job_shapes.BulkPreviewRequest,
) -> Call[job_shapes.BulkPreview]:
    """Return what an action on all messages of a filter would do."""
    return call_of("preview_bulk", job_shapes.BulkPreview, body=request, wait_s=60)


def begin_bulk(
    request: job_shapes.BulkRequest, *, idempotency_key: str = ""
) -> Call[job_shapes.Job]:
    """Do exactly what a preview showed, as a job."""
    call = call_of("begin_bulk", job_shapes.Job, body=request, wait_s=60)
    return _keyed(call, idempotency_key)


def begin_log_verification(*, idempotency_key: str = "") -> Call[job_shapes.Job]:
    """Hash every entry again, as a job."""
    return _keyed(call_of("begin_log_verification", job_shapes.Job), idempotency_key)


def list_jobs(query: job_shapes.JobQuery) -> Call[job_shapes.JobPage]:
    """Return jobs, newest first."""
    return call_of("list_jobs", job_shapes.JobPage, query=query)


def show_job(job: int) -> Call[job_shapes.Job]:
    """Return how far a job is, or what came of it."""
    return call_of("show_job", job_shapes.Job, job=str(job))


def cancel_job(job: int, reason: str = "") -> Call[job_shapes.Job]:
    """Stop a job; what it has done stays done."""
    body = job_shapes.JobCancelRequest(reason=reason)
    return call_of("cancel_job", job_shapes.Job, body=body, job=str(job))


def list_views() -> Call[view_shapes.SavedViewList]:
    """Return the caller's saved views and those shared with its roles."""
    return call_of("list_views", view_shapes.SavedViewList)


def save_view(request: view_shapes.SaveViewRequest) -> Call[view_shapes.SavedView]:
    """Keep a filter of the message list under a name."""
    return call_of("save_view", view_shapes.SavedView, body=request)


def drop_view(view: int) -> Call[None]:
    """Forget a view of one's own."""
    return call_of("drop_view", type(None), view=str(view))


def _keyed(call: Call[T], key: str) -> Call[T]:
    return replace(call, headers={IDEMPOTENCY_HEADER: key}) if key else call
