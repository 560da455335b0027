"""Operations on types of message, as values that either client can send."""

from gateway.admin import form_shapes
from gateway.client.call import Call, call_of


def list_schemas() -> Call[form_shapes.MessageTypes]:
    """Return all types of message."""
    return call_of("list_schemas", form_shapes.MessageTypes)


def show_schema(
    msg_type: str,
    query: form_shapes.SchemaQuery | None = None,
) -> Call[bytes]:
    """Return the JSON Schema of a type of message."""
    return call_of("show_schema", bytes, query=query, type=msg_type)


def check_message(request: form_shapes.CheckRequest) -> Call[form_shapes.Checked]:
    """Return what submitting a message would find; nothing is kept."""
    return call_of("check_message", form_shapes.Checked, body=request)
