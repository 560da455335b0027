"""Operations of retention by class, as values that either client can send."""

from gateway.admin import keeping_shapes as shapes
from gateway.client.call import Call, call_of


def retention_rules() -> Call[shapes.RetentionRules]:
    """Return the table of retention classes."""
    return call_of("retention_rules", shapes.RetentionRules)


def preview_retention(query: shapes.RetentionQuery) -> Call[shapes.RetentionPreview]:
    """Return what is due."""
    answer = shapes.RetentionPreview
    return call_of("preview_retention", answer, query=query, wait_s=600)


def run_retention(
    request: shapes.RetentionRunRequest,
) -> Call[shapes.RetentionReport]:
    """Erase what is due."""
    answer = shapes.RetentionReport
    return call_of("run_retention", answer, body=request, wait_s=3_600)


def review_case(request: shapes.ReviewRequest) -> Call[shapes.Reviewed]:
    """Record that a case is still needed."""
    return call_of("review_case", shapes.Reviewed, body=request)


def disposal_report(
    case_id: str, query: shapes.DisposalQuery | None = None
) -> Call[shapes.DisposalReport]:
    """Return what was erased of a case, and the form that confirms it."""
    answer = shapes.DisposalReport
    return call_of("disposal_report", answer, query=query, case=case_id)
