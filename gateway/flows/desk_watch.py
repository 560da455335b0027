"""What the desk raises alarms about: deadlines, receipts, emergencies.

Every alarm is derived from what is stored and raised once for its subject, so a look
that was interrupted is made again, and one that finds nothing new writes nothing.
"""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import structlog

from gateway.core.delivery import OutboundState
from gateway.core.entries.disclosures import Act
from gateway.core.errors import NotFoundError
from gateway.core.values import MessageId, UnixMs
from gateway.flows.days import day_of
from gateway.flows.deadline_book import DeadlineBook, Line, line_of
from gateway.flows.desk_policy import UNDELIVERED_AFTER_MS, DeskPolicy
from gateway.flows.exchange import Exchange
from gateway.flows.reviews import is_review, overdue_reviews
from gateway.mla.deadlines import Nature, Terms, rule_called
from gateway.mla.deadlines.model import has_passed
from gateway.ports.alarms import Alarm, AlarmFilter, AlarmKind, NewAlarm
from gateway.ports.messages import Box
from gateway.ports.owed import OwedKind, OwedQuestion
from gateway.ports.peers import Peer

if TYPE_CHECKING:
    from datetime import date

log = structlog.get_logger()

NODE = Act("node", "node")

_PAGE = 100
_WEEK_MS = 7 * 86_400_000
# More of one peer at once say nothing new: it is away, and the queue shows how much
# waits for it.
MOST_RECEIPT_ALARMS = 20

# Of what the other side owes as a service only, these are asked for.
_TARGETS_OF_OTHERS = frozenset({"D27.ack", "D27.emergency"})
_ACKNOWLEDGEMENTS = frozenset({"D01", "D27.ack"})
_ARRIVED = frozenset(
    {
        OutboundState.DELIVERED,
        OutboundState.OPENED,
        OutboundState.CANCELLED,
        OutboundState.ERASED,
    }
)
_OF_DEADLINES = frozenset({AlarmKind.DEADLINE_AHEAD, AlarmKind.DEADLINE_OVERDUE})
_OF_DELIVERY = frozenset({AlarmKind.RECEIPT_OVERDUE, AlarmKind.EMERGENCY_UNDELIVERED})


