"""A desk over one side of a pair: a roster that a test sets, a program that records."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from gateway.core.canonical import JsonObject, JsonValue
from gateway.flows.deadline_book import DeadlineBook
from gateway.flows.desk import Desk
from gateway.flows.desk_policy import DeskPolicy
from gateway.flows.desk_watch import DeskWatch
from gateway.mla.deadlines import Terms
from gateway.mla.envelope_fields import Form
from gateway.mla.roster import OnCall, Roster
from gateway.ports.alarms import Alarm, AlarmFilter
from tests.support.forms import in_form, sample, with_value
from tests.support.pair import Side


@dataclass
class RecordedProgram:
    """Implements `Notifier`: keeps what it is told.

    Attributes:
        failure: What it answers; empty for success.
    """

    failure: str = ""
    told: list[JsonObject] = field(default_factory=list)
    is_configured: bool = True

    async def notify(self, told: bytes) -> str:
        self.told.append(cast("JsonObject", json.loads(told)))
        return self.failure


@dataclass
class DeskOf:
    """The desk of one side.

    Attributes:
        roster: Who is on call; a test may set another.
    """

    side: Side
    program: RecordedProgram = field(default_factory=RecordedProgram)
    roster: Roster = field(default_factory=Roster)
    policy: DeskPolicy = field(default_factory=DeskPolicy)
    terms: Callable[[], Terms] = Terms

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Build it anew over what is stored, as a start does."""

        async def roster() -> Roster:
            return self.roster

        exchange = self.side.exchange
        self.book = DeadlineBook(self.side.store, self.side.clock, self.terms)
        self.watch = DeskWatch(exchange, self.book, self.policy, self.terms)
        self.desk = Desk(
            exchange,
            self.watch,
            self.policy,
            roster=roster,
            notifier=self.program,
        )

    async def pass_time(self, seconds: float, step_s: float = 5.0) -> None:
        """Let time go by, with the desk at work."""
        passed = 0.0
        while passed < seconds:
            step = min(step_s, seconds - passed)
            self.side.clock.advance(step)
            passed += step
            await self.desk.attend()
            await self.desk.tell()

    async def alarms(
        self, kind: str = "", *, is_open: bool | None = True
    ) -> list[Alarm]:
        """Return alarms, newest first."""
        wanted = AlarmFilter(is_open=is_open, kind=kind)
        return await self.side.store.alarms(wanted, before=None, limit=100)

    async def kinds(self) -> list[str]:
        """Return the kinds of the open alarms, in order."""
        return sorted(alarm.new.kind.value for alarm in await self.alarms())


def on_call(*names: str) -> Roster:
    """Return a roster of persons who are always on duty."""
    return Roster(tuple(OnCall(name=one, contact=f"tel:{one}") for one in names))


def emergency_request() -> JsonObject:
    """Return an emergency request, as its author writes it."""
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    text: JsonValue = [{"lang": "en", "text": "A threat.", "is_translation": False}]
    form = with_value(form, "/urgency", "EMERGENCY")
    form = with_value(form, "/payload/urgency_reason", "U07")
    return with_value(
        form,
        "/payload/emergency",
        {"facts": text, "threatened_interest": "life", "how_data_help": text},
    )


def needed_by(day: str) -> JsonObject:
    """Return a request that gives a day, as its author writes it."""
    form = in_form(sample("MLA_REQ"), Form.AUTHOR)
    form.pop("case_id", None)
    return with_value(form, "/payload/needed_by", day)
