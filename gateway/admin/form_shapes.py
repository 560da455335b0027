"""What the API tells of types of message and takes to check one, field by field."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import Answer, Document, FieldProblem, Request
from gateway.core.limits import MAX_ATTACHMENTS

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


class CheckRequest(Request, frozen=True, kw_only=True, omit_defaults=True):
    """A message to try out; `message` is the author's document.

    Attributes:
        attachments: Ids of complete uploads, in the order of the evidence items.
    """

    to: str
    message: Document
    attachments: Annotated[tuple[str, ...], Meta(max_length=MAX_ATTACHMENTS)] = ()


class Checked(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What submitting the message would find.

    Attributes:
        sendable: It would be accepted: as it is, or with an override reason where a
            problem is overridable.
        ignored: Fields that only the node gives.
        waits_for: Markings, or the type, for which a second person would have to let
            it go; left out if it would leave at once.
    """

    sendable: bool
    problems: tuple[FieldProblem, ...] = ()
    ignored: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
