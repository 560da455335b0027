"""All messages of a case, one after the other, each judged by what its sender knew.

A message that is allowed as the case stands applies. One that is not may have crossed
others under way: then it is judged by an earlier standing, the latest that its sender
may have known and in which it is allowed. One that follows a gap waits for what is
missing. Only what is left is out of place.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.mla.cases.case_state import assistance_state, case_state
from gateway.mla.cases.duties import is_last_duty
from gateway.mla.cases.judging import Fault, Verdict, judge
from gateway.mla.cases.messages import Message
from gateway.mla.cases.order import Queue, missing_before, next_of, queues
from gateway.mla.cases.readings import error_word
from gateway.mla.cases.standing import Standing, Step
from gateway.mla.cases.states import State
from gateway.mla.cases.steps import apply, crossed, noted
from gateway.mla.cases.tables import OPENING_TYPES

_CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_MOST_CROSSING: Final = 16
"""Messages of the other side that one may have crossed and is tried without."""
_MOST_AHEAD: Final = 8
"""Messages of the other side that one may have known although written later."""


class Flag(StrEnum):
    """What is to be known of a message beside what it says."""

    AFTER_GAP = "after-gap"  # one before it, of the same sender, is not here
    WAITING = "waiting"  # ... and it can't be placed without
    CROSSING = "crossing"  # sent before its sender could know what came meanwhile
    IGNORED = "ignored"  # it has no effect; the note says why
    SUPERSEDED = "superseded"  # a later decision took its place


@dataclass(frozen=True, slots=True)
class Placed:
    """A message in its place.

    Attributes:
        message: The message.
        state: The state of the case after it.
        flags: What is to be known of it.
        note: Why it is ignored, or what its crossing means; empty otherwise.
        fault: Why it is out of place; None if it is not, or can't be told yet.
        missing: The lowest number of its sender missing before it; 0 for none.
    """

    message: Message
    state: State
    flags: tuple[Flag, ...] = ()
    note: str = ""
    fault: Fault | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Folded:
    """A case after all of its messages.

    Attributes:
        standing: What is known of it.
        placed: Its messages, in their order.
        effective: Those that count, in their order.
        path: States of the assistance asked for, in the order they were entered.
        is_whole: Whether the message that opened it is here.
    """

    standing: Standing
    placed: tuple[Placed, ...]
    effective: tuple[Message, ...]
    path: tuple[Step, ...]
    is_whole: bool


@dataclass(slots=True)
class _Belief:
    """What one side takes the case to be.

    Attributes:
        standing: The case without what that side has not seen.
        unseen: Messages of others that it may not have seen, in their order.
    """

    standing: Standing
    unseen: list[Message] = field(default_factory=list)


def fold(messages: Collection[Message]) -> Folded:
    """Return a case after its messages, in whatever order they are given."""
    return _Fold(messages).run()


class _Fold:
    """The work on one case."""

    def __init__(self, messages: Collection[Message]) -> None:
        # The same message twice is one message.
        self._by_id = {one.id: one for one in messages}
        all_ = list(self._by_id.values())
        self._queues = queues(all_)
        self._unseen = set(self._by_id)
        self._missing = missing_before(all_)
        self._voided = _voided(all_)
        opener = _opener(self._queues)
        self._is_whole = opener is not None and not self._missing.get(opener.id)
        requester = opener.sender if opener is not None else ""
        self._standing = Standing(requester=requester, messages=self._by_id)
        self._beliefs = {one.sender: _Belief(self._standing) for one in self._queues}
        self._placed: dict[str, Placed] = {}
        self._effective: list[Message] = []
        self._path: list[Step] = []

    def run(self) -> Folded:
        """Place one message after the other."""
        while (queue := next_of(self._queues, self._unseen)) is not None:
            self._place_next(queue)
        return Folded(
            self._standing,
            tuple(self._placed.values()),
            tuple(self._effective),
            tuple(self._path),
            self._is_whole,
        )

    def _place_next(self, queue: Queue) -> None:
        message = queue.waiting[queue.at]
        verdict = self._verdict(self._standing, message)
        if verdict.fault is not None and not self._voided.get(message.id):
            ahead = self._known_ahead(message)
            if ahead is not None:
                for _ in range(ahead[1]):
                    self._place_next(ahead[0])
                verdict = self._verdict(self._standing, message)
        queue.at += 1
        self._unseen.discard(message.id)
        self._place(message, verdict)

    def _verdict(self, standing: Standing, message: Message) -> Verdict:
        if not standing.requester:
            return Verdict()
        if is_last_duty(standing, tuple(self._effective), message):
            standing = replace(standing, is_last_duty=True)
        return judge(standing, message)

    def _place(self, message: Message, verdict: Verdict) -> None:
        void = self._voided.get(message.id) or message.defect
        missing = self._missing.get(message.id, 0)
        flags = [Flag.AFTER_GAP] if missing else []
        if void:
            self._keep(Placed(message, self._state, (*flags, Flag.IGNORED), void))
            return
        if verdict.fault is None:
            self._supersede(message, verdict)
            self._advance(apply(self._standing, message, verdict), message)
            self._saw_all(message)
            self._keep(Placed(message, self._state, tuple(flags), missing=missing))
            return
        if self._cross(message, verdict):
            flags.append(Flag.CROSSING)
            note = _crossing_note(message, verdict)
            placed = Placed(message, self._state, tuple(flags), note, missing=missing)
            self._keep(placed)
            return
        if self._may_follow_missing(message):
            flags.append(Flag.WAITING)
            note = "waits for a message that is not here yet"
            placed = Placed(
                message, self._state, tuple(flags), note, verdict.fault, missing
            )
        else:
            flags.append(Flag.IGNORED)
            note = "not allowed as its sender knew the case"
            placed = Placed(message, self._state, tuple(flags), note, verdict.fault)
        self._standing = noted(self._standing, message)
        self._keep(placed)

    def _may_follow_missing(self, message: Message) -> bool:
        """Tell whether what is not here yet may be why a message can't be placed."""
        # Not so what `refs` name: that may be of other cases.
        is_named = bool(message.answers) and message.answers not in self._by_id
        return is_named or bool(self._missing) or not self._is_whole

    @property
    def _state(self) -> State:
        return case_state(self._standing)

    def _keep(self, placed: Placed) -> None:
        self._placed[placed.message.id] = placed

    def _advance(self, standing: Standing, message: Message) -> None:
        self._standing = standing
        self._effective.append(message)
        state = assistance_state(standing)
        if state is not None and (not self._path or self._path[-1].state is not state):
            self._path.append(Step(state, message.id, message.created_at))

    def _saw_all(self, message: Message) -> None:
        """Note that a sender's knowledge is that of everybody, and the others' not."""
        for sender, belief in self._beliefs.items():
            if sender == message.sender:
                belief.standing, belief.unseen = self._standing, []
            else:
                self._sent_to(belief, message)

    # --- crossing ---

    def _cross(self, message: Message, here: Verdict) -> bool:
        """Apply a message as one that crossed others, if it can be one."""
        belief = self._beliefs[message.sender]
        certain = [
            number
            for number, one in enumerate(belief.unseen, start=1)
            if one.id in message.known
        ]
        least = max(certain, default=0)
        standing, found = belief.standing, None
        for number in range(len(belief.unseen)):
            if number >= least:
                verdict = self._verdict(standing, message)
                if verdict.fault is None:
                    found = number, standing, verdict
            standing = self._with(standing, belief.unseen[number])
        if found is None:
            return False
        seen, standing, there = found
        self._advance(crossed(self._standing, message, there, here), message)
        belief.standing = apply(standing, message, there)
        belief.unseen = belief.unseen[seen:]
        for sender, other in self._beliefs.items():
            if sender != message.sender:
                self._sent_to(other, message)
        return True

    def _sent_to(self, belief: _Belief, message: Message) -> None:
        """Note a message that a side may not have seen; older ones it has by now."""
        belief.unseen.append(message)
        if len(belief.unseen) > _MOST_CROSSING:
            belief.standing = self._with(belief.standing, belief.unseen.pop(0))

    def _with(self, standing: Standing, message: Message) -> Standing:
        verdict = self._verdict(standing, message)
        if verdict.fault is None:
            return apply(standing, message, verdict)
        return noted(standing, message)

    def _known_ahead(self, message: Message) -> tuple[Queue, int] | None:
        """Find messages of another sender that this one followed, by slow clocks.

        Returns:
            Their sender's queue, and how many of them; None if they don't help.
        """
        for queue in self._queues:
            if queue.sender == message.sender:
                continue
            standing = self._standing
            for number, one in enumerate(queue.following(_MOST_AHEAD), start=1):
                if not _is_near(message, one) or message.id in one.known:
                    break
                standing = self._with(standing, one)
                if self._verdict(standing, message).fault is None:
                    return queue, number
        return None

    # --- what came before ---

    def _supersede(self, message: Message, verdict: Verdict) -> None:
        """Flag decisions that a later one replaces, of the measures it is about."""
        if message.type != "DEC":
            return
        for name, row in verdict.rows.items():
            if row.given is None:
                continue
            earlier = self._placed.get(self._standing.measures[name].decided_by)
            if earlier is not None and Flag.SUPERSEDED not in earlier.flags:
                self._keep(
                    replace(
                        earlier,
                        flags=(*earlier.flags, Flag.SUPERSEDED),
                        note="a later decision on the same measure took its place",
                    )
                )


