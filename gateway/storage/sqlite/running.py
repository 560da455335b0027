"""Running named queries; what all verbs on rows stand on."""

from collections.abc import Mapping
from sqlite3 import Connection as Engine
from sqlite3 import Cursor

from gateway.storage.sqlite.mapping import Params, SqlValue
from gateway.storage.sqlite.queries import QUERIES


class Running:
    """Runs the queries of `gateway/storage/sql` by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _rows(self, name: str, params: Params | Mapping[str, SqlValue] = ()) -> Cursor:
        """Run a query that reads."""
        return self._engine.execute(QUERIES[name], params)

    def _write(self, name: str, params: Params = ()) -> Cursor:
        """Run a query that changes something."""
        return self._engine.execute(QUERIES[name], params)
