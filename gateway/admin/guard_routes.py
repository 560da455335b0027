"""Routes of recalls and of the people named for a case."""

from gateway.admin import guard_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_NAMING = frozenset({Role.APPROVER, Role.SECURITY})
_READERS = f"{PREFIX}/cases/{{case}}/readers"

GUARD_ROUTES: tuple[Route, ...] = (
    Route(
        name="recall_message",
        method="POST",
        path=f"{PREFIX}/messages/{{id}}/recall",
        roles=frozenset({Role.CASEWORKER}),
        summary="Cancel a message, or have it restricted where it went",
        body=guard_shapes.RecallRequest,
        answer=guard_shapes.Recalled,
        codes=("conflict", "invalid-form"),
    ),
    Route(
        name="list_readers",
        method="GET",
        path=_READERS,
        roles=_NAMING | {Role.CASEWORKER, Role.AUDITOR},
        summary="Who is named for a case whose markings ask for names",
        answer=guard_shapes.ReaderList,
    ),
    Route(
        name="grant_reader",
        method="POST",
        path=f"{_READERS}/grant",
        roles=_NAMING,
        summary="Name somebody for a case",
        body=guard_shapes.ReaderRequest,
        answer=guard_shapes.ReaderList,
        codes=("conflict",),
    ),
    Route(
        name="revoke_reader",
        method="POST",
        path=f"{_READERS}/revoke",
        roles=_NAMING,
        summary="Take somebody off the list of a case",
        body=guard_shapes.ReaderRequest,
        answer=guard_shapes.ReaderList,
    ),
)
