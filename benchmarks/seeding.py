"""Filling a node's encrypted database with as many messages as a node sees in years.

    python -m benchmarks.seeding HOME --messages 1000000

The node must be stopped. What is written is what the node would have written: entries
and checkpoints in its formats, rows by its statements, so that it starts on it and
finds nothing wrong with it. Only the envelopes are noise, and nothing is durable before
the end: whoever is interrupted begins with a new home.
"""

import argparse
import asyncio
import os
import time
from pathlib import Path
from sqlite3 import Connection as Engine

from benchmarks.seeded_rows import Amount, Filling, Target
from gateway.config.reading import load_settings
from gateway.core.values import AuthorityId, UnixMs
from gateway.keystore.keyring import open_keyring
from gateway.storage.sqlite.connection import Role, connect
from gateway.storage.sqlite.migrate import migrate

_PEERS = ("mj.fr", "bmj.de", "pgr.pt")
# Unlike a node's: much in memory, and nothing durable before the end.
_FAST = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -262144",
)


async def seed_home(home: Path, amount: Amount) -> None:
    """Fill the database of a home whose node is stopped."""
    settings = load_settings(home, os.environ).settings
    keyring = open_keyring(settings, os.environ)
    target = Target(
        path=settings.storage.path,
        key=keyring.database_key.raw,
        origin=keyring.log.origin,
        vault=keyring.disclosures,
        sign=keyring.log.sign,
    )
    await seed(target, amount)


async def seed(target: Target, amount: Amount) -> None:
    """Fill a database, new or with a log in it, that no node has open."""
    connection = await connect(target.path, target.key, Role.WRITER)

    def fill(engine: Engine) -> Filling:
        migrate(engine, origin=target.origin)
        for setting in _FAST:
            engine.execute(setting).fetchall()
        engine.execute("BEGIN")
        filling = Filling(engine, target, amount)
        filling.run()
        return filling

    try:
        filling = await connection.run(fill)
        signed = [(one, await target.sign(one)) for one in filling.to_sign]
        await connection.run(lambda _: filling.end(signed))
    finally:
        await connection.close()


def main() -> None:
    """Fill the home that the arguments name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--queued", type=int, default=0)
    parser.add_argument("--envelope-bytes", type=int, default=1024)
    parser.add_argument("--peer", action="append", default=[])
    asked = parser.parse_args()
    began = time.monotonic()
    amount = Amount(
        messages=asked.messages,
        peers=tuple(map(AuthorityId, asked.peer or _PEERS)),
        now=UnixMs(time.time_ns() // 1_000_000),
        envelope_bytes=asked.envelope_bytes,
        queued=asked.queued,
    )
    asyncio.run(seed_home(asked.home, amount))
    print(f"{asked.messages} messages in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
