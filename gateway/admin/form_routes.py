"""Routes of the types of message: which there are, and their JSON Schemas."""

from gateway.admin import form_shapes
from gateway.admin.route import PREFIX, Media, Route
from gateway.core.operators import Role

_ANYONE = frozenset(Role)
_SCHEMAS = f"{PREFIX}/schemas"

FORM_ROUTES: tuple[Route, ...] = (
    Route(
        name="list_schemas",
        method="GET",
        path=_SCHEMAS,
        roles=_ANYONE,
        summary="All types of message",
        answer=form_shapes.MessageTypes,
    ),
    Route(
        name="show_schema",
        method="GET",
        path=f"{_SCHEMAS}/{{type}}",
        roles=_ANYONE,
        summary="The JSON Schema of a type of message",
        query=form_shapes.SchemaQuery,
        media=Media.SCHEMA,
    ),
    Route(
        name="check_message",
        method="POST",
        path=f"{PREFIX}/messages/check",
        roles=frozenset({Role.CASEWORKER}),
        summary="All that submitting a message would find; keeps and logs nothing",
        body=form_shapes.CheckRequest,
        answer=form_shapes.Checked,
        codes=("conflict", "not-found", "too-large", "version"),
    ),
)
