"""The desk of a node, joined: deadlines, alarms, persons on call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import structlog

from gateway.config.desk import DeskSettings, parse_summons_days
from gateway.config.roster import read_roster
from gateway.core.errors import ConfigError
from gateway.flows.deadline_advice import DeadlineAdvice
from gateway.flows.deadline_book import DeadlineBook
from gateway.flows.desk import Desk
from gateway.flows.desk_policy import DeskPolicy
from gateway.flows.desk_watch import DeskWatch
from gateway.flows.exchange import Exchange
from gateway.mla.calendars import WorkingCalendar
from gateway.mla.deadlines import Terms
from gateway.mla.roster import Roster
from gateway.ports.world import Clock
from gateway.telemetry.notify import ProgramNotifier

log = structlog.get_logger()

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000
_TERMS_HOLD_S = 20.0


Calendars: TypeAlias = Callable[[], Mapping[str, WorkingCalendar]]


@dataclass(frozen=True, slots=True)
class DeskSide:
    """What watches over time and people.

    Attributes:
        advice: Compares deadlines that a peer announces.
        terms: Returns what days are counted by now.
        roster: Returns who is on call.
        has_program: Whether a notify program is configured.
    """

    desk: Desk
    book: DeadlineBook
    advice: DeadlineAdvice
    terms: Callable[[], Terms]
    roster: Callable[[], Awaitable[Roster]]
    has_program: bool


def join_desk(
    exchange: Exchange,
    settings: DeskSettings,
    calendars: Calendars = dict,
) -> DeskSide:
    """Return the desk of a node.

    Args:
        exchange: What it works on.
        settings: What `[desk]` says.
        calendars: Returns the calendars that authorities have published.

    Raises:
        ConfigError: The roster can't be used.
    """
    read_roster(settings.roster)
    terms = _Terms(settings, calendars, exchange.clock)
    policy = DeskPolicy(
        claim_ms=settings.claim_minutes * _MINUTE_MS,
        warn_days=settings.warn_days,
        warn_working_days=settings.warn_working_days,
        warn_hours=settings.warn_hours,
        receipt_ms=settings.receipt_hours * _HOUR_MS,
        urgent_receipt_ms=settings.urgent_receipt_minutes * _MINUTE_MS,
    )
    roster = _RosterFile(settings.roster)
    book = DeadlineBook(exchange.store, exchange.clock, terms)
    desk = Desk(
        exchange,
        DeskWatch(exchange, book, policy, terms),
        policy,
        roster=roster,
        notifier=ProgramNotifier(settings.notify),
    )
    advice = DeadlineAdvice(terms, exchange.clock)
    return DeskSide(
        desk, book, advice, terms, roster, has_program=bool(settings.notify)
    )


class _Terms:
    """What days are counted by; made anew a few times a minute at most.

    Args:
        settings: Which ends move, and what states declared.
        calendars: Returns the calendars that there are.
        clock: The time.
    """

    def __init__(
        self, settings: DeskSettings, calendars: Calendars, clock: Clock
    ) -> None:
        self._settings = settings
        self._calendars = calendars
        self._clock = clock
        self._made: Terms | None = None
        self._made_at_s = 0.0

    def __call__(self) -> Terms:
        """Return them."""
        now_s = self._clock.monotonic_s()
        if self._made is None or now_s - self._made_at_s >= _TERMS_HOLD_S:
            self._made_at_s = now_s
            self._made = Terms(
                self._calendars(),
                moving=frozenset(self._settings.moving),
                summons_days=parse_summons_days(self._settings.summons_days),
            )
        return self._made


class _RosterFile:
    """Reads the roster anew each time; a broken one leaves the last good one in force.

    Args:
        file: Where it lies.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._last = Roster()
        self._complaint = ""

    def __call__(self) -> Awaitable[Roster]:
        """Return who is on call."""
        return self._read()

    async def _read(self) -> Roster:
        try:
            self._last = await asyncio.to_thread(read_roster, self._file)
            self._complaint = ""
        except ConfigError as error:
            if str(error) != self._complaint:  # said once, not every few seconds
                self._complaint = str(error)
                log.error("roster_unusable", reason=str(error))  # noqa: TRY400 - expected, and said in full
        return self._last
