"""One conversation between two authorities: both come to the same, mistakes stop."""

import pytest

from gateway.core.canonical import JsonObject
from gateway.core.errors import InvalidFormError
from gateway.core.values import MessageId
from gateway.flows.case_gaps import CaseGaps
from gateway.flows.cases import CaseQuery, Cases, KnownCase
from gateway.mla.cases.fold import Flag
from gateway.mla.cases.states import State
from gateway.mla.envelope_fields import Form
from gateway.mla.problems import Problem, ProblemCode, text_at
from gateway.ports.cases import CaseFilter
from gateway.ports.messages import Box, MessageFilter
from tests.support.forms import in_form, sample
from tests.support.pair import CASEWORKER, Side

Two = tuple[Side, Side]
DAY_S = 86_400


class Talk:
    """A case between the two, message by message."""

    def __init__(self, two: Two) -> None:
        self.ee, self.pt = two
        self.case_id = ""

    async def send(
        self, side: Side, form: JsonObject, *, to: str = "", arrives: bool = True
    ) -> MessageId:
        form = dict(form)
        form.pop("case_id", None)
        form.pop("refs", None)
        form.pop("in_reply_to", None)
        if self.case_id:
            form["case_id"] = self.case_id
        if to:
            form["in_reply_to"] = to
        sent = await side.send(form)
        row = await side.store.message(sent.accepted.id)
        assert row.index is not None
        self.case_id = row.index.case_id
        if arrives:
            await self.carry(side)
        return sent.accepted.id

    async def carry(self, side: Side) -> None:
        """Let arrive and be read what a side has sent."""
        other = self.pt if side is self.ee else self.ee
        await side.deliver()
        await other.validation.validate_some()

    async def seen_by(self, side: Side) -> KnownCase:
        (case,) = await Cases(side.exchange).case(self.case_id, None)
        return case

    async def requested(self) -> MessageId:
        """Ask, and acknowledge."""
        request = await self.send(self.ee, form("MLA_REQ"))
        await self.send(self.pt, form("ACK"), to=request)
        return request


def form(msg_type: str, **fields: JsonObject) -> JsonObject:
    return in_form(sample(msg_type), Form.AUTHOR) | fields


async def errors_of(side: Side) -> list[JsonObject]:
    """Return the errors that a side has sent."""
    page = await side.store.messages(
        MessageFilter(box=Box.OUT, msg_type="ERR"), cursor="", limit=50
    )
    rows = [await side.store.docket(one.case_id, 100) for one in page.rows]
    return [
        row.entry
        for docket in rows
        for row in docket
        if text_at(row.entry, "msg_type") == "ERR"
    ]


def problems_of(error: InvalidFormError) -> list[Problem]:
    return [one for one in error.problems if isinstance(one, Problem)]


async def test_both_sides_come_to_the_same(two: Two) -> None:
    talk = Talk(two)
    request = await talk.requested()
    decision = await talk.send(talk.pt, form("DEC"), to=request)
    await talk.send(talk.ee, form("CND_RSP"), to=decision)

    views = [(await talk.seen_by(side)).view for side in two]

    for view in views:
        assert [one.state for one in view.state_path] == [
            "SENT",
            "RECEIVED",
            "CONDITIONS_OPEN",
            "DECIDED_ACCEPTED",
        ]
        assert not any(one.flags for one in view.conversation)
    assert [one.message.id for one in views[0].conversation] == [
        one.message.id for one in views[1].conversation
    ]


async def test_who_answers_too_early_is_told_what_comes_first(two: Two) -> None:
    talk = Talk(two)
    request = await talk.requested()
    await talk.send(talk.pt, form("DEC"), to=request)
    payload: JsonObject = {
        "decisions": [{"measure_id": "M9", "outcome": "ACCEPT"}],
    }

    with pytest.raises(InvalidFormError) as refused:
        await talk.send(talk.pt, form("DEC", payload=payload), to=request)
    assert [one.code for one in problems_of(refused.value)] == [ProblemCode.REF]
    closure = form("CLS")
    with pytest.raises(InvalidFormError) as refused:
        await talk.send(talk.pt, closure, to=request)
    (problem,) = problems_of(refused.value)
    assert problem.code is ProblemCode.STATE
    assert "CONDITIONS_OPEN" in problem.sentence


