"""Types of message: which there are, and their schemas."""

from gateway.admin.asked import Asked
from gateway.admin.form_shapes import (
    Checked,
    CheckRequest,
    MessageType,
    MessageTypes,
    SchemaQuery,
)
from gateway.admin.problems import field_problem
from gateway.admin.services import AdminServices
from gateway.admin.sight import check_case
from gateway.admin.submissions import submission_of
from gateway.flows.trying import Trial
from gateway.mla.envelope_fields import Form
from gateway.mla.publishing import schema_text
from gateway.mla.schema import schema_of
from gateway.mla.types import all_types, declared_type
from gateway.mla.validate import refusing


class FormHandlers:
    """Answers about types of message, and about messages that are to be."""

    def __init__(self, services: AdminServices) -> None:
        self._store = services.exchange.store
        self._trial = Trial(services.exchange, services.submit)

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

    async def check(self, asked: Asked) -> Checked:
        """Return what submitting a message would find."""
        form = asked.form(CheckRequest)
        await check_case(self._store, asked, form.message, form.to)
        submission = submission_of(form, asked.act())
        tried = await self._trial.check(submission)
        return Checked(
            sendable=not refusing(list(tried.problems)),
            problems=tuple(field_problem(one) for one in tried.problems),
            ignored=tried.ignored,
            waits_for=tried.waits_for,
        )
