"""A process that stores messages until it is killed, saying what was acknowledged.

Run as `python -m tests.support.storage_victim FOLDER [MAX_FILE_BYTES]`. With a limit
the disk is "full" at some point, and the process must end with the code for that.
"""

import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

from gateway.storage.sqlite.store import SqliteStore
from tests.support.storing import KEY, NOW, ORIGIN, outbound, vault

EXIT_STORAGE_FAILED = 70
CALLERS = 16


def _end(error: Exception) -> None:
    os.write(2, f"{error}\n".encode())
    os._exit(EXIT_STORAGE_FAILED)


async def _submit(store: SqliteStore) -> None:
    while True:
        message = outbound(size_bytes=3_000)
        await store.accept(message, NOW)
        os.write(1, f"{message.id}\n".encode())


async def _main(folder: Path) -> None:
    store = await SqliteStore.open(
        folder / "gateway.db",
        KEY,
        log_origin=ORIGIN,
        vault=vault(folder),
        on_fatal=_end,
    )
    async with store.running(), asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(_submit(store))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        # Else the limit's signal would end the process before the write can fail.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    asyncio.run(_main(Path(sys.argv[1])))
