"""Bringing a database to the layout this version knows."""

from sqlite3 import Connection as Engine

from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.errors import StoreError
from gateway.storage.sqlite.queries import QUERIES, Migration, migrations


def migrate(engine: Engine, *, origin: str) -> None:
    """Apply what is missing, each step in a transaction of its own.

    Raises:
        StoreError: The database is of a newer version, of another log, or a step
            fails.
    """
    known = migrations()
    try:
        _begin_versions(engine)
        current = _number(engine, "schema_version")
        if current > known[-1].version:
            raise StoreError(
                f"database: layout {current}, this version knows up to "
                f"{known[-1].version}; install the newer version again",
            )
        for step in known:
            if step.version > current:
                _apply(engine, step)
        _claim_log(engine, origin)
    except sqlcipher.Error as error:
        raise StoreError(f"database: its layout cannot be prepared: {error}") from error


def _number(engine: Engine, query: str) -> int:
    return int(engine.execute(QUERIES[query]).fetchone()[0])


def _begin_versions(engine: Engine) -> None:
    if not _number(engine, "schema_tables"):
        engine.execute(QUERIES["create_schema_version"])


def _apply(engine: Engine, step: Migration) -> None:
    # `executescript` would commit first, so the statements run one by one.
    engine.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(step.script):
            engine.execute(statement)
        engine.execute(QUERIES["add_schema_version"], (step.version,))
        engine.execute("COMMIT")
    except sqlcipher.Error:
        if engine.in_transaction:
            engine.execute("ROLLBACK")
        raise


def _statements(script: str) -> list[str]:
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlcipher.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


def _claim_log(engine: Engine, origin: str) -> None:
    row = engine.execute(QUERIES["origin"]).fetchone()
    if row is None:
        engine.execute(QUERIES["create_head"], (origin,))
    elif row[0] != origin:
        raise StoreError(
            f"database: holds the log {row[0]!r}, expected {origin!r}; if a new log "
            "was being begun, run that again: mla-gateway recover --new-epoch",
        )
