"""Erasing messages for good: in the log, in the database, on the disk, in the keys.

The transaction comes first and decides; what lies outside the database follows it and
is finished at the next start, if the process died in between (specification, 8.14).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway.core.entries.disclosures import Act
from gateway.core.errors import (
    GatewayError,
    NotErasableError,
    NotFoundError,
    UsageError,
)
from gateway.core.values import MessageId, UnixMs, parse_time
from gateway.flows.exchange import Exchange
from gateway.ports.blobs import BlobStore
from gateway.ports.erasure import Erased, ErasureItem, ErasureOrder
from gateway.ports.keys import ErasedNote, ErasureRegister, OpeningKeys

log = structlog.get_logger()

MAX_MESSAGES = 500
"""Messages erased by one order, in one transaction."""

_DAY_MS = 86_400_000
_AT_ONCE = 500
# Writing the database anew holds up every change: at most a tenth of the time.
_REST_FACTOR = 10
_RETRY_S = 300.0
_AGAIN = Act(
    "node", "node", "erased before; an older copy of the database was put back"
)


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What an order would erase.

    Attributes:
        items: The messages, with what stands against erasing them.
        until: When the last copy dies.
    """

    items: tuple[ErasureItem, ...]
    until: UnixMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What an order follows.

    Attributes:
        rule: Name of a retention class, or empty.
        takes_unseen: That nobody here has opened one is no obstacle.
    """

    rule: str = ""
    takes_unseen: bool = False


class Erasure:
    """Erases messages, and makes sure that they stay erased.

    Args:
        exchange: The store and the clock.
        blobs: Evidence files.
        register: What was erased, apart from the database.
        keys: Whose private keys could open a captured envelope.
        backup_days: No copy of the database is kept longer.
    """

    def __init__(
        self,
        exchange: Exchange,
        blobs: BlobStore,
        register: ErasureRegister,
        keys: OpeningKeys,
        *,
        backup_days: int,
    ) -> None:
        self._exchange = exchange
        self._blobs = blobs
        self._register = register
        self._keys = keys
        self._backup_ms = backup_days * _DAY_MS
        self._is_doubtful = False
        self._is_swept = True
        self._not_before_s = 0.0

    async def plan(
        self, ids: Sequence[MessageId], case_id: str = "", *, unseen: bool = False
    ) -> ErasurePlan:
        """Return what erasing messages, or all of a case, would remove.

        Args:
            ids: The messages.
            case_id: Or all of this case.
            unseen: That nobody here has opened one would be no obstacle.

        Raises:
            NotFoundError: No such message, or no message of that case.
            UsageError: Too many for one order.
        """
        store = self._exchange.store
        if case_id:
            ids = await store.messages_of_case(case_id, MAX_MESSAGES + 1)
            if not ids:
                raise NotFoundError("erasure: no message of that case is here")
        if len(ids) > MAX_MESSAGES:
            raise UsageError(f"erasure: at most {MAX_MESSAGES} messages at once")
        wanted = list(dict.fromkeys(ids))
        items = await store.erasure_items(wanted, unseen=unseen)
        return ErasurePlan(tuple(items), self._until())

    def _until(self) -> UnixMs:
        """Return when the last copy dies: backups, and keys that open envelopes."""
        backups_gone = self._exchange.clock.now() + self._backup_ms
        keys_gone = [parse_time(one.open_until) for one in self._keys.records()]
        return UnixMs(max(backups_gone, *keys_gone))

    async def erase(
        self,
        plan: ErasurePlan,
        basis: str,
        act: Act,
        following: Following = Following(),
    ) -> Erased:
        """Erase what a plan names, all or nothing.

        Raises:
            NotErasableError: One of them can't be erased now.
            ClockError: The clock jumped, and nobody has confirmed it.
            GatewayError: It was erased, but something outside the database could not
                be removed yet; it is tried again.
        """
        self._exchange.clock_hold.check("erasure")
        order = ErasureOrder(
            basis=basis,
            until=plan.until,
            act=act,
            rule=following.rule,
            takes_unseen=following.takes_unseen,
        )
        ids = [item.id for item in plan.items]
        return await self._carry_out(ids, order)

    async def _carry_out(
        self,
        ids: Sequence[MessageId],
        order: ErasureOrder,
    ) -> Erased:
        now = self._exchange.clock.now()
        self._is_doubtful = True
        try:
            erased = await self._exchange.store.erase(ids, order, now)
        except (NotErasableError, NotFoundError):
            self._is_doubtful = False  # nothing was changed
            raise
        for note in erased.notes:
            log.info("message_erased", message_id=note.id, log_index=note.log_index)
        await self._follow(erased)
        self._is_doubtful = False
        return erased

    async def _follow(self, erased: Erased) -> None:
        """Remove outside the database what a transaction has erased in it."""
        if not erased.notes:
            return
        await asyncio.to_thread(self._register.remember, erased.notes)
        await asyncio.to_thread(self._register.destroy, erased.rings)
        await self._blobs.remove(erased.blobs)
        await self._exchange.store.retire_wal()

    async def recover(self) -> None:
        """Finish what was begun, and erase again what an older database brought back.

        Called before anything is served, and after an order whose end is not known.
        Files that are left over are swept with all others at the start. Keys of rings
        are too, if anything was removed since the file was last written anew: an order
        may have been cut off. Else the next `tidy` does it, for there may be a million.

        Raises:
            GatewayError: The register or the database can't be used.
        """
        store = self._exchange.store
        known = await asyncio.to_thread(self._register.erased)
        recorded = await store.all_erased()
        await self._remember([note for note in recorded if note.id not in known])
        await self._erase_again(known)
        if await store.is_compaction_due():
            await self._sweep()
        else:
            self._is_swept = False
        self._is_doubtful = False

    async def _sweep(self) -> None:
        """Destroy the keys of rings that nothing names any more.

        The size first: whatever is made meanwhile is made at that size or later, and
        left alone.
        """
        size = (await self._exchange.store.log_head()).size
        named = await self._exchange.store.rings()
        swept = await asyncio.to_thread(self._register.sweep, named, size)
        if swept:
            log.info("disclosure_rings_swept", destroyed=swept)
        self._is_swept = True

    async def _remember(self, notes: Sequence[ErasedNote]) -> None:
        if notes:
            await asyncio.to_thread(self._register.remember, notes)

    async def _erase_again(self, known: dict[MessageId, ErasedNote]) -> None:
        ids = list(known)
        for start in range(0, len(ids), _AT_ONCE):
            page = ids[start : start + _AT_ONCE]
            erased = set(await self._exchange.store.erased_ids(page))
            for message_id in page:
                if message_id not in erased:
                    await self._again(known[message_id])

    async def _again(self, note: ErasedNote) -> None:
        order = ErasureOrder(
            basis=note.basis,
            until=note.until,
            act=_AGAIN,
            is_repeated=True,
        )
        done = await self._carry_out([note.id], order)
        if done.notes:
            log.warning("message_erased_again", message_id=note.id)
        else:
            # Still to be sent or received as this older copy has it; tried again at
            # the next start, when the peer has said that it knows it.
            log.warning("message_not_erased_again", message_id=note.id)

    async def tidy(self) -> None:
        """Write the database anew if something was removed; called every few seconds.

        After a start, or an order whose end is not known, ring keys are swept first.

        How long that takes decides how soon it may be done again.
        """
        clock = self._exchange.clock
        began_s = clock.monotonic_s()
        if began_s < self._not_before_s:
            return
        try:
            if self._is_doubtful:
                await self.recover()
            if not self._is_swept:
                await self._sweep()
            if await self._exchange.store.is_compaction_due():
                await self._exchange.store.compact()
                took_s = clock.monotonic_s() - began_s
                self._not_before_s = clock.monotonic_s() + _REST_FACTOR * took_s
                log.info("database_compacted", duration_ms=round(took_s * 1000))
        except GatewayError as error:
            self._not_before_s = clock.monotonic_s() + _RETRY_S
            log.warning("erasure_unfinished", code=error.code, reason=str(error))
