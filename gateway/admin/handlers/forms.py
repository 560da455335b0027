"""Types of message: which there are, and their schemas."""

from gateway.admin.asked import Asked
from gateway.admin.form_shapes import MessageType, MessageTypes, SchemaQuery
from gateway.mla.envelope_fields import Form
from gateway.mla.publishing import schema_text
from gateway.mla.schema import schema_of
from gateway.mla.types import all_types, declared_type


class FormHandlers:
    """Answers about types of message; they name no case and no person."""

    async def list(self, _asked: Asked) -> MessageTypes:
        """Return all types."""
        return MessageTypes(
            items=tuple(
                MessageType(
                    type=one.name,
                    titles={"en": one.title_en, "fr": one.title_fr},
                    senders=tuple(role.value for role in sorted(one.senders)),
                    opens_case=one.opens_case,
                    answers=tuple(sorted(one.answers)),
                    declaration=one.declaration,
                )
                for one in all_types()
            ),
        )

    async def schema(self, asked: Asked) -> bytes:
        """Return the schema of a type."""
        form = Form[asked.filters(SchemaQuery).form.upper()]
        declared = declared_type(asked.segments["type"])
        return schema_text(schema_of(declared, form)).encode()
