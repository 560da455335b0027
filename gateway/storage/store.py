"""The whole of storage, whatever the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from gateway.storage.methods.alarms import AlarmMethods
from gateway.storage.methods.alerts import AlertMethods
from gateway.storage.methods.approvals import ApprovalMethods
from gateway.storage.methods.cases import CaseMethods
from gateway.storage.methods.checking import CheckMethods
from gateway.storage.methods.erasure import ErasureMethods
from gateway.storage.methods.evidence import EvidenceMethods
from gateway.storage.methods.findings import FindingMethods
from gateway.storage.methods.guarding import GuardMethods
from gateway.storage.methods.halts import HaltMethods
from gateway.storage.methods.inbox import InboxMethods
from gateway.storage.methods.jobs import JobMethods
from gateway.storage.methods.lifecycle import LifecycleMethods
from gateway.storage.methods.log import LogMethods
from gateway.storage.methods.originals import OriginalMethods
from gateway.storage.methods.outbox import OutboxMethods
from gateway.storage.methods.owed import OwedMethods
from gateway.storage.methods.people import PeopleMethods
from gateway.storage.methods.recovery import RecoveryMethods
from gateway.storage.methods.saved_views import SavedViewMethods
from gateway.storage.methods.sessions import SessionMethods
from gateway.storage.methods.stamps import StampMethods
from gateway.storage.methods.statistics import StatisticsMethods
from gateway.storage.methods.traffic import TrafficMethods
from gateway.storage.methods.views import ViewMethods
from gateway.storage.methods.webhooks import WebhookMethods
from gateway.storage.methods.witness import WitnessMethods


class TransactionalStore(
    LogMethods,
    OutboxMethods,
    InboxMethods,
    EvidenceMethods,
    FindingMethods,
    OriginalMethods,
    RecoveryMethods,
    ErasureMethods,
    ViewMethods,
    TrafficMethods,
    WitnessMethods,
    StampMethods,
    AlarmMethods,
    AlertMethods,
    ApprovalMethods,
    GuardMethods,
    HaltMethods,
    JobMethods,
    SavedViewMethods,
    SessionMethods,
    CheckMethods,
    OwedMethods,
    CaseMethods,
    StatisticsMethods,
    LifecycleMethods,
    WebhookMethods,
    PeopleMethods,
):
    """The port `gateway.ports.store.Store` over any database with transactions.

    `run` has to be running while methods are called. A node runs it in its own task
    group, so that its unexpected end ends the node; `running` is for short uses.
    """

    async def run(self) -> None:
        """Serve until `close`; then release the database.

        Raises:
            StoreError: The database failed.
        """
        await self._runner.run()

    async def close(self) -> None:
        """Finish what was begun and release the storage."""
        await self._runner.close()

    async def probe(self) -> None:
        """Make one durable write, to show that writing works.

        Raises:
            StoreError: It does not.
        """
        await self._runner.write(lambda tx: tx.probe())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Serve inside an `async with`, and close at its end."""
        failure: Exception | None = None
        async with asyncio.TaskGroup() as group:
            group.create_task(self.run())
            try:
                yield self
            except Exception as error:  # noqa: BLE001 - raised again, outside the group
                failure = error
            finally:
                await self.close()
        if failure is not None:
            raise failure
