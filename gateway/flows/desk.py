"""The desk: it raises alarms, asks persons on call, and tells people by a program.

Three loops that know nothing of each other but what is stored. A process that dies
between any two of their steps goes on at the next start: an alarm that was raised and
not asked of anybody is asked, one that was asked and not told is told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from gateway.core.canonical import JsonObject, encode
from gateway.core.errors import GatewayError
from gateway.core.values import NEVER, UnixMs, format_time
from gateway.flows.desk_policy import DeskPolicy
from gateway.flows.desk_watch import NODE, DeskWatch
from gateway.flows.exchange import Exchange
from gateway.flows.repeating import repeat
from gateway.mla.deadlines import rule_called
from gateway.mla.roster import Roster
from gateway.ports.alarms import REVIEW_KINDS, URGENT_KINDS, Alarm, AlarmKind
from gateway.ports.notify import Notifier

log = structlog.get_logger()

_TICK_S: Final = 5.0
_TELL_S: Final = 2.0
_LOOK_S: Final = 60.0
_TOLD_AT_ONCE: Final = 4
_FIRST_RETRY_MS: Final = 15_000
_LAST_RETRY_MS: Final = 900_000
_DAY_MS: Final = 86_400_000


class Desk:
    """Watches over deadlines, receipts and emergencies, and gets people to look.

    Args:
        exchange: The store, the clock, figures.
        watch: What alarms are raised about.
        policy: How long persons are waited for.
        roster: Reads who is on call; never fails.
        notifier: The authority's program.
    """

    def __init__(
        self,
        exchange: Exchange,
        watch: DeskWatch,
        policy: DeskPolicy,
        *,
        roster: Callable[[], Awaitable[Roster]],
        notifier: Notifier,
    ) -> None:
        self._exchange = exchange
        self._watch = watch
        self._policy = policy
        self._roster = roster
        self._notifier = notifier

    async def run(self) -> None:
        """Keep the desk, for ever."""
        async with asyncio.TaskGroup() as loops:
            for step, every_s in (
                (self.attend, _TICK_S),
                (self.tell, _TELL_S),
                (self.look, _LOOK_S),
            ):
                loops.create_task(
                    repeat(
                        step,
                        every_s=every_s,
                        clock=self._exchange.clock,
                        failure="desk_failed",
                    )
                )

    async def attend(self) -> None:
        """Look for emergencies, and ask whoever is to be asked next."""
        roster = await self._roster()
        await self._watch.look_for_emergencies(tells=not roster.persons)
        async for alarm in self._watch.open_alarms():
            if alarm.new.kind in URGENT_KINDS and not alarm.claimed_by:
                await self._ask(alarm, roster)
        await self.measure()

    async def look(self) -> None:
        """Look at deadlines and receipts, and withdraw what is settled.

        While the time is in doubt nothing is found late.
        """
        if self._exchange.clock_hold.is_held:
            return
        await self._watch.look_at_deadlines()
        await self._watch.look_for_receipts()
        await self._watch.look_for_reviews()
        await self._watch.withdraw_settled()

    async def tell(self) -> None:
        """Run the notify program for each alarm of which there is something to tell."""
        now = self._exchange.clock.now()
        due = [
            alarm
            async for alarm in self._watch.open_alarms()
            if alarm.tell_at != NEVER and alarm.tell_at <= now
        ]
        if not due:
            return
        roster = await self._roster()
        due.sort(key=lambda alarm: alarm.new.kind not in URGENT_KINDS)
        room = asyncio.Semaphore(_TOLD_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for alarm in due:
                group.create_task(self._tell(alarm, roster, room))

    async def measure(self) -> None:
        """Publish how many alarms are open."""
        counts = await self._exchange.store.open_alarm_counts()
        for kind in AlarmKind:
            for is_claimed in (False, True):
                self._exchange.metrics.gauge(
                    "mla_alarms",
                    counts.get((kind.value, is_claimed), 0),
                    kind=kind.value,
                    claimed="yes" if is_claimed else "no",
                )

    async def _ask(self, alarm: Alarm, roster: Roster) -> None:
        """Ask the next person on call, unless the last one still has time."""
        now = self._exchange.clock.now()
        if alarm.asked and now - alarm.asked_at < self._policy.claim_ms:
            return
        person = roster.next_to_ask(alarm.asked, now)
        if person is None:
            return
        if await self._exchange.store.ask_person(
            alarm.number, person.name, asked=alarm.asked, act=NODE, now=now
        ):
            log.warning("alarm_asked", alarm=alarm.number, asked=alarm.asked + 1)

    async def _tell(
        self, alarm: Alarm, roster: Roster, room: asyncio.Semaphore
    ) -> None:
        failure = ""
        if self._notifier.is_configured:
            async with room:
                told = encode(_told(alarm, roster, self._exchange.ourselves))
                failure = await self._notifier.notify(told)
        again_at = _reminded_at(alarm, self._exchange.clock.now())
        if failure:
            delay_ms = min(_LAST_RETRY_MS, _FIRST_RETRY_MS << min(alarm.tries, 16))
            again_at = UnixMs(self._exchange.clock.now() + delay_ms)
            self._exchange.metrics.count("mla_notify_failures_total")
            log.error("alarm_not_told", alarm=alarm.number, reason=failure)
        try:
            await self._exchange.store.told_of_alarm(
                alarm.number, tell_at=alarm.tell_at, again_at=again_at
            )
        except GatewayError as error:
            # Told once more at the next turn: better twice than never.
            log.error("desk_failed", code=error.code, reason=str(error))  # noqa: TRY400 - expected, and said in full


def _reminded_at(alarm: Alarm, now: UnixMs) -> UnixMs:
    """Return when to tell of an alarm again that nobody has claimed: reviews only."""
    if alarm.new.kind not in REVIEW_KINDS:
        return NEVER
    return max(alarm.new.due, UnixMs(now + _DAY_MS))


def _told(alarm: Alarm, roster: Roster, ourselves: str) -> JsonObject:
    """Return what the notify program gets: no id, no name of a case, no content."""
    new = alarm.new
    rule = rule_called(new.rule)
    person = roster.person(alarm.person) if alarm.person else None
    told: JsonObject = {
        "authority": ourselves,
        "alarm": alarm.number,
        "kind": new.kind.value,
        "urgent": new.kind in URGENT_KINDS,
        "raised_at": format_time(alarm.raised_at),
        "asked": alarm.asked,
    }
    if new.peer:
        told["peer"] = new.peer
    if rule is not None:
        told["rule"] = rule.name
        told["title"] = rule.title_en
        told["ours"] = new.owner == ourselves
    if new.due != NEVER:
        told["due"] = format_time(new.due)
    if person is not None:
        told["person"] = {"name": person.name, "contact": person.contact}
    return told
