"""Rows of saved views."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from gateway.core.values import UnixMs
from gateway.ports.saved_views import NewView, SavedView
from gateway.storage.sqlite.mapping import Params, SqlValue, as_json
from gateway.storage.sqlite.running import Running


class SavedViewLookupSql(Running):
    """Verbs of `gateway.storage.view_verbs.SavedViewLookup`."""

    def saved_view(self, number: int) -> SavedView | None:
        """Return a view."""
        return self._one_view("saved_view", (number,))

    def saved_view_of(self, owner: str, name: str) -> SavedView | None:
        """Return the view of a name."""
        return self._one_view("saved_view_of", (owner, name))

    def saved_views(self, owner: str, roles: Collection[str]) -> list[SavedView]:
        """Return the views of an account and those shared with roles, by name."""
        rows = self._rows("saved_views", (owner, as_json(roles)))
        return [_view(row) for row in rows]

    def _one_view(self, name: str, params: Params) -> SavedView | None:
        for row in self._rows(name, params):
            return _view(row)
        return None


class SavedViewWritesSql(SavedViewLookupSql):
    """Verbs of `gateway.storage.view_verbs.SavedViewWrites`."""

    def put_saved_view(self, view: SavedView) -> SavedView:
        """Store a view and return it; one of number 0 is new and gets a number."""
        new = view.new
        content: Params = (new.query, new.shared_with, view.saved_at)
        if view.number:
            self._write("update_saved_view", (*content, view.number))
            return view
        cursor = self._write("add_saved_view", (view.owner, new.name, *content))
        return replace(view, number=cursor.lastrowid or 0)

    def drop_saved_view(self, number: int) -> None:
        """Remove a view."""
        self._write("drop_saved_view", (number,))


def _view(row: Sequence[SqlValue]) -> SavedView:
    number, owner, name, query, shared_with, saved_at = row
    return SavedView(
        number=_int(number),
        owner=str(owner),
        new=NewView(name=str(name), query=str(query), shared_with=str(shared_with)),
        saved_at=UnixMs(_int(saved_at)),
    )


def _int(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0
