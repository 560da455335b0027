"""Routes of people and systems of this authority."""

from gateway.admin import people_shapes
from gateway.admin.route import PREFIX, Route
from gateway.core.operators import Role

_ANYONE = frozenset(Role)
_SECURITY = frozenset({Role.SECURITY})

PEOPLE_ROUTES: tuple[Route, ...] = (
    Route(
        name="session",
        method="GET",
        path=f"{PREFIX}/session",
        roles=_ANYONE,
        summary="Who the caller is to this node",
        answer=people_shapes.Session,
    ),
    Route(
        name="list_operators",
        method="GET",
        path=f"{PREFIX}/operators",
        roles=_SECURITY,
        summary="All accounts",
        answer=people_shapes.OperatorList,
    ),
    Route(
        name="add_operator",
        method="POST",
        path=f"{PREFIX}/operators",
        roles=_SECURITY,
        summary="Add an account",
        body=people_shapes.AddOperatorRequest,
        answer=people_shapes.Operator,
        status=201,
        codes=("conflict", "needs-approval"),
    ),
    Route(
        name="set_roles",
        method="PUT",
        path=f"{PREFIX}/operators/{{name}}/roles",
        roles=_SECURITY,
        summary="Give an account other roles",
        body=people_shapes.SetRolesRequest,
        answer=people_shapes.Operator,
        codes=("conflict", "needs-approval"),
    ),
    Route(
        name="remove_operator",
        method="DELETE",
        path=f"{PREFIX}/operators/{{name}}",
        roles=_SECURITY,
        summary="Remove an account with all its tokens, and hand over its tasks",
        query=people_shapes.RemoveOperatorQuery,
        answer=people_shapes.RemovedOperator,
        codes=("conflict",),
    ),
    Route(
        name="create_token",
        method="POST",
        path=f"{PREFIX}/tokens",
        roles=_SECURITY,
        summary="Create a token for an account; its text is shown once",
        body=people_shapes.CreateTokenRequest,
        answer=people_shapes.IssuedToken,
        status=201,
        codes=("not-found", "conflict", "needs-approval"),
    ),
    Route(
        name="revoke_token",
        method="DELETE",
        path=f"{PREFIX}/tokens/{{operator}}/{{label}}",
        roles=_SECURITY,
        summary="Make a token of an account worth nothing at once",
        status=204,
        codes=("conflict",),
    ),
)
