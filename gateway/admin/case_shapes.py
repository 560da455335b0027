"""What the admin API takes and gives about cases."""

from typing import Annotated

from msgspec import Meta, field

from gateway.admin.desk_shapes import Deadline, TitleLanguage
from gateway.admin.shapes import MAX_NUMBER, MAX_PAGE, Answer, Page, Request

_Text = Annotated[str, Meta(max_length=64)]


class CaseQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases to list, newest first; without anything, all.

    Attributes:
        state: Where a case stands, as RECEIVED.
        type: Type of the message that opened it.
        measure: Kind of assistance asked for, as A42.
        urgency: Of the message that opened it.
        open: Whether something is still to be answered.
        before: As the page before told.
    """

    state: _Text = ""
    peer: _Text = ""
    type: _Text = ""
    measure: _Text = ""
    urgency: _Text = ""
    open: bool | None = None
    before: Annotated[int, Meta(ge=0, le=MAX_NUMBER)] = 0
    limit: Annotated[
        int, Meta(ge=1, le=MAX_PAGE, description="Cases at most; pages may be shorter.")
    ] = 50


class OneCaseQuery(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With which peer, where a case is exchanged with several; titles' language."""

    peer: _Text = ""
    language: TitleLanguage = "en"


class CaseSummary(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A case in a list.

    Attributes:
        role: Our side: REQ if we opened it, RQD if the peer did.
        state: Where it stands, computed from its messages.
        measure_states: State of each measure, by its id.
        sender_ref: File number of who opened it; `recipient_ref` that of the other.
        awaits_us: How many of its questions wait for an answer of ours.
        unit: To which unit it is assigned; or to `people`; or else to nobody.
    """

    case: str
    peer: str
    role: str
    state: str
    messages: int
    opened_at: str
    last_at: str
    type: str = ""
    urgency: str = ""
    measure_states: dict[str, str] = field(default_factory=dict)
    sender_ref: str = ""
    recipient_ref: str = ""
    awaits_us: int = 0
    unit: str = ""
    people: tuple[str, ...] = ()


class CasePage(Page, frozen=True, kw_only=True, omit_defaults=True):
    """Cases, newest first; a page may be short, and not the last."""

    items: tuple[CaseSummary, ...]


class StateStep(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A state entered, by which message and when that was written."""

    state: str
    at: str
    by: str = ""


class CaseMeasure(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A measure; `id` is empty where the request numbers none."""

    id: str
    state: str
    history: tuple[StateStep, ...]
    assist: str = ""
    result: str = ""
    items_to_verify: tuple[str, ...] = ()


class CaseProcedure(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Where a procedure beside the measures stands, for one of its subjects."""

    procedure: str
    state: str
    history: tuple[StateStep, ...]
    subject: str = ""


class CaseMessage(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A message in the conversation.

    Attributes:
        role: The side that sent it.
        at: When it was written.
        case_state: State of the case after it.
        delivery: State of the message itself.
        flags: `after-gap`, `waiting`, `crossing`, `ignored`, `superseded`.
        note: Why it is ignored, or what its crossing means.
        code: Why it is out of place.
        missing: Number of its sender that is missing before it.
    """

    id: str
    type: str
    role: str
    at: str
    case_state: str
    delivery: str
    seq: int = 0
    in_reply_to: str = ""
    flags: tuple[str, ...] = ()
    note: str = ""
    code: str = ""
    missing: int = 0


class CaseQuestion(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A message that awaits an answer: who has to give it, and by which types."""

    by: str
    type: str
    role: str
    answered_by: tuple[str, ...]
    reply_by: str = ""
    measures: tuple[str, ...] = ()


class CaseDuty(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Something still to be done about data; ANY if it is not told who has to."""

    what: str
    role: str
    by: str
    told_by: str
    due: str = ""
    items: tuple[str, ...] = ()


class CaseCondition(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A condition of list CONDITION; no `answer` while there is none."""

    id: str
    code: str
    by: str
    answer: str = ""


class CaseNext(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A type of message that a side may send now, or why it may not.

    Attributes:
        measures: Measures for which it may.
        says: What it may say of them.
        answers: Open messages that it would answer.
    """

    type: str
    allowed: bool
    measures: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    why_not: str = ""


class Case(CaseSummary, frozen=True, kw_only=True, omit_defaults=True):
    """A case with one peer.

    Attributes:
        whole: Whether the message that opened it is here; if not, states are a guess.
        state_path: States of what was requested, in the order they were entered.
        next: What we may send next; `next_of_peer` what the peer may.
    """

    whole: bool
    measures: tuple[CaseMeasure, ...]
    sub_states: tuple[CaseProcedure, ...]
    conversation: tuple[CaseMessage, ...]
    questions: tuple[CaseQuestion, ...]
    duties: tuple[CaseDuty, ...]
    conditions: tuple[CaseCondition, ...]
    deadlines: tuple[Deadline, ...]
    state_path: tuple[StateStep, ...]
    next: tuple[CaseNext, ...]
    next_of_peer: tuple[CaseNext, ...]
