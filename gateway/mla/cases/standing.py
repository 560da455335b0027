"""What is known of a case at one moment. Nothing here changes: each step makes anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.mla.cases.messages import Message
from gateway.mla.cases.states import State
from gateway.mla.codelists import code_list

TERMINAL_RESULTS: Final = frozenset(code_list("RESULT").rows) - {"PENDING"}
"""Codes of list RESULT after which nothing more comes of a measure."""


@dataclass(frozen=True, slots=True)
class Step:
    """A state that was entered.

    Attributes:
        state: The state.
        by: Id of the message that led there.
        at: When that was written.
    """

    state: State
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A question or consultation that interrupts a measure.

    Attributes:
        state: CLARIFYING or CONSULTING.
        by: Id of the message that opened it.
        sender: Who did.
        reply_by: The day until which an answer was asked for; empty for none.
        waits_for: Numbers of questions not answered yet; empty where none has one.
        is_rejection: Whether it came of conditions that were not accepted.
    """

    state: State
    by: str
    sender: str
    reply_by: str = ""
    waits_for: frozenset[int] = frozenset()
    is_rejection: bool = False

    def lapses_before(self, message: Message) -> bool:
        """Tell whether its own author goes on, as no answer came by the day asked."""
        is_late = bool(self.reply_by) and self.reply_by < message.day
        return is_late and message.sender == self.sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of a request.

    Attributes:
        id: Its short id; empty for the only one of a request that numbers none.
        assist: Code of list ASSIST; empty if not told.
        assets: Ids of assets it is about.
        request: Id of the message that asked for it.
        request_type: Type of that message.
        base: Where it stands, but for what interrupts it.
        pauses: What interrupts it, the last one on top.
        result: The last result told, a code of list RESULT; empty before.
        decided_by: Id of the last decision on it; empty before.
        is_final: Whether the final answer has been given.
        items: Items that came of it and are not accepted.
        accepted: Items that came of it and are.
        rejected: Those of `items` that were rejected.
        history: The states it has been in.
    """

    id: str
    assist: str
    assets: frozenset[str]
    request: str
    request_type: str
    base: State = State.DRAFT
    pauses: tuple[Pause, ...] = ()
    result: str = ""
    decided_by: str = ""
    is_final: bool = False
    items: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    history: tuple[Step, ...] = ()

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.pauses[-1].state if self.pauses else self.base

    def state_for(self, message: Message) -> State:
        """Return where it stands for a message: without pauses that have lapsed."""
        left = [one for one in self.pauses if not one.lapses_before(message)]
        return left[-1].state if left else self.base

    @property
    def demand(self) -> str:
        """What this kind of assistance demands: column "block" of list ASSIST."""
        return code_list("ASSIST").column(self.assist, "block") if self.assist else ""


@dataclass(frozen=True, slots=True)
class Track:
    """Where a procedure stands for one of its subjects.

    Attributes:
        procedure: Its name.
        subject: An id within the case; empty if it has one state for all of it.
        state: Where it stands.
        history: The states it has been in.
    """

    procedure: str
    subject: str
    state: State
    history: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition under which something was granted.

    Attributes:
        id: Its short id.
        code: Code of list CONDITION.
        set_by: Id of the message that set it.
        answer: ACCEPT, REJECT or COUNTER; empty while there is no answer.
    """

    id: str
    code: str
    set_by: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case as far as some of its messages tell.

    Attributes:
        requester: The authority that opened it; empty while that is not known.
        instruments: Legal bases of the last request, the main one first.
        messages: All messages of the case, by id, to look up what is answered.
        measures: By id, in the order of the request.
        tracks: By procedure and subject, in the order in which they began.
        conditions: By the message that set them and id.
        has_data: Whether anything was sent in fulfilment of the request.
        closures: Ids of closures that are not acknowledged.
        is_closed: Whether one is.
        is_last_duty: Whether the message looked at does the last duty about its data.
    """

    requester: str = ""
    instruments: tuple[str, ...] = ()
    messages: Mapping[str, Message] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    tracks: Mapping[tuple[str, str], Track] = field(default_factory=dict)
    conditions: Mapping[tuple[str, str], Condition] = field(default_factory=dict)
    has_data: bool = False
    closures: frozenset[str] = frozenset()
    is_closed: bool = False
    is_last_duty: bool = False

    def tracks_of(self, procedure: str) -> list[Track]:
        """Return where a procedure stands, for each of its subjects."""
        return [one for one in self.tracks.values() if one.procedure == procedure]
