"""What the admin API takes and gives about saved views and causes of failures."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gateway.admin.shapes import Answer, Request

RoleName: TypeAlias = Literal[
    "observer", "caseworker", "approver", "operator", "auditor"
]


class SaveViewRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter of the message list to keep under a name.

    Attributes:
        name: Unique among those of the account; the same again replaces it.
        query: Spelled as the query of the message list, like `state=held&peer=moj.fr`.
        shared_with: Role of those who see it too; empty for the account only.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^\S(.*\S)?\Z")]
    query: Annotated[str, Meta(max_length=1_000)] = ""
    shared_with: RoleName | Literal[""] = ""


class SavedView(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A saved view.

    Attributes:
        id: Its number.
        mine: The caller saved it, and may remove it.
    """

    id: int
    name: str
    owner: str
    saved_at: str
    query: str = ""
    shared_with: str = ""
    mine: bool = False


class SavedViewList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The caller's views and those shared with its roles, by name."""

    items: tuple[SavedView, ...]


class FailureQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Since when messages have to have been accepted to count."""

    since: Annotated[str, Meta(max_length=24, description="UTC time.")] = ""


class FailureCause(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Messages that wait or have failed for one cause.

    Attributes:
        state: `held`, `queued` (an attempt has failed), `refused`, `expired`,
            `quarantined`.
        code: What the last attempt ended with, or why they are held.
        oldest_at: When the oldest of them was accepted.
        newest_at: When one of them last changed its state.
        query: Lists them, as the query of the message list.
    """

    peer: str
    state: str
    count: int
    oldest_at: str
    newest_at: str
    query: str
    code: str = ""


class FailureList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Causes, the most frequent first; at most 100."""

    items: tuple[FailureCause, ...]
    total: int = 0
