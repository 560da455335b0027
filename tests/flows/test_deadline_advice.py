"""What a peer announces is compared when it arrives, and never in the way."""

from gateway.core.canonical import JsonObject
from gateway.core.values import AuthorityId, MessageId
from gateway.flows.admission import Incoming
from gateway.flows.deadline_advice import DeadlineAdvice
from gateway.mla.deadlines import Terms
from gateway.mla.problems import Problem
from gateway.ports.cases import DocketRow
from gateway.ports.messages import Box
from tests.support.dockets import ASKED, Said, measures, said
from tests.support.surroundings import ManualClock

REQUEST = said("MLA_REQ", "2026-10-01", measures("A44"), instrument="EEV")


def _row(message: Said) -> DocketRow:
    return DocketRow(
        id=MessageId(message.id),
        box=Box(message.box),
        peer=AuthorityId(ASKED),
        state=message.state,
        accepted_at=message.accepted_at,
        problems=0,
        entry=message.entry,
    )


async def _advice(name: str, payload: JsonObject) -> list[Problem]:
    ack = said(name, "2026-10-02", payload, by=ASKED, to="MLA_REQ")
    arrived = Incoming(
        id=MessageId("ack"),
        peer=AuthorityId(ASKED),
        document=ack.entry,
        docket=[_row(REQUEST)],
    )
    return await DeadlineAdvice(Terms, ManualClock())(arrived)


async def test_an_announcement_that_differs_is_advice() -> None:
    told: JsonObject = {"deadlines": [{"rule": "D06", "due": "2026-10-30T23:59:59Z"}]}

    (problem,) = await _advice("ACK", told)
    assert (problem.pointer, problem.blocking) == ("/payload/deadlines/0/due", False)
    assert await _advice("STS", told) == []


async def test_an_announcement_that_agrees_says_nothing() -> None:
    told: JsonObject = {"deadlines": [{"rule": "D06", "due": "2026-10-12T23:59:59Z"}]}

    assert await _advice("ACK", told) == []


async def test_the_receipt_that_it_tells_counts() -> None:
    told: JsonObject = {
        "received_at": "2026-10-02T07:00:00Z",
        "deadlines": [{"rule": "D06", "due": "2026-10-12T23:59:59Z"}],
    }

    # From 2 October ten days end on the 12th, a Monday.
    assert await _advice("ACK", told) == []