class DeskWatch:
    """Looks for what somebody has to know, and withdraws what is settled.

    Args:
        exchange: The store, the peers, the clock.
        book: The deadlines.
        policy: When to warn.
        terms: Returns what days are counted by now.
    """

    def __init__(
        self,
        exchange: Exchange,
        book: DeadlineBook,
        policy: DeskPolicy,
        terms: Callable[[], Terms],
    ) -> None:
        self._exchange = exchange
        self._book = book
        self._policy = policy
        self._terms = terms
        # Only spares writes that would find their alarm raised already.
        self._raised: set[tuple[AlarmKind, str]] = set()
        self._reviews_of: date | None = None

    async def look_for_emergencies(self, *, tells: bool) -> None:
        """Raise an alarm for each emergency message, and for each that is not taken.

        Args:
            tells: Whether the notify program is run at once, as nobody is on call.
        """
        now = self._exchange.clock.now()
        store = self._exchange.store
        since = UnixMs(now - _WEEK_MS)
        for message_id in await store.alarmless_emergencies(since=since, limit=_PAGE):
            await self._raise_of_message(AlarmKind.EMERGENCY, message_id, tells=tells)
        before = UnixMs(now - UNDELIVERED_AFTER_MS)
        for message_id in await store.late_emergencies(before=before, limit=_PAGE):
            kind = AlarmKind.EMERGENCY_UNDELIVERED
            await self._raise_of_message(kind, message_id, tells=tells)

    async def look_at_deadlines(self) -> None:
        """Raise an alarm for each deadline that is near or was missed."""
        await self._book.refresh()
        now, terms = self._exchange.clock.now(), self._terms()
        wanted: dict[Line, AlarmKind] = {}
        for line in self._book.lines():
            kind = self._kind_of(line, terms, now)
            if kind is not None and (kind, line.subject) not in self._raised:
                wanted[line] = kind
        for found in await self._book.fresh(list(wanted)):
            line = line_of(found)
            kind = self._kind_of(line, terms, now)
            if kind is not None:
                await self._raise_of_deadline(kind, line)

    async def look_for_receipts(self) -> None:
        """Raise an alarm for messages that the node of their peer has not taken."""
        for peer in self._exchange.directory.peers():
            await self._look_for_receipts_of(peer)

    async def look_for_reviews(self) -> None:
        """Raise an alarm for each review whose day has passed; once a day."""
        today = day_of(self._exchange.clock.now())
        if today != self._reviews_of:
            for subject in sorted(await self._overdue_reviews()):
                await self._raise(
                    NewAlarm(kind=AlarmKind.REVIEW_OVERDUE, subject=subject)
                )
            self._reviews_of = today

    async def _overdue_reviews(self) -> frozenset[str]:
        store, now = self._exchange.store, self._exchange.clock.now()
        requests = await store.subject_requests(is_open=True)
        return overdue_reviews(await store.holds(), requests, day_of(now))

    async def withdraw_settled(self) -> None:
        """Withdraw the alarms whose reason is gone."""
        reviews: frozenset[str] | None = None
        subjects = {line.subject: line for line in self._book.lines()}
        async for alarm in self.open_alarms():
            if alarm.new.kind in _OF_DEADLINES:
                is_gone = await self._is_settled(alarm, subjects.get(alarm.new.subject))
            elif alarm.new.kind in _OF_DELIVERY:
                is_gone = await self._has_arrived(alarm)
            elif alarm.new.kind is AlarmKind.REVIEW_OVERDUE:
                if reviews is None:
                    reviews = await self._overdue_reviews()
                subject = alarm.new.subject
                is_gone = is_review(subject) and subject not in reviews
            else:
                is_gone = False
            if is_gone:
                now = self._exchange.clock.now()
                await self._exchange.store.withdraw_alarm(alarm.number, NODE, now)
                log.info("alarm_withdrawn", alarm=alarm.number, kind=alarm.new.kind)

    async def open_alarms(self) -> AsyncIterator[Alarm]:
        """Yield all open alarms, oldest first."""
        after = 0
        while True:
            page = await self._exchange.store.open_alarms(after=after, limit=_PAGE)
            for alarm in page:
                yield alarm
            if len(page) < _PAGE:
                return
            after = page[-1].number

    def _kind_of(self, line: Line, terms: Terms, now: UnixMs) -> AlarmKind | None:
        """Return which alarm a deadline wants now; None if none."""
        rule = rule_called(line.rule)
        if rule is None or line.is_suspended:
            return None
        is_ours = line.owner == self._exchange.ourselves
        if has_passed(UnixMs(line.due), now):
            is_asked_for = rule.nature is Nature.DUTY or line.rule in _TARGETS_OF_OTHERS
            is_owed = is_ours or is_asked_for
            return AlarmKind.DEADLINE_OVERDUE if is_owed else None
        calendar = terms.calendar(line.owner)
        is_near = is_ours and self._policy.is_near(line, rule.unit, calendar, now)
        return AlarmKind.DEADLINE_AHEAD if is_near else None

    async def _raise_of_deadline(self, kind: AlarmKind, line: Line) -> None:
        lacking = ""
        if kind is AlarmKind.DEADLINE_OVERDUE and line.rule in _ACKNOWLEDGEMENTS:
            lacking = await self._lacking(MessageId(line.started_by), line)
        await self._raise(
            NewAlarm(
                kind=kind,
                subject=line.subject,
                case_id=line.case_id,
                message_id=line.started_by,
                peer=line.peer,
                owner=line.owner,
                rule=line.rule,
                due=UnixMs(line.due),
                lacking=lacking,
            )
        )

    async def _lacking(self, message_id: MessageId, line: Line) -> str:
        """Return `ack` if it is our own message that was not acknowledged."""
        if line.owner == self._exchange.ourselves:
            return ""
        try:
            row = await self._exchange.store.message(message_id)
        except NotFoundError:
            return ""
        return "ack" if row.box is Box.OUT else ""

    async def _look_for_receipts_of(self, peer: Peer) -> None:
        store, now = self._exchange.store, self._exchange.clock.now()
        question = OwedQuestion(
            peer.authority,
            OwedKind.RECEIPT,
            urgent_before=UnixMs(now - self._policy.urgent_receipt_ms),
            routine_before=UnixMs(now - self._policy.receipt_ms),
        )
        wanted = AlarmFilter(
            is_open=True, kind=AlarmKind.RECEIPT_OVERDUE, peer=peer.authority
        )
        open_ones = await store.alarms(wanted, before=None, limit=MOST_RECEIPT_ALARMS)
        room = MOST_RECEIPT_ALARMS - len(open_ones)
        if room <= 0:
            return
        for owed in await store.owed(question, after=-1, limit=MOST_RECEIPT_ALARMS):
            if room > 0 and await self._raise_of_message(
                AlarmKind.RECEIPT_OVERDUE, owed.message_id, lacking="receipt"
            ):
                room -= 1

    async def _raise_of_message(
        self,
        kind: AlarmKind,
        message_id: MessageId,
        *,
        lacking: str = "",
        tells: bool = True,
    ) -> bool:
        if (kind, message_id) in self._raised:
            return False
        try:
            row = await self._exchange.store.message(message_id)
        except NotFoundError:
            return False
        return await self._raise(
            NewAlarm(
                kind=kind,
                subject=message_id,
                case_id=row.case_id,
                message_id=message_id,
                peer=row.peer,
                lacking=lacking,
                tells=tells,
            )
        )

    async def _raise(self, new: NewAlarm) -> bool:
        now = self._exchange.clock.now()
        alarm = await self._exchange.store.raise_alarm(new, NODE, now)
        self._raised.add((new.kind, new.subject))
        if alarm is None:
            return False
        log.warning(
            "alarm_raised",
            alarm=alarm.number,
            kind=new.kind.value,
            peer=new.peer,
            rule=new.rule,
        )
        return True

    async def _is_settled(self, alarm: Alarm, line: Line | None) -> bool:
        """Tell whether a deadline is not as its alarm says any more."""
        now = self._exchange.clock.now()
        new = alarm.new
        if line is not None:
            # A warning gives way to the alarm that the time has passed.
            is_ahead = new.kind is AlarmKind.DEADLINE_AHEAD
            return line.is_suspended or is_ahead is has_passed(new.due, now)
        peer = next(
            (
                one
                for one in self._exchange.directory.peers()
                if one.authority == new.peer
            ),
            None,
        )
        if peer is None:
            return False
        found = await self._book.of_case(new.case_id, peer.authority)
        pending = {
            (one.rule.name, one.started_by, one.due) for one in found if one.is_pending
        }
        rule, started_by, _ = new.subject.split(":")
        return (rule, started_by, new.due) not in pending

    async def _has_arrived(self, alarm: Alarm) -> bool:
        try:
            row = await self._exchange.store.message(MessageId(alarm.new.message_id))
        except NotFoundError:
            return True
        return row.state in _ARRIVED
