"""Cases as the shapes of the API."""

from collections.abc import Iterable, Sequence

from gateway.admin import case_shapes as shapes
from gateway.admin.desk_shapes import Deadline
from gateway.admin.rendering import when
from gateway.core.units import NOBODY, Assignee
from gateway.flows.cases import KnownCase
from gateway.mla.cases.fold import Placed
from gateway.mla.cases.model import Side
from gateway.mla.cases.nexts import NextMessage
from gateway.mla.cases.standing import Step
from gateway.mla.cases.view import CaseView
from gateway.ports.messages import Box


def summary_of(case: KnownCase, assignee: Assignee) -> shapes.CaseSummary:
    """Return a case for a list."""
    return shapes.CaseSummary(**_summary(case, assignee))  # type: ignore[arg-type]


def case_of(
    case: KnownCase, deadlines: Sequence[Deadline], assignee: Assignee = NOBODY
) -> shapes.Case:
    """Return a case as a whole, with its deadlines."""
    view, ours = case.view, _our_side(case)
    theirs = Side.REQUESTED if ours is Side.REQUESTING else Side.REQUESTING
    delivery = {str(row.id): str(row.state) for row in case.docket}
    return shapes.Case(
        **_summary(case, assignee),  # type: ignore[arg-type]
        whole=view.is_whole,
        measures=tuple(
            shapes.CaseMeasure(
                id=one.id,
                state=one.state,
                history=_steps(one.history),
                assist=one.assist,
                result=one.result,
                items_to_verify=tuple(sorted(one.items)),
            )
            for one in view.measures
        ),
        sub_states=tuple(
            shapes.CaseProcedure(
                procedure=one.procedure,
                state=one.state,
                history=_steps(one.history),
                subject=one.subject,
            )
            for one in view.sub_states
        ),
        conversation=tuple(_message(one, view, delivery) for one in view.conversation),
        questions=tuple(
            shapes.CaseQuestion(
                by=one.by,
                type=one.type,
                role=one.owner,
                answered_by=one.answer,
                reply_by=one.reply_by,
                measures=one.measures,
            )
            for one in view.open_questions
        ),
        duties=tuple(
            shapes.CaseDuty(
                what=one.what,
                role=one.owner,
                by=one.by,
                told_by=one.done_by,
                due=one.due,
                items=one.items,
            )
            for one in view.open_duties
        ),
        conditions=tuple(
            shapes.CaseCondition(
                id=one.id, code=one.code, by=one.set_by, answer=one.answer
            )
            for one in view.conditions
        ),
        deadlines=tuple(deadlines),
        state_path=_steps(view.state_path),
        next=tuple(map(_next, view.next_messages(ours))),
        next_of_peer=tuple(map(_next, view.next_messages(theirs))),
    )


def _summary(case: KnownCase, assignee: Assignee) -> dict[str, object]:
    row, view, ours = case.row, case.view, _our_side(case)
    return {
        "case": row.case_id,
        "peer": row.peer,
        "role": ours.value,
        "state": view.state.value,
        "messages": row.messages,
        "opened_at": when(row.opened_at),
        "last_at": when(row.last_at),
        "type": row.msg_type,
        "urgency": row.urgency,
        "measure_states": {one.id: one.state.value for one in view.measures},
        "sender_ref": row.sender_ref,
        "recipient_ref": row.recipient_ref,
        "awaits_us": sum(one.owner is ours for one in view.open_questions),
        "unit": assignee.unit,
        "people": assignee.people,
    }


def _our_side(case: KnownCase) -> Side:
    if case.view.requester:
        is_peers = case.view.requester == case.row.peer
        return Side.REQUESTED if is_peers else Side.REQUESTING
    return Side.REQUESTING if case.row.opener is Box.OUT else Side.REQUESTED


def _steps(history: Iterable[Step]) -> tuple[shapes.StateStep, ...]:
    return tuple(
        shapes.StateStep(state=one.state, at=one.at, by=one.by) for one in history
    )


def _message(
    placed: Placed, view: CaseView, delivery: dict[str, str]
) -> shapes.CaseMessage:
    message, fault = placed.message, placed.fault
    return shapes.CaseMessage(
        id=message.id,
        type=message.type,
        role=view.side_of(message.sender),
        at=message.created_at,
        case_state=placed.state,
        delivery=delivery.get(message.id, ""),
        seq=message.seq,
        in_reply_to=message.answers,
        flags=tuple(one.value for one in placed.flags),
        note=placed.note,
        code=fault.code.value if fault is not None else "",
        missing=placed.missing,
    )


def _next(one: NextMessage) -> shapes.CaseNext:
    return shapes.CaseNext(
        type=one.type,
        allowed=one.is_allowed,
        measures=one.measures,
        says=one.says,
        answers=one.answers,
        why_not=one.why_not,
    )
