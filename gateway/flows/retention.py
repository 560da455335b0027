"""Retention: what is due by the table of classes, shown first and erased on order.

The table is `gateway.mla.retention`. Erasing is that of `gateway.flows.erasure`: items,
index and caches in one transaction with its entry, then keys and files, and a report.
Only what the table says goes by itself; everything else waits for people.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from gateway.core.delivery import Obstacle
from gateway.core.entries.disclosures import Act
from gateway.core.entries.leaf import parse_leaf
from gateway.core.errors import GatewayError, NotErasableError
from gateway.core.translog.tiles import TILE_WIDTH
from gateway.core.values import MessageId, UnixMs
from gateway.flows.admission import docket_with
from gateway.flows.days import day_of
from gateway.flows.erasure import MAX_MESSAGES, Erasure, Following
from gateway.flows.exchange import Exchange
from gateway.mla.disposal import id_digests
from gateway.mla.kept import KeptMessage
from gateway.mla.retention import Due, RetentionClass, Then, retention_of
from gateway.ports.alarms import AlarmKind, NewAlarm
from gateway.ports.cases import CaseFilter, CaseRow, DocketRow
from gateway.ports.messages import Box

if TYPE_CHECKING:
    from datetime import date

log = structlog.get_logger()

MAX_ITEMS: Final = 1_000
"""Items that a preview shows and an order carries out; the first due come first."""

_PAGE: Final = 200
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_LONGEST_PAUSE_S: Final = 0.25
# Cases in which nothing has happened for longer are left to people.
_AUTOMATIC_DAYS: Final = 90
_NODE: Final = "retention: the table of classes says that it goes by itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionItem:
    """Something of a case that is due, or will be.

    Attributes:
        due: What the table says.
        kept: What stands against erasing some of the messages now.
    """

    case_id: str
    peer: str
    due: Due
    kept: Mapping[str, Obstacle]

    @property
    def is_held(self) -> bool:
        """Whether a legal hold is on one of the messages."""
        return Obstacle.ON_HOLD in self.kept.values()

    @property
    def erasable(self) -> tuple[MessageId, ...]:
        """The messages that can go now."""
        return tuple(MessageId(one) for one in self.due.ids if one not in self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPreview:
    """What would go when, and what waits for people.

    Attributes:
        items: What is due until `until`, the first due first.
        is_cut: There is more.
        cases: Cases that were looked at.
        prunable: Index below which entries of the log are older than they need be;
            0 if none are.
    """

    items: tuple[RetentionItem, ...]
    is_cut: bool
    cases: int
    until: UnixMs
    prunable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionDone:
    """What was done about one item.

    Attributes:
        digests: SHA-256 of the id of each message that went, sorted.
        log_indices: Their `msg.erase` entries.
        failed: Why nothing was erased, or empty.
    """

    item: RetentionItem
    digests: tuple[str, ...] = ()
    log_indices: tuple[int, ...] = ()
    rings: int = 0
    failed: str = ""


class Retention:
    """Follows the table of retention classes.

    Args:
        exchange: The store and the clock.
        erasure: Erases.
        periods: Days of every class, as the settings say.
        log_days: How long entries of the log are kept.
    """

    def __init__(
        self,
        exchange: Exchange,
        erasure: Erasure,
        *,
        periods: Mapping[RetentionClass, int],
        log_days: int,
    ) -> None:
        self._exchange = exchange
        self._erasure = erasure
        self._periods = periods
        self._log_ms = log_days * _DAY_MS
        self._next_at = UnixMs(0)
        self._reminded_on: date | None = None

    @property
    def periods(self) -> Mapping[RetentionClass, int]:
        """Days of every class, as the settings say."""
        return self._periods

    async def preview(self, until: UnixMs) -> RetentionPreview:
        """Return what is due until a moment, the first due first."""
        items, cases = [], 0
        async for row, due in self._due(CaseFilter(), until):
            cases += 1
            items += [(row, one) for one in due]
        items.sort(key=lambda pair: (pair[1].due_at, pair[0].number))
        shown = [await self._item(row, due) for row, due in items[:MAX_ITEMS]]
        return RetentionPreview(
            items=tuple(shown),
            is_cut=len(items) > len(shown),
            cases=cases,
            until=until,
            prunable=await self._prunable(),
        )

    async def _due(
        self, wanted: CaseFilter, until: UnixMs
    ) -> AsyncIterator[tuple[CaseRow, list[Due]]]:
        """Yield every case with what is due of it."""
        before: int | None = None
        store = self._exchange.store
        while page := await store.cases(wanted, before=before, limit=_PAGE):
            for row in page:
                await self._exchange.giving_way.give_way(_LONGEST_PAUSE_S)
                docket = await docket_with(store, row.case_id, row.peer)
                due = retention_of(
                    [kept_message(one) for one in docket],
                    self._periods,
                    reviewed_at=await store.case_review(row.case_id),
                )
                yield row, [one for one in due if one.due_at <= until]
            before = page[-1].number

    async def _item(self, row: CaseRow, due: Due) -> RetentionItem:
        ids = [MessageId(one) for one in due.ids]
        plan = await self._exchange.store.erasure_items(
            ids, unseen=due.rule.takes_unseen
        )
        kept = {str(one.id): one.obstacle for one in plan if one.obstacle}
        return RetentionItem(case_id=row.case_id, peer=row.peer, due=due, kept=kept)

    async def due_for_erasure(
        self, wanted: Sequence[RetentionClass]
    ) -> list[RetentionItem]:
        """Return what is due to be erased now; of these classes, or of all.

        Raises:
            ClockError: The clock jumped, and nobody has confirmed it.
        """
        self._exchange.clock_hold.check("retention")
        found = await self.preview(self._exchange.clock.now())
        return [
            one
            for one in found.items
            if one.due.rule.then is Then.ERASE
            and (not wanted or one.due.rule.name in wanted)
        ]

    async def erase(
        self, items: Sequence[RetentionItem], act: Act
    ) -> list[RetentionDone]:
        """Erase what may go of some items, one order each.

        What is held, or cannot go yet, stays and is named.
        """
        return [await self._carry_out(one, act) for one in items]

    async def _carry_out(self, item: RetentionItem, act: Act) -> RetentionDone:
        rule = item.due.rule
        ids = item.erasable[:MAX_MESSAGES]
        if not ids:
            return RetentionDone(item=item, failed="nothing of it can go now")
        try:
            plan = await self._erasure.plan(ids, unseen=rule.takes_unseen)
            following = Following(rule=rule.name, takes_unseen=rule.takes_unseen)
            basis = f"retention {rule.name}"
            erased = await self._erasure.erase(plan, basis, act, following)
        except NotErasableError as error:
            return RetentionDone(item=item, failed=str(error))
        gone = [note.id for note in erased.notes]
        return RetentionDone(
            item=item,
            digests=id_digests(gone),
            log_indices=tuple(note.log_index for note in erased.notes),
            rings=len(erased.rings),
        )

    async def run_automatic(self) -> None:
        """Erase, once an hour, what the table says goes by itself."""
        now = self._exchange.clock.now()
        if now < self._next_at or self._exchange.clock_hold.is_held:
            return
        self._next_at = UnixMs(now + _HOUR_MS)
        since = UnixMs(now - _AUTOMATIC_DAYS * _DAY_MS)
        try:
            async for row, due in self._due(CaseFilter(since=since), now):
                for one in due:
                    if one.rule.is_automatic:
                        await self._automatic(row, one)
            await self._remind(now)
        except GatewayError as error:
            log.warning("retention_unfinished", code=error.code, reason=str(error))

    async def _automatic(self, row: CaseRow, due: Due) -> None:
        item = await self._item(row, due)
        done = await self._carry_out(item, Act("node", "node", _NODE))
        if done.digests:
            log.info("retention_erased", rule=due.rule.name, count=len(done.digests))
        if item.kept and due.overdue_at < self._exchange.clock.now():
            log.warning(
                "retention_overdue",
                rule=due.rule.name,
                kept=len(item.kept),
                obstacle=str(next(iter(item.kept.values()))),
            )
            await self._alarm(f"erasure:{next(iter(item.kept))}", row.case_id)

    async def _remind(self, now: UnixMs) -> None:
        """Raise an alarm, one a month, if a case is to be looked at; looks once a day.

        The list is that of the preview: an alarm for each case would hide the rest.
        """
        today = day_of(now)
        if today == self._reminded_on:
            return
        async for _, due in self._due(CaseFilter(), now):
            if any(one.rule.then is Then.REVIEW for one in due):
                await self._alarm(f"retention:{today:%Y-%m}")
                break
        self._reminded_on = today

    async def _alarm(self, subject: str, case_id: str = "") -> None:
        new = NewAlarm(kind=AlarmKind.REVIEW_OVERDUE, subject=subject, case_id=case_id)
        now = self._exchange.clock.now()
        await self._exchange.store.raise_alarm(new, Act("node", "node", _NODE), now)

    async def review(self, case_id: str, act: Act) -> int:
        """Record that a case is still needed; return the index of the entry.

        Raises:
            NotFoundError: No message of that case is here.
        """
        now = self._exchange.clock.now()
        return await self._exchange.store.record_review(case_id, act, now)

    async def _prunable(self) -> int:
        """Return the index below which entries are older than they are kept."""
        store = self._exchange.store
        kept_from = UnixMs(self._exchange.clock.now() - self._log_ms)
        low, high = await store.log_minimum(), (await store.log_head()).size
        while low < high:
            middle = (low + high) // 2
            (entry,) = await store.entries(middle, 1)
            log_name = self._exchange.checkpoints.origin
            is_old = not entry.data or (
                parse_leaf(entry.data, log=log_name).at < kept_from
            )
            low, high = (middle + 1, high) if is_old else (low, middle)
        return low - low % TILE_WIDTH


def kept_message(row: DocketRow) -> KeptMessage:
    """Return a message of a docket as the rules see it."""
    return KeptMessage(
        id=row.id,
        is_ours=row.box is Box.OUT,
        state=row.state,
        at=row.accepted_at,
        entry=row.entry,
    )
