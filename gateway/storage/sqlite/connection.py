"""Connections to the encrypted database: opened one way only, and checked.

Every setting that durability or secrecy rests on is set on every connection and read
back, for most of them are not stored in the file.
"""

import asyncio
import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from sqlite3 import Connection as Engine
from typing import TypeVar

import aiosqlite
from sqlcipher3 import dbapi2 as sqlcipher

from gateway.core.entries.kinds import is_pruned_kind
from gateway.core.errors import StoreError

T = TypeVar("T")

KEY_BYTES = 32

# Older ones can corrupt a write-ahead log that is reset while it is read.
OLDEST_ENGINE = (3, 51, 3)

_STATEMENT_CACHE = 256
_ROWS_A_HOP = 64


class Role(Enum):
    """What a connection is for."""

    WRITER = "writer"
    READER = "reader"


# Pragma, value to set, value to read back.
_SETTINGS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("secure_delete", "ON", "1"),
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("mmap_size", "0", "0"),
    ("busy_timeout", "5000", "5000"),
    ("journal_size_limit", "67108864", "67108864"),
)
_CIPHER_SETTINGS = (
    ("cipher_page_size", "4096"),
    ("cipher_hmac_algorithm", "HMAC_SHA512"),
    ("cipher_use_hmac", "1"),
    ("cipher_plaintext_header_size", "0"),
)
# Only the writer moves the log into the file, so that no reader ever waits for that.
_ROLE_SETTINGS = {
    Role.WRITER: (
        ("wal_autocheckpoint", "1000", "1000"),
        ("cache_size", "-16384", "-16384"),
        ("query_only", "OFF", "0"),
    ),
    Role.READER: (
        ("wal_autocheckpoint", "0", "0"),
        ("cache_size", "-8192", "-8192"),
        ("query_only", "ON", "1"),
    ),
}


class Connection(aiosqlite.Connection):
    """A connection on a thread of its own that runs whole functions there."""

    def __init__(self, connect: Callable[[], Engine]) -> None:
        super().__init__(connect, _ROWS_A_HOP)
        # A process that must end at once (a failed flush) does not wait for it; what
        # is cut off is rolled back at the next start.
        self._thread.daemon = True

    async def begin(self) -> None:
        """Start the thread and open the database on it."""
        self._thread.start()
        opening: asyncio.Future[Engine] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((opening, self._connector))
        try:
            self._connection = await opening
        except BaseException:
            # The library's own way does not wait for the thread's end here.
            if (stopped := self.stop()) is not None:
                await stopped
            raise

    def start(self, work: Callable[[Engine], T]) -> asyncio.Future[T]:
        """Begin a function on the connection's thread: one hop, however much it does.

        Cancelling the future does not stop it.

        Raises:
            StoreError: The connection is closed.
        """
        if self._connection is None:
            raise StoreError("database: is closed")
        engine = self._connection
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, lambda: work(engine)))
        return future

    async def run(self, work: Callable[[Engine], T]) -> T:
        """Run a function on the connection's thread and return what it returns."""
        return await self.start(work)


async def connect(path: Path, key: bytes, role: Role) -> Connection:
    """Open the database, creating an empty one where there is none.

    Raises:
        StoreError: Another key, an engine that is not safe, or a setting that does
            not take.
    """
    if len(key) != KEY_BYTES:
        raise AssertionError(f"internal: a key of {len(key)} bytes")
    connection = Connection(lambda: open_engine(path, key, role))
    await connection.begin()
    return connection


def open_engine(path: Path, key: bytes, role: Role) -> Engine:
    """Open the database for use on the calling thread.

    Raises:
        StoreError: As for `connect`.
    """
    check_engine(sqlcipher.sqlite_version_info)
    try:
        _create_private(path)
        # Transactions are begun and ended by name: the driver must not add its own.
        engine = sqlcipher.connect(
            str(path),
            isolation_level=None,
            cached_statements=_STATEMENT_CACHE,
        )
    except (OSError, sqlcipher.Error) as error:
        raise StoreError(f"database {path}: cannot be opened: {error}") from error
    try:
        _unlock(engine, key)
        _configure(engine, role)
    except sqlcipher.Error as error:
        engine.close()
        raise StoreError(
            f"database {path}: {error}; not its key, or damaged",
        ) from error
    except StoreError:
        engine.close()
        raise
    return engine


def _create_private(path: Path) -> None:
    """Make sure the file is there and ours alone; the engine would ask the umask."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(path, flags, 0o600))


def check_engine(version: tuple[int, ...]) -> None:
    """Check that the database engine is not an affected one.

    Raises:
        StoreError: It is older than the first safe release.
    """
    if version < OLDEST_ENGINE:
        found = ".".join(map(str, version))
        raise StoreError(
            f"database engine: SQLite {found}, expected 3.51.3 or newer; "
            "install the versions of requirements/runtime.lock",
        )


def _unlock(engine: Engine, key: bytes) -> None:
    # Else a wrong key is reported on standard error, past our log.
    engine.execute("PRAGMA cipher_log_level = NONE")
    engine.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for name, value in _CIPHER_SETTINGS:
        engine.execute(f"PRAGMA {name} = {value}")
    if not _read(engine, "cipher_version") or _read(engine, "cipher_status") != "1":
        raise StoreError(
            "database engine: cannot encrypt; "
            "install the versions of requirements/runtime.lock",
        )
    engine.execute("SELECT count(*) FROM sqlite_schema")  # the first real read


def _configure(engine: Engine, role: Role) -> None:
    engine.create_function("is_pruned_kind", 1, is_pruned_kind, deterministic=True)
    for name, value, expected in (*_SETTINGS, *_ROLE_SETTINGS[role]):
        engine.execute(f"PRAGMA {name} = {value}")
        _check(name, _read(engine, name), expected)
    for name, expected in _CIPHER_SETTINGS:
        _check(name, _read(engine, name), expected)


def _check(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise StoreError(
            f"database: {name} is {found!r}, expected {expected!r}; "
            "keep it on a local disk and use the locked versions",
        )


def _read(engine: Engine, name: str) -> str:
    row = engine.execute(f"PRAGMA {name}").fetchone()
    return str(row[0]) if row else ""
