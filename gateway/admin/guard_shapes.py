"""What the admin API takes and gives about recalls and named readers."""

from typing import Annotated, Literal

from msgspec import Meta

from gateway.admin.shapes import Answer, Message, Reason, Request

ReaderName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="An account, or the id of a person for whom a system asks.",
    ),
]


class RecallRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a message is taken back, and what its receiver is to do with it.

    Attributes:
        by: Day until which its evidence items are to be returned.
    """

    reason: Reason
    action: Literal["restrict", "delete", "return"] = "restrict"
    by: Annotated[str, Meta(max_length=10)] = ""


class Recalled(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """What a recall came to.

    Attributes:
        outcome: `cancelled`, or `ordered`: the peer was told to restrict it.
        order: The message that says so.
        return_request: The message that asks for its items back.
    """

    message: Message
    outcome: str
    order: str = ""
    return_request: str = ""


class Reader(Answer, frozen=True, kw_only=True):
    """Somebody who is named for a case.

    Attributes:
        index: Log index of the entry that names them.
    """

    name: str
    granted_by: str
    granted_at: str
    index: int


class ReaderList(Answer, frozen=True, kw_only=True):
    """Who is named for a case, by name."""

    case: str
    items: tuple[Reader, ...]


class ReaderRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to name for a case, or to take off its list, and why."""

    name: ReaderName
    reason: Reason
