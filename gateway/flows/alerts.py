"""Alerts: looking, raising, resolving, and telling over channels.

Two loops that know nothing of each other but what is stored. One looks at what is not
well and stores the steps that follow. The other tells each channel the steps that it
was not told yet, in order; its place moves on once a telling was taken, so a process
that dies in between tells once more, never less (specification, section 13.13).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import structlog

from gateway.core.alerts import (
    ALERTS,
    AlertPolicy,
    AlertStep,
    Condition,
    Settling,
    Severity,
)
from gateway.core.delivery import BackOff
from gateway.core.errors import GatewayError
from gateway.core.values import NEVER, UnixMs
from gateway.flows.repeating import repeat
from gateway.ports.alerts import (
    Alert,
    AlertChannel,
    AlertEvent,
    AlertStore,
    ChannelState,
)
from gateway.ports.world import Clock, Metrics

log = structlog.get_logger()

_LOOK_S: Final = 60.0
_TELL_S: Final = 10.0
_EVENTS_A_TELLING: Final = 100
_DAY_MS: Final = 86_400_000
_KEPT_DAYS: Final = 90
# A channel that was away for longer is not told what happened before: who looks after
# it is better served by what is so now.
_OLD_NEWS_MS: Final = 7 * _DAY_MS
_BACK_OFF: Final = BackOff(first_delay_ms=60_000, max_delay_ms=3_600_000)
_FEWEST_FAILURES: Final = 3
_AT_ONCE: Final = frozenset({AlertStep.RAISED, AlertStep.WORSENED})

Look: TypeAlias = Callable[[], Awaitable[Sequence[Condition]]]


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """How a test of a channel went; `error` is empty if it was taken."""

    name: str
    error: str


class Alerts:
    """Keeps alerts and tells of them.

    Args:
        store: Where they are kept.
        clock: The time.
        metrics: Told how many are open.
        policy: When they end and are repeated.
        channels: Returns where they are told of, by now.
    """

    def __init__(
        self,
        store: AlertStore,
        clock: Clock,
        metrics: Metrics,
        policy: AlertPolicy,
        channels: Callable[[], Awaitable[Sequence[AlertChannel]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._policy = policy
        self._channels = channels
        self._settling = Settling()
        self._began_at = clock.now()
        self._next_day_at = UnixMs(0)
        self._measured: set[tuple[str, Severity]] = set()

    async def run(self, look: Look) -> None:
        """Look and tell, for ever.

        Args:
            look: Returns what is not well now.
        """
        async with asyncio.TaskGroup() as loops:
            for step, every_s in (
                (lambda: self.watch(look), _LOOK_S),
                (self.tell, _TELL_S),
            ):
                loops.create_task(
                    repeat(
                        step,
                        every_s=every_s,
                        clock=self._clock,
                        failure="alerts_failed",
                    )
                )

    async def watch(self, look: Look) -> None:
        """Look once, and store what follows."""
        seen = await look()
        now = self._clock.now()
        steps = await self._store.observe_alerts(
            self._settling.settled(seen, now),
            policy=self._policy,
            since=self._began_at,
            now=now,
        )
        for event in steps:
            _say(event)
        await self._measure()
        if now >= self._next_day_at:
            self._next_day_at = UnixMs(now + _DAY_MS)
            await self._store.prune_alerts(UnixMs(now - _KEPT_DAYS * _DAY_MS))

    async def tell(self) -> None:
        """Tell every channel what it was not told yet."""
        for channel in await self._channels():
            await self._tell(channel)

    async def test(self) -> list[ChannelTest]:
        """Tell every channel that this is a test; return how that went."""
        return [
            ChannelTest(channel.name, await _tested(channel))
            for channel in await self._channels()
        ]

    async def page(
        self, *, is_open: bool | None, before: int | None, limit: int
    ) -> list[Alert]:
        """Return alerts with a number below `before`, newest first."""
        return await self._store.alerts(is_open=is_open, before=before, limit=limit)

    async def acknowledge(self, number: int, who: str) -> Alert:
        """Note that somebody knows of an alert; nobody is reminded any more.

        Raises:
            NotFoundError: No such alert.
            ConflictError: It is resolved.
        """
        return await self._store.acknowledge_alert(number, who, self._clock.now())

    async def failing_channels(self) -> list[ChannelState]:
        """Return the channels that have failed several times in a row."""
        states = [
            await self._store.alert_channel(channel.name)
            for channel in await self._channels()
        ]
        return [state for state in states if state.failures >= _FEWEST_FAILURES]

    async def _tell(self, channel: AlertChannel) -> None:
        state = await self._store.alert_channel(channel.name)
        now = self._clock.now()
        if state.failures and now < state.next_at:
            return
        events = await self._store.alert_events(
            after=state.cursor, limit=_EVENTS_A_TELLING
        )
        if not events:
            return
        done = replace(state, cursor=events[-1].number, failures=0, error="")
        wanted = [
            event
            for event in events
            if now - event.at <= _OLD_NEWS_MS and channel.wants(event)
        ]
        if not wanted:
            await self._store.put_alert_channel(done)
            return
        if now < state.next_at and not any(map(_is_pressing, wanted)):
            return
        try:
            await channel.tell(wanted)
        except GatewayError as error:
            await self._failed(state, error)
            return
        pause_ms = channel.pause_ms
        next_at = UnixMs(now + pause_ms) if pause_ms else NEVER
        await self._store.put_alert_channel(replace(done, next_at=next_at))

    async def _failed(self, state: ChannelState, error: GatewayError) -> None:
        failures = state.failures + 1
        delay_ms = _BACK_OFF.delay_ms(failures, 1.0)
        self._metrics.count("mla_alert_failures_total", channel=state.name)
        log.error(
            "alerts_not_told", channel=state.name, code=error.code, reason=str(error)
        )
        await self._store.put_alert_channel(
            replace(
                state,
                failures=failures,
                next_at=UnixMs(self._clock.now() + delay_ms),
                error=f"{error.code}: {error}",
            )
        )

    async def _measure(self) -> None:
        """Publish how many are open; what is none any more stands there as 0."""
        counts = await self._store.open_alert_counts()
        self._measured |= counts.keys()
        for name, severity in self._measured:
            self._metrics.gauge(
                "mla_alert",
                counts.get((name, severity), 0),
                name=name,
                severity=severity.value,
            )


async def _tested(channel: AlertChannel) -> str:
    try:
        await channel.test()
    except GatewayError as error:
        return f"{error.code}: {error}"
    return ""


def _is_pressing(event: AlertEvent) -> bool:
    """Tell whether a channel is told at once, though it was told something just now."""
    return event.severity is Severity.CRITICAL and event.step in _AT_ONCE


def _say(event: AlertEvent) -> None:
    seen = event.alert.seen
    say = log.info if event.step is AlertStep.RESOLVED else log.warning
    say(
        f"alert_{event.step}",
        alert=event.alert.number,
        name=seen.name,
        subject=seen.subject,
        severity=seen.severity.value,
        title=ALERTS[seen.name].title,
    )
