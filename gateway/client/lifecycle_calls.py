"""Operations on holds and about people, as values that either client can send."""

from gateway.admin import lifecycle_shapes as shapes
from gateway.client.call import Call, call_of


def list_holds() -> Call[shapes.HoldList]:
    """Return all legal holds."""
    return call_of("list_holds", shapes.HoldList)


def add_hold(request: shapes.AddHoldRequest) -> Call[shapes.Hold]:
    """Set a legal hold."""
    return call_of("add_hold", shapes.Hold, body=request)


def lift_hold(hold_id: str, request: shapes.LiftHoldRequest) -> Call[shapes.Lifted]:
    """Lift a legal hold that somebody else has set."""
    return call_of("lift_hold", shapes.Lifted, body=request, hold=hold_id)


def search_subjects(
    request: shapes.SubjectSearchRequest,
) -> Call[shapes.SubjectCandidates]:
    """Return who may be meant; the search is logged first."""
    return call_of("search_subjects", shapes.SubjectCandidates, body=request)


def list_subject_requests(
    query: shapes.SubjectRequestsQuery,
) -> Call[shapes.SubjectRequestList]:
    """Return what people have asked about data on them."""
    return call_of("list_subject_requests", shapes.SubjectRequestList, query=query)


def add_subject_request(
    request: shapes.AddSubjectRequest,
) -> Call[shapes.RegisteredRequest]:
    """Register a request of a person."""
    return call_of("add_subject_request", shapes.RegisteredRequest, body=request)


def delay_subject_request(
    request_id: str, request: shapes.DelaySubjectRequest
) -> Call[shapes.RegisteredRequest]:
    """Delay information to the person."""
    answer = shapes.RegisteredRequest
    return call_of("delay_subject_request", answer, body=request, request=request_id)


def close_subject_request(
    request_id: str, request: shapes.CloseSubjectRequest
) -> Call[shapes.RegisteredRequest]:
    """Close a request with its outcome."""
    answer = shapes.RegisteredRequest
    return call_of("close_subject_request", answer, body=request, request=request_id)
