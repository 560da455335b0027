"""Rewriting our log with the node stopped: one transaction, guards off inside it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import Connection as Engine
from typing import TypeVar

from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.errors import StoreError
from gateway.storage.sqlite.queries import QUERIES

T = TypeVar("T")


def at_once(engine: Engine, work: Callable[[], T]) -> T:
    """Run work in one transaction: all of it is committed, or nothing.

    Raises:
        StoreError: The database failed; nothing was changed.
    """
    try:
        engine.execute("BEGIN IMMEDIATE")
        try:
            done = work()
            engine.execute("COMMIT")
        finally:
            if engine.in_transaction:
                engine.execute("ROLLBACK")
    except sqlcipher.Error as error:
        raise StoreError(f"database: the log cannot be rewritten: {error}") from error
    return done


@contextmanager
def unguarded(engine: Engine) -> Iterator[None]:
    """Let the log be rewritten inside the block; its triggers come back after it."""
    triggers = engine.execute(QUERIES["log_triggers"]).fetchall()
    for name, _ in triggers:
        engine.execute(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        engine.execute(statement)
