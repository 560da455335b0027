"""Saved views: a name for a filter of the message list, of one account or of a role."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class NewView:
    """A view to save.

    Attributes:
        name: Unique among those of its owner.
        query: The filter, spelled as the query of the message list.
        shared_with: Role of those who see it too; empty for its owner only.
    """

    name: str
    query: str
    shared_with: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A saved view."""

    number: int
    owner: str
    new: NewView
    saved_at: UnixMs


class ViewStore(Protocol):
    """Keeping views. Each change is one transaction, with its log entry."""

    async def save_view(self, new: NewView, act: Act, now: UnixMs) -> SavedView:
        """Save a view; one of the same name and owner is replaced.

        Raises:
            ConflictError: The owner has as many as anybody may have.
        """
        ...

    async def drop_view(self, number: int, act: Act, now: UnixMs) -> None:
        """Forget a view of the account that asks.

        Raises:
            NotFoundError: It has no such view.
        """
        ...

    async def saved_views(self, owner: str, roles: Collection[str]) -> list[SavedView]:
        """Return the views of an account and those shared with its roles, by name."""
        ...
