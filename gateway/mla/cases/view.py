"""The view of a case: everything to be known of it, from its messages alone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from gateway.core.values import UnixMs
from gateway.mla.cases.case_state import case_state
from gateway.mla.cases.duties import (
    Duty,
    Question,
    open_duties,
    open_questions,
    owed_translations,
)
from gateway.mla.cases.fold import Folded, Placed, fold
from gateway.mla.cases.messages import CaseMessage, Message, message_of
from gateway.mla.cases.model import Side
from gateway.mla.cases.nexts import NextMessage, next_messages
from gateway.mla.cases.standing import Condition, Measure, Standing, Step, Track
from gateway.mla.cases.states import State
from gateway.mla.problems import text_at, texts_at

_WITHOUT_EFFECT: Final = {
    "refused": "refused by the other side's node",
    "expired": "never delivered",
    "cancelled": "cancelled before it was sent",
    "quarantined": "set aside: not what its envelope says",
    "pending": "its files are still coming",
}
_ENDS_BY_EXPIRY: Final = frozenset({State.PRESERVED, State.EXTENDED})


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case.

    Attributes:
        case_id: Its id.
        state: Where it stands.
        requester: The authority that opened it; empty while that is not known.
        is_whole: Whether the message that opened it is here; if not, states are a guess
            and nothing is out of place.
        measures: What was asked for, each with its state and history.
        sub_states: Where the procedures beside it stand.
        conversation: Its messages in their order.
        open_questions: What awaits an answer.
        open_duties: What is still to be done about data, and translations owed.
        conditions: Under which something was granted.
        state_path: States of the assistance asked for, in the order they were entered.
        standing: What the tables look at.
    """

    case_id: str
    state: State
    requester: str
    is_whole: bool
    measures: tuple[Measure, ...]
    sub_states: tuple[Track, ...]
    conversation: tuple[Placed, ...]
    open_questions: tuple[Question, ...]
    open_duties: tuple[Duty, ...]
    conditions: tuple[Condition, ...]
    state_path: tuple[Step, ...]
    standing: Standing

    def next_messages(self, side: Side) -> tuple[NextMessage, ...]:
        """Return what a side may send next, and why not the rest."""
        return tuple(next_messages(self.standing, self.open_questions, side))

    def side_of(self, authority: str) -> Side:
        """Return which side of the case an authority is."""
        is_requester = authority == self.requester
        return Side.REQUESTING if is_requester else Side.REQUESTED


def case_view(rows: Sequence[CaseMessage], *, now: UnixMs | None = None) -> CaseView:
    """Return the view of a case.

    Args:
        rows: Its messages as its docket keeps them, in any order.
        now: By when data that are only preserved may have been given up; None leaves
            that open.
    """
    return view_of(messages_of(rows), now=now)


def messages_of(rows: Sequence[CaseMessage]) -> list[Message]:
    """Return the messages of a docket as a case sees them."""
    return [_message(row) for row in rows]


def view_of(messages: Collection[Message], *, now: UnixMs | None = None) -> CaseView:
    """Return the view of a case of which the messages are given."""
    folded = fold(messages)
    standing = _with_expiry(folded, now)
    questions = open_questions(standing, folded.effective)
    duties = open_duties(standing, folded.effective)
    first = next(iter(messages), None)
    return CaseView(
        case_id=(text_at(first.entry, "case_id") or "") if first is not None else "",
        state=case_state(standing),
        requester=standing.requester,
        is_whole=folded.is_whole,
        measures=tuple(standing.measures.values()),
        sub_states=tuple(standing.tracks.values()),
        conversation=folded.placed,
        open_questions=tuple(questions),
        open_duties=(*duties, *owed_translations(standing, folded.effective)),
        conditions=tuple(standing.conditions.values()),
        state_path=folded.path,
        standing=standing,
    )


def _message(row: CaseMessage) -> Message:
    defect = _WITHOUT_EFFECT.get(str(row.state), "")
    if not defect and row.problems:
        defect = "its form is not valid"
    message = message_of(row.entry, stored_at=row.accepted_at, defect=defect)
    return replace(message, id=str(row.id))


def _with_expiry(folded: Folded, now: UnixMs | None) -> Standing:
    """Return the case with preservations ended of which the last day has passed."""
    standing = folded.standing
    if now is None:
        return standing
    today = datetime.fromtimestamp(now // 1000, UTC).date().isoformat()
    tracks = dict(standing.tracks)
    for key, track in standing.tracks.items():
        if track.procedure != "preservation" or track.state not in _ENDS_BY_EXPIRY:
            continue
        last = max(_expiries(folded.effective), default="")
        if last and last < today:
            step = Step(State.ENDED, "", last)
            tracks[key] = replace(
                track, state=State.ENDED, history=(*track.history, step)
            )
    return replace(standing, tracks=tracks)


def _expiries(messages: Iterable[Message]) -> list[str]:
    return [
        day
        for one in messages
        if one.type == "PRS_RSP"
        for day in texts_at(one.entry, "payload/results/*/expires_on")
    ]
