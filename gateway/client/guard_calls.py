"""Recalls and named readers, as calls; the companion of `calls`."""

from gateway.admin import guard_shapes
from gateway.client.call import Call, call_of

_List = guard_shapes.ReaderList


def recall_message(
    message_id: str, request: guard_shapes.RecallRequest
) -> Call[guard_shapes.Recalled]:
    """Cancel a message, or have it restricted where it went."""
    return call_of("recall_message", guard_shapes.Recalled, body=request, id=message_id)


def list_readers(case_id: str) -> Call[guard_shapes.ReaderList]:
    """Return who is named for a case."""
    return call_of("list_readers", _List, case=case_id)


def grant_reader(case_id: str, name: str, reason: str) -> Call[guard_shapes.ReaderList]:
    """Name somebody for a case."""
    body = guard_shapes.ReaderRequest(name=name, reason=reason)
    return call_of("grant_reader", _List, body=body, case=case_id)


def revoke_reader(
    case_id: str, name: str, reason: str
) -> Call[guard_shapes.ReaderList]:
    """Take somebody off the list of a case."""
    body = guard_shapes.ReaderRequest(name=name, reason=reason)
    return call_of("revoke_reader", _List, body=body, case=case_id)
