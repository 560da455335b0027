"""What a database must be able to do with saved views: verbs on rows."""

from collections.abc import Collection
from typing import Protocol

from gateway.ports.saved_views import SavedView


class SavedViewLookup(Protocol):
    """What can be read of saved views in any transaction."""

    def saved_view(self, number: int) -> SavedView | None:
        """Return a view."""
        ...

    def saved_view_of(self, owner: str, name: str) -> SavedView | None:
        """Return the view of a name."""
        ...

    def saved_views(self, owner: str, roles: Collection[str]) -> list[SavedView]:
        """Return the views of an account and those shared with roles, by name."""
        ...


class SavedViewWrites(SavedViewLookup, Protocol):
    """What changes saved views."""

    def put_saved_view(self, view: SavedView) -> SavedView:
        """Store a view and return it; one of number 0 is new and gets a number."""
        ...

    def drop_saved_view(self, number: int) -> None:
        """Remove a view."""
        ...
