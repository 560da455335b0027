"""What a message costs the store of each side, from acceptance to the last entry.

On the real store with real commits: accepted, claimed and recorded as delivered on the
sender's side; committed, checked and indexed on the receiver's side.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.config.reading import load_settings
from gateway.core.values import UnixMs
from gateway.keystore.keyring import open_keyring
from gateway.ports.inbox import CheckDone, InboundItem
from gateway.ports.outbox import AttemptOutcome, NewOutbound, OutcomeKind
from gateway.storage.sqlite.store import SqliteStore
from gateway.storage.store import TransactionalStore
from tests.support.storing import DAY_MS, PEER, PeerLog, index_of, new_id, outbound

BATCH = 64
_SIZE_BYTES = 1_024
_LEASE_MS = 60_000


class Side:
    """A store that messages go through.

    Args:
        store: It runs.
    """

    def __init__(self, store: TransactionalStore) -> None:
        self._store = store
        self._log = PeerLog()

    async def batch_s(self) -> float:
        """Take a batch through both sides; return the seconds it took."""
        until = UnixMs(_now() + DAY_MS)
        ours = [
            outbound(size_bytes=_SIZE_BYTES, expires_at=until) for _ in range(BATCH)
        ]
        highest = (await self._store.traffic(PEER, _now())).highest_seq
        theirs = [
            self._log.item(new_id(at).encode().ljust(_SIZE_BYTES), seq=highest + at)
            for at in range(1, BATCH + 1)
        ]
        began = time.perf_counter()
        await self._send(ours)
        await self._receive(theirs)
        return time.perf_counter() - began

    async def _send(self, messages: list[NewOutbound]) -> None:
        now = _now()
        async with asyncio.TaskGroup() as together:
            for one in messages:
                together.create_task(self._store.accept(one, now))
        due = await self._store.claim_due(
            PEER,
            now=now,
            lease_ms=_LEASE_MS,
            max_items=BATCH,
            max_bytes=2**24,
        )
        outcomes = [
            AttemptOutcome(
                one.id, one.digest, OutcomeKind.RECEIPT, "", self._log.proof(), now
            )
            for one in due
        ]
        await self._store.record_outcomes(PEER, outcomes, self._log.link(BATCH), now)

    async def _receive(self, items: list[InboundItem]) -> None:
        now = _now()
        await self._store.commit_inbound(self._log.link(BATCH), items, now)
        begun = await self._store.begin_checks(BATCH, now)
        done = [CheckDone(one.id, PEER, index_of(), 0) for one in begun]
        await self._store.finish_checks(done)


def _now() -> UnixMs:
    return UnixMs(time.time_ns() // 1_000_000)


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Side]:
    """Give the store of a home whose node is stopped."""
    settings = load_settings(home, os.environ).settings
    keyring = await asyncio.to_thread(open_keyring, settings, os.environ)
    failures: list[Exception] = []
    store = await SqliteStore.open(
        settings.storage.path,
        keyring.database_key.raw,
        log_origin=keyring.log.origin,
        vault=keyring.disclosures,
        on_fatal=failures.append,
    )
    async with store.running():
        yield Side(store)
    if failures:
        raise failures[0]
