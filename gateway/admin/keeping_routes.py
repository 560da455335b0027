"""Routes of retention by class: what is due, erasing it, saying that it was done."""

from gateway.admin import keeping_shapes as shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_SECURITY = frozenset({Role.SECURITY})
_SUPERVISING = _SECURITY | {Role.AUDITOR}
_KEEPING = _SUPERVISING | {Role.CASEWORKER}

_RETENTION = f"{PREFIX}/retention"

KEEPING_ROUTES: tuple[Route, ...] = (
    Route(
        name="retention_rules",
        method="GET",
        path=f"{_RETENTION}/rules",
        roles=_KEEPING,
        summary="The table of retention classes, with the periods of this node",
        answer=shapes.RetentionRules,
    ),
    Route(
        name="preview_retention",
        method="GET",
        path=_RETENTION,
        roles=_SUPERVISING,
        summary="What is due: what would go, what is held, what is to be looked at",
        query=shapes.RetentionQuery,
        answer=shapes.RetentionPreview,
    ),
    Route(
        name="run_retention",
        method="POST",
        path=f"{_RETENTION}/run",
        roles=_SECURITY,
        summary="Erase what is due, and report by count and digests",
        body=shapes.RetentionRunRequest,
        answer=shapes.RetentionReport,
        codes=("keys-unusable", "blob-failed", "needs-approval"),
    ),
    Route(
        name="review_case",
        method="POST",
        path=f"{_RETENTION}/reviews",
        roles=_KEEPING,
        summary="Record that a case is still needed",
        body=shapes.ReviewRequest,
        answer=shapes.Reviewed,
        codes=("not-found",),
    ),
    Route(
        name="disposal_report",
        method="GET",
        path=f"{_RETENTION}/disposals/{{case}}",
        roles=_KEEPING,
        summary="What was erased or given back of a case, and the form that says so",
        query=shapes.DisposalQuery,
        answer=shapes.DisposalReport,
        codes=("conflict",),
    ),
)
