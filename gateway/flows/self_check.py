"""Checking the store against itself: at once, or slowly in the background.

One `Sweep` walks over all entries, then over all messages, then compares counters. An
auditor's verification runs one at full speed; the monitor runs one after the other
slowly, and beside it follows what is added, so that neither an old entry nor a new one
stays changed for long unseen (specification, section 8.12).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from gateway.core.translog.merkle import EMPTY_ROOT
from gateway.flows.findings import Finding
from gateway.flows.log_check import LogCheck, ReadNote
from gateway.flows.message_check import check_counts, check_message
from gateway.ports.checking import CheckedMessage, CheckStore, LogPage

MAX_FINDINGS = 100
_ENTRIES_A_PAGE = 512
_MESSAGES_A_PAGE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a whole check has shown.

    Attributes:
        entries: Entries that were hashed again.
        root: Root computed from them.
        pruned: Those of them of which only the hash is left.
        signed_size: Size of the newest signed checkpoint.
        messages: Messages that were compared with their entries.
        findings: What is wrong, in the order it was found; at most 100.
    """

    entries: int
    root: bytes
    pruned: int
    signed_size: int
    messages: int
    findings: tuple[Finding, ...]


class Sweep:
    """One walk over the whole store, a page a step.

    Args:
        store: What to check.
        origin: The log it must hold.
        read_note: Verifies signed notes of that log; without it neither kept notes
            nor stored proofs are looked into.
    """

    def __init__(
        self,
        store: CheckStore,
        origin: str,
        read_note: ReadNote | None = None,
    ) -> None:
        self._store = store
        self._has_proofs = read_note is not None
        self.log = LogCheck(origin, read_note=read_note)
        self._signed_size = 0
        self._messages = 0
        self._last_number = 0
        self._findings: list[Finding] = []
        self._steps = (self._log, self._all_messages, self._counts)
        self._phase = 0

    @property
    def is_done(self) -> bool:
        """Whether all was walked over."""
        return self._phase == len(self._steps)

    async def step(self) -> list[Finding]:
        """Check the next page; return what is wrong in it.

        Raises:
            StoreError: The database can't be read.
        """
        is_phase_over, findings = await self._steps[self._phase]()
        self._phase += is_phase_over
        room = MAX_FINDINGS - len(self._findings)
        self._findings += findings[:room]
        return findings

    def report(self) -> CheckReport:
        """Return what was found so far."""
        return CheckReport(
            entries=self.log.size,
            root=self.log.root if self.log.size else EMPTY_ROOT,
            pruned=self.log.pruned,
            signed_size=self._signed_size,
            messages=self._messages,
            findings=tuple(self._findings),
        )

    async def _log(self) -> tuple[bool, list[Finding]]:
        page, findings = await take_page(self._store, self.log)
        head = page.head
        self._signed_size = head.signed_size
        is_over = self.log.is_broken or self.log.size >= head.size
        return is_over, findings + (self.log.finish(head) if is_over else [])

    async def _all_messages(self) -> tuple[bool, list[Finding]]:
        page = await self._store.checked_messages(self._last_number, _MESSAGES_A_PAGE)
        if not page:
            return True, []
        self._last_number = page[-1].number
        self._messages += len(page)
        return False, await self._judge(page)

    async def _judge(self, page: list[CheckedMessage]) -> list[Finding]:
        return await asyncio.to_thread(
            judge_messages, page, with_proofs=self._has_proofs
        )

    async def _counts(self) -> tuple[bool, list[Finding]]:
        return True, list(check_counts(await self._store.counts()))


async def take_page(
    store: CheckStore, check: LogCheck
) -> tuple[LogPage, list[Finding]]:
    """Let a walk take the next page; return the page, and what is wrong in it."""
    # Whole tiles: so a page begins where a tile does.
    limit = _ENTRIES_A_PAGE - check.size % _ENTRIES_A_PAGE
    page = await store.log_page(check.size, limit)
    return page, await asyncio.to_thread(check.take, page)


def judge_messages(
    page: Iterable[CheckedMessage], *, with_proofs: bool
) -> list[Finding]:
    """Return what is wrong with some messages."""
    return [
        finding
        for message in page
        for finding in check_message(message, with_proofs=with_proofs)
    ]


async def check_store(
    store: CheckStore,
    *,
    origin: str,
    read_note: ReadNote | None = None,
    give_way: Callable[[], Awaitable[None]] | None = None,
    progress: Callable[[int], Awaitable[None]] | None = None,
) -> CheckReport:
    """Check a whole store at once.

    Args:
        store: What to check.
        origin: The log it must hold.
        read_note: As for `Sweep`.
        give_way: Waits for what is more urgent.
        progress: Told after every step how many entries were checked.

    Raises:
        StoreError: The database can't be read.
    """
    sweep = Sweep(store, origin, read_note)
    while not sweep.is_done:
        if give_way is not None:
            await give_way()
        await sweep.step()
        if progress is not None:
            await progress(sweep.log.size)
    return sweep.report()
