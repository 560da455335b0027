"""Signed checkpoints of our own log: commit, read the head, sign, keep, release.

The only place that signs. One signature serves everybody whose entries it covers, so
a whole batch costs one (specification, section 8.2).
"""

import asyncio

from gateway.core.translog.checkpoint import Checkpoint
from gateway.flows.recovery import Recovery
from gateway.ports.keys import LogSigning
from gateway.ports.log import LogStore, SignedCheckpoint
from gateway.ports.world import Clock


class Checkpoints:
    """Hands out checkpoints that cover what is to be proven.

    None is signed or released while our log is not whole.
    """

    def __init__(
        self,
        store: LogStore,
        signing: LogSigning,
        clock: Clock,
        recovery: Recovery,
    ) -> None:
        self._store = store
        self._signing = signing
        self._clock = clock
        self._recovery = recovery
        self._turn = asyncio.Lock()
        self._newest: SignedCheckpoint | None = None

    @property
    def origin(self) -> str:
        """Origin of our log."""
        return self._signing.origin

    @property
    def signing(self) -> LogSigning:
        """The keys that sign it."""
        return self._signing

    async def covering(self, size: int) -> SignedCheckpoint:
        """Return a signed checkpoint of a committed tree of at least `size`.

        Raises:
            MaintenanceError: Our log is not whole.
            AssertionError: The log has no such tree; a defect of ours.
        """
        async with self._turn:
            self._recovery.check()
            newest = await self._load()
            if newest is None or newest.size < size:
                newest = await self._sign(size)
            # It may have been found not to be whole while this was being signed.
            self._recovery.check()
            return newest

    async def for_our_people(self, size: int) -> SignedCheckpoint:
        """Return a checkpoint to prove entries under at home, of `size` if possible.

        While our log is not whole nothing is signed, and the newest that was signed
        before serves. It may be smaller: entries beyond it were shown to nobody yet.

        Raises:
            MaintenanceError: Our log is not whole, and nothing signed fits the rest.
        """
        if not self._recovery.is_on:
            return await self.covering(size)
        kept = await self._store.newest_checkpoint()
        head = await self._store.log_head()
        if (
            kept is None
            or kept.size > head.size
            or await self._store.root_at(kept.size) != kept.root
        ):
            self._recovery.check()
            return await self.covering(size)
        return kept

    async def newest(self) -> SignedCheckpoint:
        """Return a checkpoint of the log as it stands now.

        Raises:
            MaintenanceError: Our log is not whole.
        """
        self._recovery.check()
        head = await self._store.log_head()
        return await self.covering(head.size)

    async def _load(self) -> SignedCheckpoint | None:
        if self._newest is None:
            self._newest = await self._store.newest_checkpoint()
        return self._newest

    async def _sign(self, size: int) -> SignedCheckpoint:
        head = await self._store.log_head()
        if head.size < size:
            raise AssertionError(f"internal: log of {head.size}, {size} to be proven")
        note = await self._signing.sign(
            Checkpoint(self._signing.origin, head.size, head.root),
        )
        signed = SignedCheckpoint(head.size, head.root, note, self._clock.now())
        # Kept before it leaves: a second root for the same size can't even be stored.
        # The tree itself is durable by now, so the mark may come before the database.
        await asyncio.gather(
            self._store.record_checkpoint(signed),
            self._recovery.note_signed(signed.note),
        )
        self._newest = signed
        return signed
