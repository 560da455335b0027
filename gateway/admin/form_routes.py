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
)
