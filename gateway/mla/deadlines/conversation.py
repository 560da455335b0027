"""The messages of a case as deadlines look at them: who said what, when, about what.

Made from what a case keeps of its messages at rest (`gateway.mla.docket`). Both sides
have the same messages, so they come to the same deadlines, but for what one of them
does not know yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from gateway.core.canonical import JsonObject
from gateway.core.values import UnixMs
from gateway.mla.calendars import WorkingCalendar
from gateway.mla.deadlines.events import OPENING_TYPES
from gateway.mla.problems import text_at, texts_at

_DATE_CHARS = len("2026-11-21")
_CLOCK_TOLERANCE_MS = 5 * 60_000
_OPENING = frozenset(OPENING_TYPES)

# Neither sent nor received in a way that counts.
_WITHOUT_EFFECT = frozenset(
    {"held", "refused", "expired", "cancelled", "quarantined", "pending"}
)


class CaseMessage(Protocol):
    """What a case keeps of one of its messages."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def box(self) -> str:
        """Whether it came `in` or went `out`."""

    @property
    def state(self) -> str:
        """Where it is on its way."""

    @property
    def accepted_at(self) -> UnixMs:
        """When it was stored here."""

    @property
    def entry(self) -> JsonObject:
        """Its document without free text and names."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a case.

    Attributes:
        sent_at: When its author sent it.
        stored_at: When it was stored here.
        is_ours: Whether we sent it.
    """

    id: str
    msg_type: str
    sender: str
    recipient: str
    in_reply_to: str
    sent_at: UnixMs
    stored_at: UnixMs
    is_ours: bool
    entry: JsonObject


class Conversation:
    """The messages of one case that count, in the order in which they follow.

    Args:
        rows: What the case keeps; in any order.
    """

    def __init__(self, rows: Iterable[CaseMessage]) -> None:
        found = [
            step
            for row in rows
            if row.state not in _WITHOUT_EFFECT
            for step in _steps(row)
        ]
        self._by_id = {step.id: step for step in found}
        places = self._places(found)
        self.steps: Sequence[Step] = sorted(found, key=lambda one: places[one.id])
        self._order = {step.id: at for at, step in enumerate(self.steps)}
        self._roots = self._rooted()

    def is_after(self, later: Step, earlier: Step) -> bool:
        """Tell whether one message follows another."""
        return self._order[later.id] > self._order[earlier.id]

    def root(self, step: Step) -> Step:
        """Return the message that a thread is about: mostly the request.

        A message that answers nothing is about the last opening before it.
        """
        return self._roots[step.id]

    def of_types(self, types: frozenset[str]) -> Sequence[Step]:
        """Return the messages of some types, in order; of no types, all."""
        if not types:
            return self.steps
        found = [step for one in types for step in self._by_type.get(one, ())]
        return sorted(found, key=self.place) if len(types) > 1 else found

    def place(self, step: Step) -> int:
        """Return the place of a message in the case."""
        return self._order[step.id]

    def replies(self, step: Step) -> Sequence[Step]:
        """Return the messages that answer a message directly."""
        return self._replies.get(step.id, ())

    def received_at(self, step: Step) -> UnixMs:
        """Return when a message reached its recipient.

        As its acknowledgement tells, which both sides have. That is neither before it
        was sent nor after the acknowledgement was; without one, as far as is known.
        """
        told = [
            UnixMs(min(at, ack.sent_at))
            for ack in self.replies(step)
            if ack.msg_type == "ACK" and ack.sender == step.recipient
            for at in [moment_of(text_at(ack.entry, "payload/received_at"))]
            if at is not None
        ]
        if told:
            return UnixMs(max(min(told), step.sent_at - _CLOCK_TOLERANCE_MS))
        return step.sent_at if step.is_ours else step.stored_at

    @cached_property
    def _replies(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            if step.in_reply_to:
                found.setdefault(step.in_reply_to, []).append(step)
        return found

    @cached_property
    def _by_type(self) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.msg_type, []).append(step)
        return found

    def _places(self, found: Sequence[Step]) -> dict[str, tuple[UnixMs, int, int, str]]:
        """Return sort keys by which no answer comes before what it answers."""
        places: dict[str, tuple[UnixMs, int, int, str]] = {}
        for step in found:
            line = []
            above: Step | None = step
            # A circle, which only a forger makes, ends where it closes.
            seen: set[str] = set()
            while above is not None and above.id not in places and above.id not in seen:
                seen.add(above.id)
                line.append(above)
                above = self._by_id.get(above.in_reply_to)
            latest, depth = UnixMs(0), 0
            if above is not None and above.id in places:
                latest, depth, _, _ = places[above.id]
            for one in reversed(line):
                latest, depth = UnixMs(max(latest, one.sent_at)), depth + 1
                places[one.id] = (latest, depth, one.stored_at, one.id)
        return places

    def _rooted(self) -> dict[str, Step]:
        """Return what the thread of each message is about."""
        roots: dict[str, Step] = {}
        last_opening: Step | None = None
        for step in self.steps:
            if step.msg_type in _OPENING:
                roots[step.id] = last_opening = step
            elif step.in_reply_to in roots:
                roots[step.id] = roots[step.in_reply_to]
            else:
                roots[step.id] = last_opening or step
        return roots


def moment_of(
    text: str | None, calendar: WorkingCalendar | None = None, *, is_end: bool = True
) -> UnixMs | None:
    """Return the moment that a text of a message tells.

    Args:
        text: A moment, or a day; None for none.
        calendar: Whose day it is; None if days are no moments here.
        is_end: Whether a day stands for its end, else for its beginning.
    """
    if text is None:
        return None
    try:
        if len(text) == _DATE_CHARS:
            if calendar is None:
                return None
            day = date.fromisoformat(text)
            return calendar.end_of(day) if is_end else calendar.start_of(day)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return UnixMs(round(at.timestamp() * 1000)) if at.tzinfo is not None else None


def instruments_of(step: Step) -> frozenset[str]:
    """Return the instruments that a message names."""
    return texts_at(step.entry, "instrument/*")


def _steps(row: CaseMessage) -> Iterable[Step]:
    entry = row.entry
    sent_at = moment_of(text_at(entry, "sent_at") or text_at(entry, "created_at"))
    yield Step(
        id=row.id,
        msg_type=text_at(entry, "msg_type") or "",
        sender=text_at(entry, "from/authority_id") or "",
        recipient=text_at(entry, "to/authority_id") or "",
        in_reply_to=text_at(entry, "in_reply_to") or "",
        sent_at=row.accepted_at if sent_at is None else sent_at,
        stored_at=row.accepted_at,
        is_ours=row.box == "out",
        entry=entry,
    )