async def test_what_is_sent_names_what_its_sender_has_seen(two: Two) -> None:
    talk = Talk(two)
    request = await talk.requested()
    decision = await talk.send(talk.pt, form("DEC"), to=request)
    answer = await talk.send(talk.ee, form("CND_RSP"), to=decision)
    question = await talk.send(talk.pt, form("STS"), to=request)

    case = await talk.seen_by(talk.ee)
    refs = {row.id: row.entry.get("refs") for row in case.docket}

    assert refs[question] == [answer]
    assert refs[answer] is None


async def test_a_mistake_of_another_node_is_answered(two: Two) -> None:
    talk = Talk(two)
    request = await talk.requested()
    closure = form("CLS") | {"case_id": talk.case_id, "in_reply_to": request}
    closure.pop("refs", None)
    # A node with other tables lets it go.
    await _unjudged(talk.pt, closure)
    await talk.carry(talk.pt)

    (error,) = await errors_of(talk.ee)
    assert text_at(error, "payload/code") == "E_STATE"
    view = (await talk.seen_by(talk.ee)).view
    assert view.conversation[-2].flags == (Flag.IGNORED,)
    assert view.state == "RECEIVED"


async def _unjudged(side: Side, message: JsonObject) -> None:
    """Submit without a look at the case."""
    judged = side.submit._check_place

    async def no_check(*_given: object) -> list[Problem]:
        return []

    side.submit._check_place = no_check  # type: ignore[method-assign, assignment]
    try:
        await side.send(message)
    finally:
        side.submit._check_place = judged  # type: ignore[method-assign]


async def test_a_gap_is_shown_at_once_and_told_after_a_day(two: Two) -> None:
    talk = Talk(two)
    ee, pt = two
    request = await talk.requested()
    lost = await talk.send(pt, form("DEC"), to=request, arrives=False)
    await pt.queue.cancel(lost, CASEWORKER)
    after = await talk.send(pt, form("STS"), to=request)

    gaps = CaseGaps(ee.exchange, ee.submit)
    view = (await talk.seen_by(ee)).view
    shown = next(one for one in view.conversation if one.message.id == after)
    assert Flag.AFTER_GAP in shown.flags
    assert shown.missing == 2
    assert await gaps.look() == 0
    assert await errors_of(ee) == []

    ee.clock.advance(DAY_S + 1)
    pt.clock.advance(DAY_S + 1)
    assert await gaps.look() == 1
    assert await gaps.look() == 0
    (error,) = await errors_of(ee)
    assert text_at(error, "payload/code") == "E_CHAIN"
    # That says nothing against the message, which counts.
    view = (await talk.seen_by(ee)).view
    shown = next(one for one in view.conversation if one.message.id == after)
    assert Flag.IGNORED not in shown.flags


async def test_cases_are_listed_by_their_state(two: Two) -> None:
    talk = Talk(two)
    await talk.requested()
    other = Talk(two)
    await other.send(other.ee, form("MLA_REQ"))

    async def listed(query: CaseQuery) -> list[str]:
        found, _ = await Cases(talk.ee.exchange).page(query, before=None, limit=10)
        return [one.row.case_id for one in found]

    assert await listed(CaseQuery()) == [other.case_id, talk.case_id]
    assert await listed(CaseQuery(state=State.RECEIVED)) == [talk.case_id]
    assert await listed(CaseQuery(is_open=False)) == []
    assert await listed(CaseQuery(stored=CaseFilter(msg_type="PRS_REQ"))) == []
