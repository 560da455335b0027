"""Leaving no trace of what was removed: the log beside the file, and the file itself.

Removed bytes are overwritten with zeros (`secure_delete`), but the engine may have
copied a row to another page before, when it rebalanced a tree, and that copy stays in
the page's free space. Only writing the file anew is sure to leave nothing.
"""

import shutil
from pathlib import Path
from sqlite3 import Connection as Engine

from gateway.core.errors import DiskReserveError, MaintenanceError
from gateway.core.limits import MIB
from gateway.ports.keys import DisclosureVault
from gateway.storage.sqlite.queries import QUERIES

_ATTEMPTS = 5
_RETRY_S = 60
_SPARE_BYTES = 64 * MIB
# The copy goes into a temporary file, the log beside the database, and the database.
_COPIES = 2


def retire_wal(engine: Engine) -> None:
    """Move what was committed into the database file and empty the log beside it.

    Raises:
        MaintenanceError: Somebody read for too long.
    """
    for _ in range(_ATTEMPTS):
        is_busy, *_ = engine.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy:
            return
    raise MaintenanceError("database: is being read", retry_after_s=_RETRY_S)


def compact(engine: Engine, path: Path) -> None:
    """Write the database file anew.

    The engine's temporary copy goes to a file, encrypted like the database: in memory
    it would take as much of that as the database is large.

    Raises:
        DiskReserveError: There is not room enough.
        MaintenanceError: Somebody read for too long.
    """
    needed = _COPIES * path.stat().st_size + _SPARE_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise DiskReserveError(
            f"database: {needed} bytes are needed to write it anew, {free} are free",
            retry_after_s=_RETRY_S,
        )
    removals, _ = engine.execute(QUERIES["removals"]).fetchone()
    engine.execute("PRAGMA temp_store = FILE")
    try:
        engine.execute("VACUUM")
    finally:
        engine.execute("PRAGMA temp_store = MEMORY")
    engine.execute(QUERIES["set_compacted"], (removals,))
    retire_wal(engine)


def move_ring_keys(engine: Engine, vault: DisclosureVault) -> None:
    """Move wrapped ring keys that an older version kept here to where they belong.

    Killed on the way, it begins again; what was moved before is swept.

    Raises:
        KeystoreError: They can't be kept there.
        CannotOpenError: They are not this node's.
    """
    rows = engine.execute(QUERIES["old_ring_keys"]).fetchall()
    if not rows:
        return
    moved = [(key_id, scope, vault.adopt(wrapped)) for key_id, scope, wrapped in rows]
    vault.flush()
    engine.execute("BEGIN IMMEDIATE")
    try:
        engine.executemany(QUERIES["keep_ring_key"], moved)
        engine.execute(QUERIES["drop_old_ring_keys"])
        engine.execute(QUERIES["note_removal"])
        engine.execute("COMMIT")
    except BaseException:
        if engine.in_transaction:
            engine.execute("ROLLBACK")
        raise
