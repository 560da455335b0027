"""Methods of erasing and pruning (port `ErasureStore`)."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import parse_leaf
from gateway.core.values import MessageId, UnixMs, parse_time
from gateway.ports.erasure import (
    Erased,
    ErasureItem,
    ErasureOrder,
    Pruned,
    Pruning,
)
from gateway.ports.keys import ErasedNote, RingId
from gateway.ports.messages import MessageFilter
from gateway.storage.methods.base import StoreMethods
from gateway.storage.operations import erasure
from gateway.storage.rows import ListPosition
from gateway.storage.transaction import Reader

_PAGE = 500
_ERASED = "erased"
_KIND = "msg.erase"

_Page: TypeAlias = tuple[list[ErasedNote], ListPosition | None]


class ErasureMethods(StoreMethods):
    """Erasure and pruning."""

    async def messages_of_case(self, case_id: str, limit: int) -> list[MessageId]:
        """Return the messages of a case, newest first."""
        return await self._runner.read(
            lambda tx: erasure.messages_of_case(tx, case_id, limit)
        )

    async def erasure_items(
        self, ids: Sequence[MessageId], *, unseen: bool = False
    ) -> list[ErasureItem]:
        """Return how erasing messages would go, in their order."""
        return await self._runner.read(lambda tx: erasure.items(tx, ids, unseen=unseen))

    async def erase(
        self, ids: Sequence[MessageId], order: ErasureOrder, now: UnixMs
    ) -> Erased:
        """Erase messages, all or none, each with its `msg.erase`."""
        blind = self._vault.blind
        return await self._runner.write(
            lambda tx: erasure.erase(tx, ids, order, blind, now)
        )

    async def erased_ids(self, known: Sequence[MessageId]) -> list[MessageId]:
        """Return which of some messages are erased, or were never here."""
        return await self._runner.read(lambda tx: erasure.erased_ids(tx, known))

    async def all_erased(self) -> list[ErasedNote]:
        """Return every message that is erased under this log, as its entry says it."""
        found: list[ErasedNote] = []
        before: ListPosition | None = None
        while True:
            page, before = await self._runner.read(self._erased_after(before))
            found += page
            if before is None:
                return found

    def _erased_after(self, before: ListPosition | None) -> Callable[[Reader], _Page]:
        def page(tx: Reader) -> _Page:
            rows = tx.select(MessageFilter(states=(_ERASED,)), before, _PAGE)
            found = [self._note_of(tx, row.view.id) for row in rows]
            notes = [note for note in found if note is not None]
            last = rows[-1] if len(rows) == _PAGE else None
            at = ListPosition(last.view.accepted_at, last.number) if last else None
            return notes, at

        return page

    def _note_of(self, tx: Reader, message_id: MessageId) -> ErasedNote | None:
        """Return what the entry says; None if it stands in a log before this one."""
        entries = tx.entries_at(tx.entry_indices(message_id))
        found = [index for index, one in entries.items() if one.kind == _KIND]
        if not found:
            return None
        last = max(found)
        leaf = parse_leaf(entries[last].data, log=self._origin)
        until = parse_time(leaf.text("until"))
        return ErasedNote(message_id, last, until, leaf.text("basis"))

    async def rings(self) -> list[RingId]:
        """Return every ring that disclosures may be sealed under."""
        return await self._runner.read(lambda tx: tx.rings())

    async def log_minimum(self) -> int:
        """Return the minimum index of the log; 0 if it was never pruned."""
        return await self._runner.read(lambda tx: tx.minimum())

    async def plan_pruning(self, minimum: int) -> Pruning:
        """Return what pruning below an index would remove."""
        return await self._runner.read(lambda tx: erasure.plan_pruning(tx, minimum))

    async def prune(self, minimum: int, *, basis: str, act: Act, now: UnixMs) -> Pruned:
        """Remove the bytes of entries below an index, with a `log.prune` entry."""
        plan = await self.plan_pruning(minimum)
        index = await self._runner.write(
            lambda tx: erasure.prune(tx, minimum, basis, act, now)
        )
        # Now that those rows are gone; forgotten by a crash, the next pruning does it.
        rings = await self._runner.write(lambda tx: erasure.unused_rings(tx, minimum))
        return Pruned(plan, index, tuple(rings))

    async def retire_wal(self) -> None:
        """Move what was committed into the database file; empty the log beside it."""
        await self._runner.retire_wal()

    async def is_compaction_due(self) -> bool:
        """Tell whether something was removed since the file was written anew."""
        removals, compacted = await self._runner.read(lambda tx: tx.removals())
        return removals > compacted

    async def compact(self) -> None:
        """Write the database file anew, so that no trace stays of what was removed."""
        await self._runner.compact()
