"""Opening the store of a home; a failed write ends the process."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog

from gateway.assembly.world import DiskWatch
from gateway.config.settings import Settings
from gateway.core.identity import audit_origin
from gateway.core.limits import MIB
from gateway.keystore.keyring import Keyring
from gateway.ports.world import Metrics
from gateway.storage.blobs import FolderBlobs
from gateway.storage.sqlite.store import SqliteStore
from gateway.storage.store import TransactionalStore

log = structlog.get_logger()

EXIT_STORAGE_FAILED = 70


def blobs_disk(settings: Settings) -> DiskWatch:
    """Return the watch over the disk that evidence lies on."""
    return DiskWatch(settings.storage.blobs, settings.storage.reserve_mib * MIB)


@contextmanager
def open_blobs(settings: Settings, keyring: Keyring) -> Iterator[FolderBlobs]:
    """Give the folder of evidence for as long as the block runs.

    Raises:
        StoreError: The folder can't be used.
    """
    blobs = FolderBlobs(
        settings.storage.blobs,
        blobs_disk(settings),
        # The first log's name, whichever is at work: the folder outlives a log.
        owner=audit_origin(keyring.authority),
    )
    try:
        yield blobs
    finally:
        blobs.close()


@asynccontextmanager
async def open_store(
    settings: Settings,
    keyring: Keyring,
    metrics: Metrics | None = None,
) -> AsyncIterator[TransactionalStore]:
    """Give the store of a home for as long as the block runs.

    Args:
        settings: Of the node.
        keyring: Of the node, unlocked.
        metrics: Told of every commit.

    Raises:
        StoreError: The database is not one this node can safely run on.
    """
    store = await SqliteStore.open(
        settings.storage.path,
        keyring.database_key.raw,
        log_origin=keyring.log.origin,
        vault=keyring.disclosures,
        on_fatal=_end_process,
        metrics=metrics,
    )
    async with store.running():
        yield store


def _end_process(error: Exception) -> None:
    """End at once: after a failed flush nothing that is in memory may be believed."""
    log.error("storage_failed", reason=str(error))
    os._exit(EXIT_STORAGE_FAILED)
