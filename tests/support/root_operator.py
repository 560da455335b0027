"""An operator with root on one machine: the database, all online keys, and an hour.

What he writes is consistent in itself: chained, hashed, and signed with the real keys.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as Engine

from sqlcipher3 import dbapi2 as sqlcipher

from gateway.config.reading import load_settings
from gateway.core import canonical
from gateway.core.canonical import JsonObject
from gateway.core.entries.leaf import FIRST_PREV
from gateway.core.translog.checkpoint import Checkpoint
from gateway.core.translog.merkle import Frontier, leaf_hash
from gateway.core.translog.tiles import Bundle, Tile, encode_bundle
from gateway.core.values import parse_time
from gateway.keystore.keyring import Keyring, open_keyring

Entries = list[JsonObject]

_ONE_TILE = 256


@dataclass(frozen=True, slots=True)
class Forgery:
    """A log as the operator wants it to have been.

    Attributes:
        leaves: Its entries as they are hashed.
        note: Signed with the keys of the log.
    """

    leaves: tuple[bytes, ...]
    note: bytes

    def export(self, folder: Path) -> Path:
        """Write it as he would hand it to a court."""
        size = len(self.leaves)
        tile, bundle = Tile(0, 0, size), Bundle(0, size)
        files = {
            "checkpoint": self.note,
            tile.path(): b"".join(map(leaf_hash, self.leaves)),
            bundle.path(): encode_bundle(self.leaves),
        }
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


def forge(home: Path, change: Callable[[Entries], Entries]) -> Forgery:
    """Rewrite the log of a stopped node, and all that would give it away at home.

    Args:
        home: The node's.
        change: Returns the entries as he wants them; `i` and `prev` are made anew.
    """
    settings = load_settings(home, {}).settings
    keyring = open_keyring(settings, {})
    with _opened(settings.storage.path, keyring) as engine:
        rows = engine.execute("SELECT data FROM audit_entry ORDER BY i").fetchall()
        leaves = _chained(change([json.loads(row[0]) for row in rows]))
        assert len(leaves) < _ONE_TILE, "no tile of the tree is full yet"
        head = _write(engine, leaves)
    settings.storage.path.with_name("gateway.db.mark").unlink(missing_ok=True)
    checkpoint = Checkpoint(keyring.log.origin, len(leaves), head.root())
    return Forgery(leaves, asyncio.run(keyring.log.sign(checkpoint)))


def _chained(entries: Entries) -> tuple[bytes, ...]:
    leaves: list[bytes] = []
    previous = str(FIRST_PREV)
    for index, entry in enumerate(entries):
        leaves.append(canonical.encode({**entry, "i": index, "prev": previous}))
        previous = leaf_hash(leaves[-1]).hex()
    return tuple(leaves)


@contextmanager
def _opened(path: Path, keyring: Keyring) -> Iterator[Engine]:
    engine: Engine = sqlcipher.connect(str(path), isolation_level=None)
    try:
        engine.execute(f"PRAGMA key=\"x'{keyring.database_key.raw.hex()}'\"")
        yield engine
    finally:
        engine.close()


def _write(engine: Engine, leaves: tuple[bytes, ...]) -> Frontier:
    triggers = engine.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    ).fetchall()
    engine.execute("BEGIN IMMEDIATE")
    for name, _ in triggers:
        engine.execute(f"DROP TRIGGER {name}")
    for table in ("audit_entry", "audit_checkpoint", "audit_round"):
        engine.execute(f"DELETE FROM {table}")  # noqa: S608 - names above
    engine.execute("DELETE FROM audit_cosignature")
    for index, leaf in enumerate(leaves):
        fields = json.loads(leaf)
        row = (index, leaf_hash(leaf), leaf, fields["k"], fields.get("m", ""))
        engine.execute("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?)", row)
    head = Frontier().extend([leaf_hash(leaf) for leaf in leaves])
    last_at = parse_time(json.loads(leaves[-1])["t"])
    engine.execute(
        "UPDATE audit_head SET size = ?, last_leaf = ?, last_at = ?, frontier = ?",
        (len(leaves), leaf_hash(leaves[-1]), last_at, head.to_bytes()),
    )
    for _, statement in triggers:
        engine.execute(statement)
    engine.execute("COMMIT")
    return head
