"""Rows of saved views, in memory."""

from collections.abc import Collection
from dataclasses import replace

from gateway.ports.saved_views import SavedView
from gateway.storage.memory.tables import ONLY, Journal, Tables


class SavedViewLookupMemory:
    """Verbs of `gateway.storage.view_verbs.SavedViewLookup`."""

    _tables: Tables

    def saved_view(self, number: int) -> SavedView | None:
        """Return a view."""
        return self._tables.saved_view.rows.get(number)

    def saved_view_of(self, owner: str, name: str) -> SavedView | None:
        """Return the view of a name."""
        for view in self._tables.saved_view.rows.values():
            if (view.owner, view.new.name) == (owner, name):
                return view
        return None

    def saved_views(self, owner: str, roles: Collection[str]) -> list[SavedView]:
        """Return the views of an account and those shared with roles, by name."""
        found = [
            view
            for view in self._tables.saved_view.rows.values()
            if view.owner == owner or view.new.shared_with in roles
        ]
        return sorted(found, key=lambda view: (view.new.name, view.number))


class SavedViewWritesMemory(SavedViewLookupMemory):
    """Verbs of `gateway.storage.view_verbs.SavedViewWrites`."""

    _journal: Journal

    def put_saved_view(self, view: SavedView) -> SavedView:
        """Store a view and return it; one of number 0 is new and gets a number."""
        table = self._tables.saved_view
        if view.number == 0:
            view = replace(view, number=table.last[ONLY] + 1)
            self._journal.put(table.last, ONLY, view.number)
        self._journal.put(table.rows, view.number, view)
        return view

    def drop_saved_view(self, number: int) -> None:
        """Remove a view."""
        self._journal.drop(self._tables.saved_view.rows, number)
