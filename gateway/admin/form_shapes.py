"""What the API tells of types of message and takes to check one, field by field."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import Answer, Request

FormName: TypeAlias = Literal["author", "complete"]


class SchemaQuery(Request, frozen=True, kw_only=True, omit_defaults=True):
    """Which life of a message a schema is of."""

    form: Annotated[
        FormName,
        Meta(description="As an author writes it, or as it is sent and received."),
    ] = "author"


class MessageType(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A type of message.

    Attributes:
        titles: What it is called, by language.
        senders: Roles in a case that may send it.
        opens_case: Whether it may be the first of a case.
        answers: Types it may answer; none where that is not restricted.
        declaration: The national declaration it comes from; empty if common.
    """

    type: str
    titles: dict[str, str]
    senders: tuple[str, ...]
    opens_case: bool = False
    answers: tuple[str, ...] = ()
    declaration: str = ""


class MessageTypes(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """All types of message."""

    items: tuple[MessageType, ...]
