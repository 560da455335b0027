"""Alarms: what somebody has to look at, until a person has.

An alarm names what it is about by codes, ids and moments, never by content. It is
raised once for its subject, asked of one person after another until one claims it, and
resolved by a person, or by the node when its reason is gone. Each step is in the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gateway.core.entries.disclosures import Act
from gateway.core.values import NEVER, MessageId, UnixMs


class AlarmKind(StrEnum):
    """What an alarm is about."""

    DEADLINE_AHEAD = "deadline-ahead"  # a deadline of ours ends soon
    DEADLINE_OVERDUE = "deadline-overdue"  # a deadline was missed, by us or by them
    RECEIPT_OVERDUE = "receipt-overdue"  # the peer's node has not acknowledged
    EMERGENCY = "emergency"  # an emergency message came in or goes out
    EMERGENCY_UNDELIVERED = "emergency-undelivered"  # and the peer does not take it
    EVIDENCE_FAULTY = "evidence-faulty"  # something speaks against a file that came
    WEBHOOK_DISABLED = "webhook-disabled"  # a system is told nothing any more
    REVIEW_OVERDUE = "review-overdue"  # somebody was to look again by a day
    BREAK_GLASS_REVIEW = "break-glass-review"  # an approver was passed over


REVIEW_KINDS = frozenset({AlarmKind.BREAK_GLASS_REVIEW})
"""Kinds that nobody may resolve who raised them."""

REVIEW_WITHIN_MS = 24 * 3_600_000
"""An act without the approver is reviewed by the next day."""

URGENT_KINDS = frozenset({AlarmKind.EMERGENCY, AlarmKind.EMERGENCY_UNDELIVERED})
"""Kinds that go from one person on call to the next until one claims them."""


class Outcome(StrEnum):
    """How an alarm ended."""

    DONE = "done"  # a person says so
    GONE = "gone"  # its reason is gone: the deadline was met, the message arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlarm:
    """An alarm to raise.

    Attributes:
        subject: What it is about; with the kind, of one alarm only.
        case_id: The case, or empty.
        message_id: The message, or empty.
        peer: The other authority, or empty.
        owner: Authority that has to act, or empty.
        rule: Name of the rule of a deadline, or empty.
        due: When that ends; `NEVER` for no moment.
        lacking: What of the message is missing and is put on record in the log:
            `receipt` or `ack`; or empty.
        tells: Whether the notify program is to be run for it.
    """

    kind: AlarmKind
    subject: str
    case_id: str = ""
    message_id: str = ""
    peer: str = ""
    owner: str = ""
    rule: str = ""
    due: UnixMs = NEVER
    lacking: str = ""
    tells: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm.

    Attributes:
        number: Its number; later ones are greater.
        new: What it was raised with.
        raised_by: Account that caused it; empty for the node itself.
        log_index: Its entry in the log.
        lack_index: Entry that puts on record what is missing; -1 if there is none.
        person: Person on call who was asked last; empty if none was.
        asked: How many persons were asked so far.
        asked_at: When the last one was.
        tell_at: When the notify program is to be run next; `NEVER` if not.
        tries: Failed runs since it last succeeded.
        claimed_by: Account that looks after it; empty while none does.
        resolved_by: Account that resolved it; the node's name if its reason is gone.
        resolved_at: When; `NEVER` while it is open.
        outcome: How it ended; None while it is open.
    """

    number: int
    new: NewAlarm
    raised_at: UnixMs
    raised_by: str
    log_index: int
    lack_index: int = -1
    person: str = ""
    asked: int = 0
    asked_at: UnixMs = NEVER
    tell_at: UnixMs = NEVER
    tries: int = 0
    claimed_by: str = ""
    claimed_at: UnixMs = NEVER
    resolved_by: str = ""
    resolved_at: UnixMs = NEVER
    outcome: Outcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has resolved it."""
        return self.outcome is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """Which alarms to list; empty or None leaves a field open."""

    is_open: bool | None = None
    kind: str = ""
    case_id: str = ""
    peer: str = ""


class AlarmStore(Protocol):
    """Keeping alarms. Each method is one transaction, with its log entries."""

    async def raise_alarm(self, new: NewAlarm, act: Act, now: UnixMs) -> Alarm | None:
        """Raise an alarm; None if there was one of its kind and subject, ever.

        Raises:
            NotFoundError: It puts on record that something of a message is missing
                that there is not.
        """
        ...

    async def claim_alarm(self, number: int, act: Act, now: UnixMs) -> Alarm:
        """Let somebody look after an alarm; repeating is harmless.

        Raises:
            NotFoundError: No such alarm.
            ConflictError: It is resolved, or somebody else looks after it.
        """
        ...

    async def resolve_alarm(self, number: int, act: Act, now: UnixMs) -> Alarm:
        """Let a person resolve an alarm.

        Raises:
            NotFoundError: No such alarm.
            ConflictError: It is resolved.
            NotAllowedError: It needs another person than the one who caused it.
        """
        ...

    async def withdraw_alarm(self, number: int, act: Act, now: UnixMs) -> bool:
        """Resolve an alarm whose reason is gone; tell whether it was open."""
        ...

    async def ask_person(
        self, number: int, person: str, *, asked: int, act: Act, now: UnixMs
    ) -> bool:
        """Ask the next person on call to claim an alarm.

        Args:
            number: The alarm.
            person: Who is asked.
            asked: How many had been asked when this was decided.
            act: Who asks: the node.
            now: The time.

        Returns:
            Whether it was done: no person had been asked, claimed it or resolved it
            meanwhile.
        """
        ...

    async def told_of_alarm(
        self, number: int, *, tell_at: UnixMs, again_at: UnixMs
    ) -> None:
        """Record that the notify program was run.

        Args:
            number: The alarm.
            tell_at: When it was to be run; if that has changed, there is something
                new to tell, and nothing is recorded.
            again_at: When to try again, if it failed; `NEVER` if it did not.
        """
        ...

    async def alarm(self, number: int) -> Alarm:
        """Return an alarm.

        Raises:
            NotFoundError: There is none.
        """
        ...

    async def alarms(
        self, wanted: AlarmFilter, *, before: int | None, limit: int
    ) -> list[Alarm]:
        """Return alarms with a number below `before`, newest first."""
        ...

    async def open_alarms(self, *, after: int, limit: int) -> list[Alarm]:
        """Return open alarms with a number above `after`, in order."""
        ...

    async def open_alarm_counts(self) -> Mapping[tuple[str, bool], int]:
        """Return how many alarms are open, by kind and whether somebody has them."""
        ...

    async def alarmless_emergencies(
        self, *, since: UnixMs, limit: int
    ) -> list[MessageId]:
        """Return emergency messages of which no alarm was raised, oldest first.

        Args:
            since: Only those stored since then.
            limit: How many at most.
        """
        ...

    async def late_emergencies(self, *, before: UnixMs, limit: int) -> list[MessageId]:
        """Return emergency messages of ours that no peer has taken, oldest first.

        Args:
            before: Only those stored before then, and without an alarm about that.
            limit: How many at most.
        """
        ...