def _opener(found: Sequence[Queue]) -> Message | None:
    """Return the message that opened the case: the first that may, of all senders."""
    opening = [
        message
        for queue in found
        for message in queue.waiting
        if message.type in OPENING_TYPES
    ]
    return min(
        opening, key=lambda one: (one.seq or 1, one.created_at, one.id), default=None
    )


def _voided(messages: Collection[Message]) -> Mapping[str, str]:
    """Return why messages count for nothing: their receiver could not process them.

    A request that was sent back is not among them: its measures become drafts again.
    """
    senders = {one.id: one for one in messages}
    void = {}
    for one in messages:
        answered = senders.get(one.answers)
        if (
            one.type == "ERR"
            and not one.defect
            and answered is not None
            and answered.sender != one.sender
            and answered.type not in OPENING_TYPES
            and error_word(one)
        ):
            void[answered.id] = "the other side answered that it could not process it"
    return void


def _is_near(one: Message, other: Message) -> bool:
    """Tell whether two messages were written so close that clocks may mislead."""
    try:
        apart = datetime.fromisoformat(other.created_at) - datetime.fromisoformat(
            one.created_at
        )
    except (ValueError, TypeError):
        return False
    return apart <= _CLOCK_TOLERANCE


_CROSSING_NOTES: Final = (
    (
        frozenset({"RSP", "EVD", "SVC_RSP", "HRG_REC", "AST_RPT", "PAR_RSP"}),
        State.WITHDRAWN,
        "it crossed the withdrawal: its data fall under the `data_action` of that",
    ),
    (
        frozenset({"AMD"}),
        State.REFUSED,
        "it crossed the refusal, which stands; the requested side may decide anew",
    ),
)


def _crossing_note(message: Message, here: Verdict) -> str:
    state = here.fault.state if here.fault is not None else None
    for types, met, note in _CROSSING_NOTES:
        if message.type in types and state is met:
            return note
    return "it crossed what the other side had sent, which it could not know of"
