"""Routes of legal holds, and of what people may ask about data on them."""

from gateway.admin import lifecycle_shapes as shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_SUPERVISING = frozenset({Role.SECURITY, Role.AUDITOR})
_HOLDING = _SUPERVISING | {Role.CASEWORKER}

_HOLDS = f"{PREFIX}/holds"
_SUBJECTS = f"{PREFIX}/subjects"
_REQUESTS = f"{_SUBJECTS}/requests"

LIFECYCLE_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_holds",
        method="GET",
        path=_HOLDS,
        roles=_HOLDING,
        summary="All legal holds",
        answer=shapes.HoldList,
    ),
    Route(
        name="add_hold",
        method="POST",
        path=_HOLDS,
        roles=_HOLDING,
        summary="Keep a case, a message or all about a person from being erased",
        body=shapes.AddHoldRequest,
        answer=shapes.Hold,
        status=201,
        codes=("not-found", "conflict"),
    ),
    Route(
        name="lift_hold",
        method="POST",
        path=f"{_HOLDS}/{{hold}}/lift",
        roles=_SUPERVISING,
        summary="Lift a legal hold that somebody else has set",
        body=shapes.LiftHoldRequest,
        answer=shapes.Lifted,
    ),
    Route(
        name="search_subjects",
        method="POST",
        path=f"{_SUBJECTS}/search",
        roles=_SUPERVISING,
        summary="Log a search for a person, then return who may be meant",
        body=shapes.SubjectSearchRequest,
        answer=shapes.SubjectCandidates,
        codes=("not-found", "conflict", "needs-approval"),
    ),
    Route(
        name="list_subject_requests",
        method="GET",
        path=_REQUESTS,
        roles=_SUPERVISING,
        summary="What people have asked about data on them, the first due first",
        query=shapes.SubjectRequestsQuery,
        answer=shapes.SubjectRequestList,
    ),
    Route(
        name="add_subject_request",
        method="POST",
        path=_REQUESTS,
        roles=_SUPERVISING,
        summary="Register a request of a person",
        body=shapes.AddSubjectRequest,
        answer=shapes.RegisteredRequest,
        status=201,
        codes=("conflict",),
    ),
    Route(
        name="delay_subject_request",
        method="POST",
        path=f"{_REQUESTS}/{{request}}/delay",
        roles=_SUPERVISING,
        summary="Delay information to the person, with a reason and a review",
        body=shapes.DelaySubjectRequest,
        answer=shapes.RegisteredRequest,
        codes=("conflict",),
    ),
    Route(
        name="close_subject_request",
        method="POST",
        path=f"{_REQUESTS}/{{request}}/close",
        roles=_SUPERVISING,
        summary="Close a request with its outcome",
        body=shapes.CloseSubjectRequest,
        answer=shapes.RegisteredRequest,
        codes=("conflict",),
    ),
)
